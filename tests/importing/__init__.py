"""Recordings of other tools, made by hand here with one trap each, and the cassettes that they become."""
