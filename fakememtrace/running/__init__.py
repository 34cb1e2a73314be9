"""Runs any Python program, unchanged, under a World of its own."""
