"""Recording Claude: asking the real API, keeping what it answers, and saying beforehand what that will take."""
