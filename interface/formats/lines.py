"""The lines of a file as they come: numbered from 1, split at LF and nothing else, in flat memory.

``str.splitlines`` would also split at NEL, form feed and a dozen more, which are data in ISO-8859-1;
iterating over the file would hold a whole file without line ends in memory.
"""

from collections.abc import Iterator
from typing import Protocol

MAX_LINE = 8192
_BLOCK = 1 << 18


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def numbered_lines(file: Readable, first: int = 1) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number, without its LF or CRLF.

    Blank lines (nothing or spaces) are left out, but count. Of a line longer than ``MAX_LINE`` bytes only the
    beginning is kept, which is still longer than ``MAX_LINE``. ``first`` is the number of the line at which
    the file stands.
    """
    number = first - 1
    for lines in blocks_of_lines(file):
        for line in lines:
            number += 1
            if line[-1:] == b"\r":
                line = line[:-1]
            if line.lstrip(b" "):
                yield number, line if len(line) <= MAX_LINE else line[: MAX_LINE + 1]


def blocks_of_lines(file: Readable) -> Iterator[list[bytes]]:
    """The file's lines, blank ones too, in lists of those that end within one block; the last by itself.

    A line is as it stands between two LF; of one that is too long the beginning, which is still too long.
    """
    rest = b""
    while block := file.read(_BLOCK):
        lines = block.split(b"\n")
        lines[0] = rest + lines[0]
        # Two bytes more than a line may have, so that a CR at the cut cannot make a long line look short.
        rest = lines.pop()[: MAX_LINE + 2]
        yield lines
    yield [rest]
