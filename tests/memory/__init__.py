"""Tests of the fake Memtrace server."""
