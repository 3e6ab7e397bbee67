"""Values and lines as text and bytes: what keeps a value inside its column and a character inside its
encoding.

A column can only be shifted by the separator, and a line only be broken by a control character, so both
become a space before they are written. A character that the encoding lacks becomes its nearest plain letter.
Either is counted, so that an exchange's report can say how often it happened: never a crash, never a silent
``?``.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

SEPARATOR = "~"
ENCODINGS = ("iso-8859-1", "utf-8")

# The control characters (Unicode category Cc) and the two separators that text tools take for a line end.
CONTROL_CLASS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
CONTROLS = re.compile(f"[{CONTROL_CLASS}]")
_UNSAFE = re.compile(f"[~{CONTROL_CLASS}]")

# What each encoding has no byte for.
_LACKING = {"iso-8859-1": re.compile("[^\x00-\xff]"), "utf-8": re.compile("[\ud800-\udfff]")}

# Written for a character that is no letter and has no plain neighbour (an emoji, an ideograph): one visible
# capital, because a "?" or nothing at all would pass for the sender's own text.
LAST_RESORT = "X"

# What Unicode's own decompositions (NFKD) do not reach, for text as people type and paste it.
_NEAREST = {
    "ß": "ss", "ẞ": "SS", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d",
    "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "ĸ": "k",
    "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "Ə": "E", "ə": "e",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "ʻ": "'", "ʹ": "'", "′": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "‹": "<", "›": ">", "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\u02dc": "-", "～": "-",
    "…": "...", "•": "*", "⁄": "/", "€": "EUR", "№": "No",
}  # fmt: skip

_LETTER_NAME = re.compile(r"\b(CAPITAL|SMALL) (?:LETTER|LIGATURE) (.+?)(?: WITH .*)?$")


def clean(value: str) -> tuple[str, bool]:
    """The value as it may stand in a column, and whether it had to be changed for that."""
    if value.isprintable() and SEPARATOR not in value:
        return value, False
    safe = _UNSAFE.sub(" ", value)
    return safe, safe != value


def join(values: Sequence[str]) -> str:
    """A line of exactly these columns, whatever the values hold. ``Encoder.join`` also counts."""
    line = SEPARATOR.join(values)
    if line.isprintable() and line.count(SEPARATOR) == len(values) - 1:
        return line
    return SEPARATOR.join([clean(value)[0] for value in values])


def shown(value: str, limit: int = 10) -> str:
    """A short piece of what somebody sent, fit to stand in a message: cleaned, quoted and cut."""
    safe = clean(value[: limit + 1])[0]
    return f"'{safe}'" if len(safe) <= limit else f"'{safe[:limit]}...'"


class Encoder:
    """Writes the lines of one file in one encoding and keeps its two counts of warnings.

    ``cleaned`` counts values that held a separator or a control character, ``replaced`` characters written as
    something plainer.
    """

    def __init__(self, encoding: str) -> None:
        if encoding not in ENCODINGS:
            raise ValueError(f"Encoding {encoding!r} is not one of {', '.join(ENCODINGS)}.")
        self.encoding = encoding
        self.cleaned = 0
        self.replaced = 0

    def join(self, values: Sequence[str]) -> str:
        """A line of exactly these columns; values that had to be cleaned are counted."""
        line = SEPARATOR.join(values)
        if line.isprintable() and line.count(SEPARATOR) == len(values) - 1:
            return line
        cleaned = [clean(value) for value in values]
        self.cleaned += sum(changed for _, changed in cleaned)
        return SEPARATOR.join([value for value, _ in cleaned])

    def encode_line(self, line: str) -> bytes:
        """One line of the file, its LF included, from text whose separators are where the columns end."""
        if not line.isprintable() and CONTROLS.search(line):
            line = self.join(line.split(SEPARATOR))
        try:
            return line.encode(self.encoding) + b"\n"
        except UnicodeEncodeError:
            return self._plainer(line).encode(self.encoding) + b"\n"

    def _plainer(self, line: str) -> str:
        # Composed first: "e" and a combining acute are one letter that most encodings do have.
        return _LACKING[self.encoding].sub(self._replaced, unicodedata.normalize("NFC", line))

    def _replaced(self, found: re.Match[str]) -> str:
        self.replaced += 1
        return nearest(found[0], self.encoding)


@lru_cache(maxsize=4096)
def nearest(character: str, encoding: str) -> str:
    """The plain letters for a character that the encoding lacks; nothing for a bare or invisible mark."""
    plain = _NEAREST.get(character) or _decomposed(character, encoding) or _by_name(character)
    if plain:
        return plain
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""
    return " " if category == "Zs" else LAST_RESORT


def _decomposed(character: str, encoding: str) -> str:
    """By Unicode's compatibility decomposition, its marks dropped: ``ş`` → ``s``, ``ﬁ`` → ``fi``."""
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(_NEAREST.get(part, part) for part in parts if not unicodedata.combining(part))
    if kept == character or not all(_is_in(encoding, part) for part in kept):
        return ""
    # Some characters decompose into the separator itself, or into something invisible.
    return _UNSAFE.sub("-", kept)


def _by_name(character: str) -> str:
    """By the letter's own name: GREEK SMALL LETTER ALPHA → ``a``, CYRILLIC CAPITAL LETTER BE → ``B``."""
    found = _LETTER_NAME.search(unicodedata.name(character, ""))
    if found is None:
        return ""
    word = found[2].split()[-1]
    # CYRILLIC LETTER ER, ES, EM … are named as they are spoken.
    letter = word[1] if len(word) == 2 and word[0] == "E" else word[0]
    return letter if found[1] == "CAPITAL" else letter.lower()


@lru_cache(maxsize=4096)
def _is_in(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
