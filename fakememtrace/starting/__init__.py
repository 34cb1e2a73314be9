"""A working start in somebody's project: a first test, a first scenario and a workflow."""
