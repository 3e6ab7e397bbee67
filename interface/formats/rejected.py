"""The rejected lines of a completions file as a file of their own: to be corrected, and sent again as the next one.

Written block by block, however many lines there are: what the trailer counts is known when it is reached.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from interface.formats.envelope import Header, write_header, write_trailer
from interface.formats.text import Encoder

_BLOCK = 1000


def rejected_file(header: Header, lines: Iterable[str], *, encoding: str) -> Iterator[bytes]:
    """Its bytes: the header, these lines as they came and in their order, and the trailer."""
    encoder = Encoder(encoding)
    yield encoder.encode_line(write_header(header))
    count, coming = 2, iter(lines)
    while block := list(islice(coming, _BLOCK)):
        count += len(block)
        yield b"".join(map(encoder.encode_line, block))
    yield encoder.encode_line(write_trailer(count))
