"""The fake against a deliberately naive model, door against door, dialect against dialect."""
