"""The door for models: the seven tools of Memtrace's MCP server, over stdio or within the process (extra ``mcp``).

Each tool sends the request that Memtrace's own MCP server sends, so dialects, faults, journal and clock are those of
every other door.  Only ``server`` and ``stdio`` need the SDK.
"""
