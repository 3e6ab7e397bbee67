"""The checks of a whole inbound file, before the first of its records is looked at (P2).

One pass over the bytes, in flat memory, answers with the facts of a sound file or with the refusal of any
other. Here are the checks that need the file and its connection's fixed settings alone: F01 to F06 and F10.
F07, F08 and F09 need what has been received before.
"""

import codecs
from dataclasses import dataclass
from io import BytesIO

from interface.formats import envelope, names
from interface.formats.envelope import Header, ReseedRequest
from interface.formats.lines import MAX_LINE, Readable, blocks_of_lines
from interface.formats.names import FileName


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a sound file says of itself. ``records`` counts the non-blank lines between HDR and TRL."""

    name: FileName
    header: Header
    records: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a file is applied, and what of its name and header could be read all the same.

    ``line_number`` is None where the refusal is about the whole file.
    """

    code: str
    message: str
    line_number: int | None = None
    name: FileName | None = None
    header: Header | None = None


class Watched:
    """The file, watched block by block for what no text holds: NUL, and bytes not of the encoding."""

    def __init__(self, file: Readable, encoding: str) -> None:
        self._file = file
        # Every byte is a character of ISO-8859-1.
        self._decoder = None if encoding == "iso-8859-1" else codecs.getincrementaldecoder(encoding)("strict")
        self.fault = ""

    def read(self, size: int, /) -> bytes:
        block = self._file.read(size)
        if not self.fault and b"\0" in block:
            self.fault = "the file holds NUL bytes: it is not a text file"
        if not self.fault and self._decoder is not None:
            try:
                self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                self.fault = f"the file holds bytes that are not {error.encoding}"
        return block


@dataclass(frozen=True, slots=True)
class _Ends:
    """The first and the last line of a file, and how many there are."""

    first: bytes
    first_number: int
    last: bytes
    last_number: int
    count: int


def check(
    file: Readable,
    *,
    encoding: str,
    file_name: str,
    vpd: str | None,
    sub_type: str | None,
    size: int,
    limit: int,
    kind: str = "LCU",
) -> FileFacts | Refusal:
    """A completions file's facts, or the first reason to refuse it, in the order F10, F04, F01, F05, F04,
    F06, F02, F03.

    ``vpd`` and ``sub_type`` are the connection's; None leaves them unchecked. ``size`` and ``limit`` are
    bytes. The file is read from where it stands to its end, except one that is too large, of which only the
    header is read.
    """
    name = _completions_name(file_name, kind)
    if size > limit:
        start = _read_ends(BytesIO(file.read(MAX_LINE + 2)))
        message = f"the file has {size} bytes, more than the limit of {limit}"
        return Refusal("F10", message, None, name, _header(start, encoding))
    watched = Watched(file, encoding)
    ends = _read_ends(watched)
    header = _header(ends, encoding)
    if watched.fault:
        return Refusal("F04", watched.fault, None, name, header)
    if fault := _header_fault(ends, header, name, file_name, vpd, sub_type, kind):
        return Refusal(*fault, ends.first_number, name, header)
    if fault := trailer_fault(ends.last, ends.count):
        return Refusal(*fault, ends.last_number, name, header)
    assert name is not None
    assert header is not None
    return FileFacts(name, header, ends.count - 2)


def check_reseed(
    file: Readable, *, encoding: str, file_name: str, vpd: str, sub_type: str, size: int, limit: int
) -> ReseedRequest | Refusal:
    """A re-seed request (GDR), or the reason to refuse it: one header line, no trailer, no sequence."""
    name = names.parse(file_name)
    if size > limit:
        return Refusal("F10", f"the file has {size} bytes, more than the limit of {limit}", None, name)
    watched = Watched(file, encoding)
    ends = _read_ends(watched)
    request = envelope.read_reseed_request(ends.first.decode(encoding, "replace"))
    if watched.fault:
        return Refusal("F04", watched.fault, None, name)
    if request is None or ends.count != 1:
        return Refusal("F01", "a re-seed request is one line, HDR, file name and timestamp", None, name)
    fault = name_fault(name, file_name, request.file_name, "GDR", sub_type) or vpd_fault(vpd, name)
    return Refusal(*fault, ends.first_number, name) if fault else request


Fault = tuple[str, str]


def _read_ends(file: Readable) -> _Ends:
    first: tuple[int, bytes] | None = None
    last, count, number = (1, b""), 0, 0
    for lines in blocks_of_lines(file):
        # Nearly always there is no blank line: then the block is not gone through line by line.
        few = lines if len(lines) < 3 or not all(map(bytes.strip, lines)) else [lines[0], lines[-1]]
        between = len(lines) - len(few)
        for at, line in enumerate(few):
            line = line.removesuffix(b"\r")
            if line.lstrip(b" "):
                last = (number + 1 + at + (between if at else 0), line[: MAX_LINE + 1])
                first = first or last
                count += 1
        count, number = count + between, number + len(lines)
    first = first or last
    return _Ends(first[1], first[0], last[1], last[0], count)


def _header(ends: _Ends, encoding: str) -> Header | None:
    # Of a refused file as much is wanted as can be had, so a bad byte elsewhere in the line does no harm.
    return envelope.read_header(ends.first.decode(encoding, "replace"))


def _header_fault(
    ends: _Ends,
    header: Header | None,
    name: FileName | None,
    file_name: str,
    vpd: str | None,
    sub_type: str | None,
    kind: str,
) -> Fault | None:
    if header is None:
        return "F01", why_no_header(ends.first)
    if fault := name_fault(name, file_name, header.file_name, kind, sub_type):
        return fault
    if header.version != envelope.VERSION:
        return "F04", f"the header's version is not {envelope.VERSION}"
    return vpd_fault(vpd, name, header)


def why_no_header(first: bytes) -> str:
    """Why the first line is not a header."""
    if first.startswith(codecs.BOM_UTF8):
        return "the file starts with a byte order mark, not with HDR"
    if not first.startswith(b"HDR"):
        return "the file does not start with a header (HDR)"
    return "the header (HDR) does not have its seven columns, or its timestamps are not real ones"


def name_fault(
    name: FileName | None, file_name: str, name_in_header: str, kind: str, sub_type: str | None
) -> Fault | None:
    """What is wrong with the file's name, and with what the header says it is."""
    if name is None or name.kind != kind:
        return "F05", f"the file name does not follow the pattern of {kind} files"
    if name_in_header != file_name:
        return "F05", "the header names another file"
    if sub_type is not None and name.sub_type != sub_type:
        return "F05", f"the sub-type in the file name is not {sub_type}"
    return None


def vpd_fault(vpd: str | None, name: FileName | None, header: Header | None = None) -> Fault | None:
    """Whether name and header are of this VPD; where None is given, of the same."""
    named = name.vpd if name else ""
    expected = vpd or named
    if named != expected or (header is not None and header.vpd != expected):
        return "F06", f"the VPD is not {expected}"
    return None


def trailer_fault(last: bytes, lines: int) -> Fault | None:
    """What is wrong with the last line as the trailer of a file of so many lines."""
    count = envelope.read_trailer(last.decode("ascii", "replace"))
    if count is None:
        return "F02", "the file does not end with a trailer (TRL and a count): it may be cut off"
    if count != lines:
        return "F03", f"the trailer counts {count} lines, the file has {lines}"
    return None


def _completions_name(file_name: str, kind: str) -> FileName | None:
    name = names.parse(file_name)
    return name if name is not None and name.kind == kind else None
