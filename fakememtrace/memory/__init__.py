"""The fake Memtrace server: one callable from request to response, and no HTTP library."""
