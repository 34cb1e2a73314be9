"""Recorded Claude: cassettes, matching, and the fake that plays them."""
