"""Chips and codes: a state in words with a colour beside it, the same on every list and page of the console."""

from __future__ import annotations

from typing import Final, Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString

Tone = Literal["good", "warn", "bad", "note", "calm"]
# What the first letter of an answer's code says (wire format): done, done with a remark, not done, file refused.
TONES: Final[dict[str, Tone]] = {"I": "good", "W": "warn", "E": "bad", "F": "bad"}
KINDS: Final = {"I": "done", "W": "warning", "E": "failed", "F": "file refused"}


def chip(text: object, tone: Tone = "calm") -> SafeString:
    """A state. The words alone say it; the colour helps to find it."""
    return format_html('<span class="chip {}">{}</span>', tone, text)


def code(value: str, meaning: str = "") -> SafeString:
    """The code of an answer, with what it means for whoever points at it; nothing for no code."""
    if not value:
        return SafeString("")
    spoken = meaning or KINDS.get(value[:1], "")
    return format_html('<span class="code {}" title="{}">{}</span>', tone_of(value), spoken, value)


def tone_of(value: str) -> Tone:
    """The tone of a code."""
    return TONES.get(value[:1], "calm")


def opens(address: str, what: object) -> SafeString:
    """A link to the page of a row; who hears it read hears of which row, too."""
    return format_html('<a href="{}">Open<span class="visually-hidden"> {}</span></a>', address, what)
