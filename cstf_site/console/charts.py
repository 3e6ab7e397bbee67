"""Geometry of the console's charts: numbers in, places out. Templates draw them as SVG, each with its table.

No chart says anything by colour alone: every bar and cell has a title, and the table beside it has every number. Units
are those of the drawing's own coordinates; the page scales it to its room.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from people.dates import short, weekday

WIDTH: Final = 640
HEIGHT: Final = 200
LEFT: Final = 46
BOTTOM: Final = 24
TOP: Final = 8
GAP: Final = 0.25  # of a bar's room
MOST_LABELS: Final = 8
CELL: Final = 20
LANE: Final = 56  # a lane with its name above it
LANE_HEAD: Final = 20
LANE_BAR: Final = 24
SUM: Final = 90  # room for a lane's sum behind its longest bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle, with what it says."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place: a tick of the scale, or a day under its bar."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars over days, stacked where a day has several parts."""

    bars: Sequence[Bar]
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a lane: how much, in which tone, and what it is in words."""

    count: int
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: its name above it, its bars, and its sum behind them."""

    name: Mark
    total: Mark
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Horizontal bars one below the other, each of parts."""

    lanes: Sequence[Lane]
    height: int
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Night:
    """One night of a strip. ``tone`` is empty where nothing happened and nothing should have."""

    on: date
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A night at its place."""

    x: float
    night: Night


@dataclass(frozen=True, slots=True)
class Strip:
    """Nights side by side, oldest first."""

    cells: Sequence[Cell]
    width: int
    height: int = CELL
    size: int = CELL


def by_day(counts: Sequence[tuple[date, int]], *, tone: str = "note") -> Bars:
    """One bar a day."""
    return stacked([(on, {tone: count}) for on, count in counts])


def stacked(days: Sequence[tuple[date, Mapping[str, int]]]) -> Bars:
    """One bar a day, of parts by tone: the first part stands on the ground."""
    top = scale(max((sum(parts.values()) for _, parts in days), default=0))
    room = (WIDTH - LEFT) / max(len(days), 1)
    bars = [
        bar
        for place, (on, parts) in enumerate(days)
        for bar in _stack(on, parts, x=LEFT + room * (place + GAP / 2), width=room * (1 - GAP), top=top)
    ]
    return Bars(bars, _ticks(top), _labels([on for on, _ in days], room))


def _stack(on: date, parts: Mapping[str, int], *, x: float, width: float, top: int) -> list[Bar]:
    bars: list[Bar] = []
    ground = float(HEIGHT - BOTTOM)
    for tone, count in parts.items():
        if count:
            # A part of one in ten thousand is still to be seen.
            height = max(count / top * (HEIGHT - BOTTOM - TOP), 1.5)
            ground -= height
            title = f"{weekday(on)}: {count:,}"
            bars.append(Bar(round(x, 2), round(ground, 2), round(width, 2), round(height, 2), tone, title))
    return bars


def lanes(rows: Sequence[tuple[str, Sequence[Part]]]) -> Lanes:
    """A lane for each row, all to one scale: the longest takes the whole width but for its sum."""
    most = max((sum(part.count for part in parts) for _, parts in rows), default=0)
    drawn = [
        _lane(name, parts, top=place * LANE, most=max(most, 1)) for place, (name, parts) in enumerate(rows)
    ]
    return Lanes(drawn, max(len(rows), 1) * LANE)


def _lane(name: str, parts: Sequence[Part], *, top: int, most: int) -> Lane:
    bars: list[Bar] = []
    at = 0.0
    for part in parts:
        if part.count:
            # A part of one in ten thousand is still to be seen.
            width = max(part.count / most * (WIDTH - SUM), 2.0)
            title = f"{name}, {part.words}: {part.count:,}"
            bars.append(Bar(round(at, 2), top + LANE_HEAD, round(width, 2), LANE_BAR, part.tone, title))
            at += width
    total = Mark(round(at + 8, 2), top + LANE_HEAD + LANE_BAR - 7, f"{sum(part.count for part in parts):,}")
    return Lane(Mark(0, top + LANE_HEAD - 6, name), total, bars)


def scale(most: int) -> int:
    """The top of the scale: the least of 1, 2, 5, 10, 20 … that holds the greatest value, and never 0."""
    if most <= 1:
        return 1
    magnitude: int = 10 ** int(math.log10(most))
    return next(step * magnitude for step in (1, 2, 5, 10) if step * magnitude >= most)


def _ticks(top: int) -> list[Mark]:
    height = HEIGHT - BOTTOM - TOP
    values = [0, top] if top == 1 else [0, top // 2, top] if top % 2 == 0 else [0, top]
    return [Mark(LEFT, round(HEIGHT - BOTTOM - value / top * height, 2), f"{value:,}") for value in values]


def _labels(days: Sequence[date], room: float) -> list[Mark]:
    every = max(math.ceil(len(days) / MOST_LABELS), 1)
    return [
        Mark(round(LEFT + room * (place + 0.5), 2), HEIGHT - 6, short(on))
        for place, on in enumerate(days)
        if place % every == 0
    ]


def strip(nights: Sequence[Night]) -> Strip:
    """The nights as a row of cells."""
    cells = [Cell(place * CELL, night) for place, night in enumerate(nights)]
    return Strip(cells, max(len(cells), 1) * CELL)
