"""Rows in the text format of PostgreSQL's COPY, made a few hundred at a time.

A driver writes value by value, which costs more than PostgreSQL needs to store the row. Here one template is filled in
for a whole block, and the block is looked over: where a value holds what the format has a meaning for, the block is
made once more with every value escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

_BLOCK = 400
_ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
)
NULL = r"\N"


def blocks(
    rows: Sequence[Sequence[Any]],
    *,
    same: Sequence[Any] = (),
    times: Sequence[int] = (),
    with_bytes: bool = False,
) -> Iterator[str]:
    """These rows, all of the same width. Values are texts, numbers, dates, aware moments, flags and None.

    ``same`` are values that stand behind each row's own. ``times`` are the columns that hold nothing but dates or
    moments. Where values may be bytes as well, say so with ``with_bytes``.
    """
    tail = "".join(f"\t{_escaped(value)}" for value in same)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        yield escaped(block, tail) if with_bytes else _block(block, times, tail)


def _block(rows: Sequence[Sequence[Any]], times: Sequence[int], tail: str) -> str:
    columns = len(rows[0])
    values = list(chain.from_iterable(rows))
    for at in times:
        # The same few come again and again, and are slow to write.
        values[at::columns] = map(_time, values[at::columns])
    empty = values.count(None)
    if empty:
        values = [NULL if value is None else value for value in values]
    line = "\t".join(["%s"] * columns) + tail.replace("%", "%%") + "\n"
    text = line * len(rows) % tuple(values)
    is_plain = _is_plain(
        text,
        lines=len(rows),
        tabs=(columns - 1 + tail.count("\t")) * len(rows),
        escapes=empty + tail.count("\\") * len(rows),
    )
    return text if is_plain else escaped(rows, tail)


@lru_cache(maxsize=65536)
def _time(value: date | datetime | None) -> str | None:
    return None if value is None else str(value)


def _is_plain(text: str, *, lines: int, tabs: int, escapes: int) -> bool:
    """Nothing in it has a meaning for the format but what was put there for that."""
    return (
        text.count("\\") == escapes
        and "\r" not in text
        and text.count("\n") == lines
        and text.count("\t") == tabs
    )


def escaped(rows: Sequence[Sequence[Any]], tail: str = "") -> str:
    """The same rows, whatever their values hold; ``tail`` is escaped."""
    return "".join("\t".join(map(_escaped, row)) + tail + "\n" for row in rows)


def _escaped(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return str(value).translate(_ESCAPES)
