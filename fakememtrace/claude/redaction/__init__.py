"""Secrets out of what is written: the kinds of them, and where in a text they stand."""
