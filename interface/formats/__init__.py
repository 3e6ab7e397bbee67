"""The wire format, text ⇄ typed records, and nothing else: no database, no clock, no settings."""
