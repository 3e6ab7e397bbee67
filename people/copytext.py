"""Rows in the text format of PostgreSQL's COPY, made a few hundred at a time.

A driver writes value by value, which costs more than PostgreSQL needs to store the row. Here one template is filled in
for a whole block, and the block is looked over: where a value holds what the format has a meaning for, the block is
made once more with every value escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

_BLOCK = 400
_ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
)
NULL = r"\N"


class Text:
    """Writes rows of so many columns to ``write``. Values are texts, numbers, dates, aware moments, flags and None.

    Where they may be bytes as well, say so with ``with_bytes``.
    """

    def __init__(self, columns: int, write: Callable[[str], object], *, with_bytes: bool = False) -> None:
        self._columns = columns
        self._with_bytes = with_bytes
        self._template = "\t".join(["%s"] * columns) + "\n"
        self._write = write

    def extend(self, rows: Sequence[Sequence[Any]], /) -> None:
        """These rows as well."""
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            if self._with_bytes:
                self._write(escaped(block))
                continue
            values = list(chain.from_iterable(block))
            empty = values.count(None)
            if empty:
                values = [NULL if value is None else value for value in values]
            text = self._template * len(block) % tuple(values)
            self._write(text if self._is_plain(text, len(block), empty) else escaped(block))

    def _is_plain(self, text: str, rows: int, empty: int) -> bool:
        """Nothing in it has a meaning for the format but what was put there for that."""
        return (
            text.count("\\") == empty
            and "\r" not in text
            and text.count("\n") == rows
            and text.count("\t") == rows * (self._columns - 1)
        )


def escaped(rows: Sequence[Sequence[Any]]) -> str:
    """The same rows, whatever their values hold."""
    return "".join("\t".join(map(_escaped, row)) + "\n" for row in rows)


def _escaped(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return str(value).translate(_ESCAPES)
