"""Connections to LMSs, their mapping, and the ledgers of what came in and what went out."""

from interface.models.connection import Connection, Encoding, Restriction
from interface.models.inbound import InboundFile, InboundKind, InboundRecord, InboundState
from interface.models.mapping import Direction, ExpiryRule, Mapping
from interface.models.outbound import OutboundFile, OutboundHold, OutboundKind, SentRecord

__all__ = [
    "Connection",
    "Direction",
    "Encoding",
    "ExpiryRule",
    "InboundFile",
    "InboundKind",
    "InboundRecord",
    "InboundState",
    "Mapping",
    "OutboundFile",
    "OutboundHold",
    "OutboundKind",
    "Restriction",
    "SentRecord",
]
