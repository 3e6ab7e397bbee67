"""The decision on one inbound record: pure, without database, clock or files (wire format §4 and §5)."""
