"""Outbound: what holds today, what the partner was last sent, and the files that carry the difference."""
