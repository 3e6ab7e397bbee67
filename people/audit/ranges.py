"""Many numbers in a short text: ``1-4,7,9-12``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def write_ranges(numbers: Iterable[int]) -> str:
    """The numbers, which must ascend, runs of them joined."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def read_ranges(text: str) -> Iterator[tuple[int, int]]:
    """First and last of each run; ValueError where it is no such text."""
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        yield int(first), int(last or first)
