"""In what a program differs on another Memtrace, and why."""
