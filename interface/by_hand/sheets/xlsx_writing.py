"""A workbook written row by row: every cell is text, so that a spreadsheet keeps leading zeros and calculates nothing.

Its XML goes into the archive as the rows come: memory stays flat, and a row costs a twentieth of what a library that
can do everything takes for it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from types import TracebackType
from typing import IO, BinaryIO, Final, Self
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from people.harmless import made_harmless

# What XML 1.0 cannot hold, whichever way it is written.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Spreadsheets take _x0041_ for a letter A: the underscore before it is written so itself.
_LIKE_AN_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Columns are text (format 49, "@") as far as anybody fills them; the header is bold and stays in sight.
_SHEET: Final = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="100" width="18" style="1" customWidth="1"/></cols><sheetData>'
)
_SHEET_END: Final = "</sheetData></worksheet>"
_TEXT: Final = 'numFmtId="49" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    f'<cellXfs count="3"><xf xfId="0"/><xf {_TEXT} fontId="0"/><xf {_TEXT} fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_BODY, _HEADER = 1, 2


class XlsxWriter:
    """Sheets one after the other, each from its first row to its last."""

    def __init__(self, file: BinaryIO, *, title: str = "rows") -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._titles: list[str] = []
        self._letters: list[str] = []
        self._sheet: IO[bytes]
        self._begin(title)

    def another_sheet(self, title: str) -> None:
        """What is written from now on stands on another sheet, which an upload does not look at."""
        self._end()
        self._begin(title)

    def _begin(self, title: str) -> None:
        self._titles.append(title)
        self._row = 0
        self._sheet = self._archive.open(f"xl/worksheets/sheet{len(self._titles)}.xml", "w")
        self._sheet.write(_SHEET.encode())

    def _end(self) -> None:
        self._sheet.write(_SHEET_END.encode())
        self._sheet.close()

    def write(self, cells: Iterable[str], *, is_header: bool = False) -> None:
        """One row."""
        self._row += 1
        row, style = self._row, _HEADER if is_header else _BODY
        texts = list(cells)
        while len(self._letters) < len(texts):
            self._letters.append(get_column_letter(len(self._letters) + 1))
        written = "".join(
            f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_written(text)}</t></is></c>'
            for letter, text in zip(self._letters, texts, strict=False)
            if text
        )
        self._sheet.write(f'<row r="{row}">{written}</row>'.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is in the file, which stays open."""
        self._end()
        for name, content in self._frame():
            self._archive.writestr(name, content)
        self._archive.close()

    def _frame(self) -> Iterable[tuple[str, str]]:
        """What makes sheets a workbook."""
        numbers = range(1, len(self._titles) + 1)
        yield "xl/styles.xml", _STYLES
        sheets = "".join(
            f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>'
            for number, title in zip(numbers, self._titles, strict=True)
        )
        yield (
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        )
        targets = [(f"worksheets/sheet{number}.xml", "worksheet") for number in numbers]
        yield "xl/_rels/workbook.xml.rels", _relations([*targets, ("styles.xml", "styles")])
        yield "_rels/.rels", _relations([("xl/workbook.xml", "officeDocument")])
        parts = [("workbook", "sheet.main"), ("styles", "styles")]
        parts += [(f"worksheets/sheet{number}", "worksheet") for number in numbers]
        yield "[Content_Types].xml", _content_types(parts)


def _relations(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _content_types(parts: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{relations}"/>'
        f"{rows}</Types>"
    )


def _written(text: str) -> str:
    safe = made_harmless(text)
    if not safe.isprintable():
        # A carriage return is a line break like any other: XML would make one of it.
        safe = _ILLEGAL.sub("�", safe).replace("\r\n", "\n").replace("\r", "\n")
    if "_x" in safe:
        safe = _LIKE_AN_ESCAPE.sub("_x005F_", safe)
    return escape(safe)


def read_back(text: str) -> str:
    """The text of a cell as it was before ``_`` was written as spreadsheets want it."""
    return _ESCAPED.sub("_", text) if "_x005F_" in text else text
