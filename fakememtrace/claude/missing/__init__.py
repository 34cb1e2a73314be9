"""A request to Claude that no recording answers: why, and what to do.  Imported when there is one."""
