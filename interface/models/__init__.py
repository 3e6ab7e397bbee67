"""Connections to LMSs, their mapping, and the ledgers of what came in and what went out."""

from interface.models.advice import Advice
from interface.models.calendar import FileCalendar
from interface.models.connection import Connection, Encoding, Restriction
from interface.models.export import Export, ExportState
from interface.models.extract import ExtractHold, ForeseenChange, HoldState
from interface.models.inbound import InboundFile, InboundKind, InboundRecord, InboundState
from interface.models.mapping import Direction, ExpiryRule, Mapping
from interface.models.outbound import OutboundFile, OutboundHold, OutboundKind
from interface.models.replay import OpenFailure, Replay, ReplayedRecord
from interface.models.sent import CarriedPerson, SentPicture
from interface.models.undo import ElementBefore, Undo
from interface.models.upload import Upload, UploadState

__all__ = [
    "Advice",
    "CarriedPerson",
    "Connection",
    "Direction",
    "ElementBefore",
    "Encoding",
    "ExpiryRule",
    "Export",
    "ExportState",
    "ExtractHold",
    "FileCalendar",
    "ForeseenChange",
    "HoldState",
    "InboundFile",
    "InboundKind",
    "InboundRecord",
    "InboundState",
    "Mapping",
    "OpenFailure",
    "OutboundFile",
    "OutboundHold",
    "OutboundKind",
    "Replay",
    "ReplayedRecord",
    "Restriction",
    "SentPicture",
    "Undo",
    "Upload",
    "UploadState",
]
