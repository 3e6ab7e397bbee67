"""The commands of the log-in."""
