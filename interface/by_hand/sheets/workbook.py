"""Whether a file that says it is a workbook may be opened at all: looked at as a ZIP archive, before any XML is parsed.

A workbook of a few kilobytes can unpack to gigabytes, name entities that multiply, or carry programs. Each of these is
found here in flat memory: sizes are the archive's own, and no part is read beyond the size it states.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from interface.by_hand.sheets.limits import MEBIBYTE, Limits
from interface.by_hand.sheets.row import refused

_MOST_PARTS: Final = 500
# Of a part larger than a mebibyte. Sheets of equal rows reach forty; a bomb a thousand.
_MOST_SHRUNK: Final = 200
# Parts that are held in memory whole while a sheet is read.
_MOST_HELD: Final = 64 * MEBIBYTE
_HELD: Final = ("xl/sharedstrings.xml", "xl/styles.xml", "xl/workbook.xml")
_PROGRAMS: Final = ("vbaproject", "activex", "macrosheets", "dialogsheets", "embeddings")
_BLOCK: Final = 1 << 16
_XML: Final = (".xml", ".rels", ".vml")
_FORBIDDEN: Final = (b"<!DOCTYPE", b"<!ENTITY")
_SAVE: Final = "save it as a plain workbook (.xlsx) or as “CSV UTF-8”"


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Return where the archive is harmless. Raises SheetRefusedError otherwise."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts, limits)
            for part in parts:
                if part.filename.casefold().endswith(_XML):
                    _check_xml(_blocks(archive, part), part.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise refused(f"the workbook is damaged and cannot be opened: {_SAVE}") from None


def _check_parts(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > _MOST_PARTS:
        raise refused(f"the workbook has {len(parts)} parts, more than {_MOST_PARTS}: {_SAVE}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        most = limits.unpacked // MEBIBYTE
        raise refused(f"the workbook unpacks to more than {most} MB: upload fewer rows at a time")
    for part in parts:
        _check_part(part)


def _check_part(part: zipfile.ZipInfo) -> None:
    name = part.filename.casefold()
    if part.flag_bits & 1:
        raise refused(f"the workbook is protected by a password: take it off, or {_SAVE}")
    if any(program in name for program in _PROGRAMS):
        raise refused(f"the workbook holds macros or other programs: {_SAVE}")
    if part.file_size > MEBIBYTE and part.file_size > _MOST_SHRUNK * max(part.compress_size, 1):
        raise refused(f"a part of the workbook unpacks to more than {_MOST_SHRUNK} times its size: {_SAVE}")
    if name.lstrip("/") in _HELD and part.file_size > _MOST_HELD:
        raise refused("the workbook holds too much text: upload fewer rows at a time, or as CSV")


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Its bytes, each block with the end of the one before it."""
    tail = b""
    with archive.open(part) as reading:
        while block := reading.read(_BLOCK):
            yield tail + block
            tail = block[-16:]


def _check_xml(blocks: Iterator[bytes], name: str) -> None:
    for block in blocks:
        # UTF-16 would hide what is looked for: no program writes workbooks in it.
        if b"\0" in block or any(word in block.upper() for word in _FORBIDDEN):
            raise refused(f"a part of the workbook ({name[:60]!a}) declares what no workbook needs: {_SAVE}")
