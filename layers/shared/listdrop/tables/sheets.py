"""A workbook's sheet as CSV: each cell as a person sees it, and what there is to say about it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from listdrop.cells.headers import fold
from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.cells.values import NO_RESULT
from listdrop.errors import UploadRejectedError
from listdrop.models import JobWarning
from listdrop.models.warnings import (
    FORMULAS_NOT_READ,
    HIDDEN_ROWS,
    LINKS_NOT_READ,
    SHEETS_NOT_READ,
)
from listdrop.tables.formats import Shown, plain, shower
from listdrop.tables.noting import hidden, unread_links, without_results
from listdrop.tables.parsing import DamagedError, Parser, too_many
from listdrop.tables.unpacking import MAX_COLUMNS
from listdrop.tables.workbooks import Sheet, Workbook, person_link, unescaped

_MAX_ROWS = 1 << 20
_LAST_COLUMN = 1 << 14
_MAX_ROW_CHARACTERS = 16 << 20
_PIECE = 1 << 18
_SMALL = 16 << 20
_MOST_GROWTH = 200
_HEADER_ROWS = 20
_LONGEST_PLAIN = 15
_EMPTY = "empty"
"""The kind of a cell whose formula has an empty text as its result."""
_LINK_FORMULA = lazy(r'\bHYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:,\s*"((?:[^"]|"")*)"\s*)?[,)]', re.I)
_ISO_MIDNIGHT = lazy(r"(\d{4}-\d\d-\d\d)(?:T00:00:00(?:\.0+)?Z?)?")
_PROFILE_HEADERS = frozenset(
    {"url", "link", "links", "li", "contactli", "personli", "web", "socialmedia"}
)


class SheetReader:
    """Reads one sheet of a workbook, once. `warnings` are complete when it has been read.

    There is nothing to say of the sheets that are `also_read`.
    """

    def __init__(
        self, book: Workbook, sheet: Sheet, also_read: Container[Sheet] = frozenset()
    ) -> None:
        self.warnings: list[JobWarning] = []
        self._book = book
        self._sheet = sheet
        self._also_read = also_read
        self._most = max(_SMALL, book.size * _MOST_GROWTH)

    def pieces(self) -> Iterator[bytes]:
        """Yield the sheet as CSV. Raises `UploadRejectedError` (`too_big`), and `DamagedError`."""
        cells = _Cells(self._book, self._sheet)
        text = io.StringIO(newline="")
        given = 0
        lines = _Lines(text, cells)
        with self._book.opened(self._sheet.part, None) as part:
            for _ in cells.parser().feed(part):
                if text.tell() > _PIECE:
                    given += text.tell()
                    if given > self._most:
                        raise too_many("long texts")
                    yield from _in_pieces(text)
        yield from _in_pieces(text)
        self._note(lines)

    def _note(self, lines: _Lines) -> None:
        if lines.hidden:
            self.warnings.append(JobWarning(code=HIDDEN_ROWS, text=hidden(lines.hidden)))
        others = [
            each
            for each in self._book.sheets
            if each.is_visible
            and each is not self._sheet
            and each not in self._also_read
            and self._book.has_cells(each)
        ]
        if others:
            count = f"{len(others):,} other sheets are" if len(others) > 1 else "another sheet is"
            text = f"Of the workbook, only the first sheet is read; {count} not."
            self.warnings.append(JobWarning(code=SHEETS_NOT_READ, text=text))
        if lines.unread_links:
            text = unread_links(lines.unread_links)
            self.warnings.append(JobWarning(code=LINKS_NOT_READ, text=text))
        if lines.unknown:
            text = without_results(lines.unknown)
            self.warnings.append(JobWarning(code=FORMULAS_NOT_READ, text=text))


def _in_pieces(text: io.StringIO) -> Iterator[bytes]:
    """Empty a text. Only half a character that a cell holds cannot be encoded."""
    written = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    for start in range(0, len(written), _PIECE):
        yield written[start : start + _PIECE]


class _Cells:
    """What the parser tells of rows and cells: hands each row to `take` when it is whole."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.take: Any = None
        self._book = book
        self._strings = book.strings()
        self._styles = book.styles()
        self._is_1904 = book.is_1904
        self.links: Mapping[str, str] = book.links(sheet)
        self._showers: dict[str, Shown] = {}
        self._columns: dict[str, int] = {}

    def parser(self) -> Parser:  # noqa: C901 # all state of a sheet
        """Return a parser of the sheet. It calls closures, as it does so ten million times."""
        row = 0
        is_hidden = is_reading = is_phonetic = is_inside = False
        cells: list[str] = []
        led: dict[int, str] = {}
        unknown: list[int] = []
        column = counted = characters = 0
        kind = style = place = value = formula = ""
        pieces: list[str] = []
        links, most = self.links, self._book.most_cells

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, is_hidden, is_reading, is_phonetic, is_inside, column, counted
            nonlocal kind, style, place, value, formula, characters
            if tag == "c" and is_inside:
                counted += 1
                if counted > most:
                    raise _too_many_cells(most)
                get = attributes.get
                place, kind, style = get("r", ""), get("t", "n"), get("s", "")
                value = formula = ""
                column = self._column(place, column)
            elif tag in ("v", "f"):
                pieces.clear()
                is_reading = True
            elif tag == "t":
                if not is_phonetic:
                    pieces.clear()
                    is_reading = True
            elif tag == "row":
                number = attributes.get("r", "")
                row = max(int(number) if number else 0, row + 1)
                if row > _MAX_ROWS:
                    raise too_many("rows")
                hides = attributes.get("hidden")
                is_hidden = hides in ("1", "true")
                column = characters = 0
                is_inside = True
            elif tag == "rPh":
                is_phonetic = True

        def finish() -> None:
            """End a cell."""
            nonlocal characters
            text = self._text(kind, style, value)
            if formula:
                text = _of_link(formula, text, led, column)
                if not (text or value) and kind != _EMPTY:
                    unknown.append(column)
            if links and (target := links.get(place)):
                led.setdefault(column, target)
            if not text:
                return
            if column > MAX_COLUMNS:
                raise _too_wide()
            if column > len(cells):
                cells.extend([""] * (column - len(cells)))
            cells[column - 1] = text
            characters += len(text)
            if characters > _MAX_ROW_CHARACTERS:
                raise too_many("long texts")

        def end(tag: str) -> None:
            nonlocal is_reading, is_phonetic, is_inside, kind, value, formula
            if tag == "c":
                if is_inside and (value or formula):
                    finish()
            elif tag == "v":
                is_reading = False
                value = "".join(pieces)
                if not value and kind == "str":
                    kind = _EMPTY
            elif tag == "t" and is_reading:
                is_reading = False
                value += "".join(pieces)
            elif tag == "f":
                is_reading = False
                formula = "".join(pieces) or "="  # or it is another cell's, too
            elif tag == "row":
                self.take(row, cells, led, unknown, is_hidden)
                cells.clear()
                led.clear()
                unknown.clear()
                is_inside = False
            elif tag == "rPh":
                is_phonetic = False
            elif tag == "sheetData":  # the rest has to be XML, and that is all
                found.only_check()

        def data(text: str) -> None:
            if is_reading:
                pieces.append(text)

        found = Parser(self._book.most_elements, start, end, data)
        return found

    def _column(self, place: str, before: int) -> int:
        """Return the number of the column in a reference; the next if there is none."""
        letters = place.rstrip("0123456789")
        if not letters:
            return before + 1
        found = self._columns.get(letters, 0)
        if not found:
            for letter in letters.upper():
                if not "A" <= letter <= "Z" or found > _LAST_COLUMN:
                    raise DamagedError("a reference that is none")
                found = found * 26 + ord(letter) - 64
            self._columns[letters] = found
        return found

    def _text(self, kind: str, style: str, value: str) -> str:
        """Return a cell as a person sees it."""
        if not value:
            return ""
        if kind == "s":
            return self._strings[int(value)]
        if kind in ("inlineStr", "str"):
            return unescaped(value)
        if kind == "b":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        if kind == "e":
            return value
        if kind == "d":
            found = _ISO_MIDNIGHT.fullmatch(value)
            return found[1] if found else value.replace("T", " ")
        show = self._showers.get(style) or self._shower(style)
        if show is plain and value.isdigit() and len(value) <= _LONGEST_PLAIN and value[0] != "0":
            return value
        return show(float(value))

    def _shower(self, style: str) -> Shown:
        number = 0
        if style.isdecimal() and int(style) < len(self._styles.formats):
            number = self._styles.formats[int(style)]
        code = self._styles.codes.get(number, "")
        is_general = not number or code.lower() == "general"
        found = plain if is_general else shower(number, code, is_1904=self._is_1904)
        self._showers[style] = found
        return found


