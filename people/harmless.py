"""Text that a spreadsheet would take for a formula, made harmless in files that we write, and read back as it was."""

from __future__ import annotations

from typing import Final

# What Excel, Calc or Sheets begin to calculate at. A full-width sign is turned into the plain one by some of them.
_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTE: Final = "'"


def made_harmless(text: str) -> str:
    """With an apostrophe before it where a spreadsheet would calculate; before another such apostrophe too."""
    return _QUOTE + text if _is_marked(text) or text.startswith(_BEGINS) else text


def as_meant(text: str) -> str:
    """The text before ``made_harmless`` added to it; any other text as it is."""
    return text[1:] if _is_marked(text) else text


def _is_marked(text: str) -> bool:
    return text.startswith(_QUOTE) and text.lstrip(_QUOTE).startswith(_BEGINS)
