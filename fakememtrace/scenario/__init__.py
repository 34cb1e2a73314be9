"""Scenarios: a program as a user writes it, its script, its cassette and what must hold."""