def _of_link(formula: str, text: str, led: dict[int, str], column: int) -> str:
    """Take the link of a formula that is one; return the cell's text, which may be not stored."""
    if "HYPERLINK" not in formula.upper():
        return text
    found = _LINK_FORMULA.search(formula)
    if found is None:
        if "linkedin.com" in formula.lower():
            led.setdefault(column, "")
        return text
    target = found[1].replace('""', '"')
    if link := person_link(target):
        led[column] = link
    return text or (found[2] or "").replace('""', '"') or target


def _too_many_cells(most: int) -> UploadRejectedError:
    text = f"The sheet has over {most:,} cells. Save it as CSV, and drop that."
    return UploadRejectedError("too_big", text)


def _too_wide() -> UploadRejectedError:
    return UploadRejectedError("too_big", f"The sheet has over {MAX_COLUMNS} columns.")


class _Lines:
    """Writes rows, each at least as wide as those before: a sheet does not store empty cells."""

    def __init__(self, text: io.StringIO, cells: _Cells) -> None:
        self.hidden = self.unread_links = 0
        self.unknown: Counter[int] = Counter()
        """The cells by column that have a formula without its result."""
        self._text = text
        self._writer = csv.writer(text)
        self._width = self._written = 0
        self._profiles: set[int] = set()
        self._addresses: set[int] = set()
        cells.take = self.take

    def take(
        self,
        row: int,
        cells: list[str],
        led: Mapping[int, str],
        unknown: Sequence[int],
        is_hidden: bool,  # noqa: FBT001 # the parser's handler calls it
    ) -> None:
        """Write a row, after the blank ones before it."""
        if led:
            self._follow(cells, led)
        if unknown:
            self._fill(cells, unknown)
        if not cells:
            return
        self._text.write("\r\n" * (row - self._written - 1))
        self._written = row
        if row <= _HEADER_ROWS:
            self._look_at_headers(cells)
        self.hidden += is_hidden
        missing = self._width - len(cells)
        if missing < 0:
            self._width = len(cells)
        self._writer.writerow(cells + [""] * missing)

    def _look_at_headers(self, cells: Sequence[str]) -> None:
        for column, cell in enumerate(cells, 1):
            name = fold(cell)
            if "linkedin" in name or "profil" in name or name in _PROFILE_HEADERS:
                self._profiles.add(column)
            elif "mail" in name and "@" not in name:
                self._addresses.add(column)

    def _follow(self, cells: list[str], led: Mapping[int, str]) -> None:
        """Put links in the place of cells that should have an address, and have none."""
        unread = False
        for column, target in led.items():
            text = cells[column - 1] if column <= len(cells) else ""
            if not target:
                unread = True
            elif "@" in target and not profile_slug(target):
                if column in self._addresses and "@" not in text:
                    self._put(cells, column, target)
            elif column in self._profiles and not profile_slug(text):
                self._put(cells, column, target)
            else:
                unread = unread or not profile_slug(text)
        if unread and not any("linkedin." in cell and profile_slug(cell) for cell in cells):
            self.unread_links += 1

    def _fill(self, cells: list[str], unknown: Sequence[int]) -> None:
        """Show that the results of formulas are not there, but in no row that has nothing else."""
        self.unknown.update(unknown)
        for column in unknown if any(cells) else ():
            if column <= self._width and not "".join(cells[column - 1 : column]):
                self._put(cells, column, NO_RESULT)

    @staticmethod
    def _put(cells: list[str], column: int, text: str) -> None:
        cells.extend([""] * (column - len(cells)))
        cells[column - 1] = text
