"""The CSTF interface: connections, mapping, wire formats, inbound, outbound, confirmations."""
