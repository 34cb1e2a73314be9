"""Memory evals as tests of pytest: marked, scored one by one, and gated together at the end of the run."""
