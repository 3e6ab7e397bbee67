"""The other two ends of the wire, an LMS and a staff record, which know the wire format alone."""
