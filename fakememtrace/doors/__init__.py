"""The doors of a world: the only rooms that know an HTTP library."""
