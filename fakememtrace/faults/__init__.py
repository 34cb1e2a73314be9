"""Scripted trouble: what goes wrong, where, after how many calls, and how often."""
