"""The verbs of the recovery side."""

from __future__ import annotations

from interface.recovery.preview import preview
from interface.recovery.replay import ReplayRefusedError, replay
from interface.recovery.undo import UndoRefusedError, undo

__all__ = ["ReplayRefusedError", "UndoRefusedError", "preview", "replay", "undo"]
