"""Workbooks (.xlsx, strict or not): which of their parts is what.

Parts are parsed as they stream by, and nothing is built of what is not needed. Each is bounded: a
file of 20 KB may claim to hold 17 thousand million cells.
"""

from __future__ import annotations

import posixpath
import zipfile
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import IO, NamedTuple
from urllib.parse import unquote

from listdrop.cells.emails import is_email
from listdrop.cells.patterns import lazy
from listdrop.cells.profiles import profile_slug
from listdrop.errors import UploadRejectedError
from listdrop.tables.parsing import Attributes, DamagedError, Parser, Start, local, too_many

MAX_PART = 4 << 20
_MAX_STRINGS = 64 << 20
_MAX_LINKS = 32 << 20
_MAX_SHEETS = 1_000
MAX_CELLS = 5_000_000
"""Cells are read ten times as slowly as those of a CSV file: these take half a minute."""
_FREE_CELLS = 300_000
"""A file may have as many cells, and one more for two of its bytes: nobody's has half of that."""
_MAX_RELATIONS = 200_000
_MAX_LINKED = 100_000
_LOOK_FOR_CELLS = 1 << 20
_VALUE = lazy(rb"<(?:\w+:)?(?:v|is)\b")
_LINKS = lazy(rb"<(?:\w+:)?hyperlinks\b")
_LINK = lazy(rb"<(?:\w+:)?hyperlink\b([^>]*)>")
_ATTRIBUTE = lazy(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_ESCAPED = lazy(r"_x([0-9A-Fa-f]{4})_")


class Sheet(NamedTuple):
    """A worksheet as the workbook lists it."""

    name: str
    part: str
    is_visible: bool


@dataclass(slots=True)
class Styles:
    """Formats of numbers by the number of a cell's style."""

    codes: dict[int, str] = field(default_factory=dict)
    formats: array[int] = field(default_factory=lambda: array("i"))


class Strings:
    """The shared strings, as bytes: four million short ones would take 250 MB otherwise."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")

    def add(self, text: str) -> None:
        """Add the next one."""
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends):
            raise DamagedError("a string that is not there")
        start = self._ends[place - 1] if place else 0
        return self._bytes[start : self._ends[place]].decode("utf-8", "surrogatepass")


class _StringsListener:
    """Adds each string that a parser tells of, but not how it is pronounced."""

    def __init__(self, found: Strings) -> None:
        self._found = found
        self._pieces: list[str] = []
        self._is_text = self._is_phonetic = False

    def start(self, tag: str, _: Attributes) -> None:
        """An element begins."""
        if tag == "t":
            self._is_text = not self._is_phonetic
        elif tag == "rPh":
            self._is_phonetic = True

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "t":
            self._is_text = False
        elif tag == "si":
            self._found.add(unescaped("".join(self._pieces)))
            self._pieces.clear()
        elif tag == "rPh":
            self._is_phonetic = False

    def data(self, text: str) -> None:
        """Take in text."""
        if self._is_text:
            self._pieces.append(text)


class Workbook:
    """The parts of a workbook. Raises what the parser and the archive raise for damaged ones."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        checked: Callable[[zipfile.ZipInfo], zipfile.ZipInfo],
        size: int,
    ) -> None:
        self.size = size
        self.most_cells = min(MAX_CELLS, _FREE_CELLS + size // 2)
        self.most_elements = _FREE_CELLS + 3 * self.most_cells
        self._archive = archive
        self._checked = checked
        self._parts = {
            info.filename.replace("\\", "/").lower(): info for info in archive.infolist()
        }
        self._main = self._target_of("_rels/.rels", "", "/officeDocument") or "xl/workbook.xml"
        self.is_1904 = False
        self.sheets = self._sheets()

    @property
    def first(self) -> Sheet:
        """The first sheet that can be seen. Raises `DamagedError` if there is none."""
        sheet = next((each for each in self.sheets if each.is_visible), None)
        if sheet is None:
            raise DamagedError("no sheet that can be seen")
        return sheet

    # ------------------------------------------------------------ parts

    def opened(self, part: str, most: int | None = MAX_PART) -> IO[bytes]:
        """Open a part. Raises `KeyError`, and `UploadRejectedError` (`too_big`)."""
        info = self._checked(self._parts[part.lower()])
        if most is not None and info.file_size > most:
            text = "The workbook holds more than cells: save it as CSV, and drop that."
            raise UploadRejectedError("too_big", text)
        return self._archive.open(info)

    def _elements(self, part: str, start: Start, most: int | None = MAX_PART) -> None:
        """Call for each element of a part that there is."""
        with self.opened(part, most) as file:
            for _ in Parser(self.most_elements, start).feed(file):
                pass

    def _relations(self, part: str, base: str, most: int = MAX_PART) -> Iterator[tuple[str, ...]]:
        """Yield identifier, kind and target of what a part is related to."""
        found: list[tuple[str, ...]] = []
        if part.lower() not in self._parts:
            return

        def start(name: str, attributes: Attributes) -> None:
            if name == "Relationship":
                if len(found) == _MAX_RELATIONS:
                    raise too_many("links")
                each = local(attributes)
                target = each.get("Target", "")
                if each.get("TargetMode") != "External":
                    target = posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")
                found.append((each.get("Id", ""), each.get("Type", ""), target))

        self._elements(part, start, most)
        yield from found

    def _target_of(self, part: str, base: str, kind: str) -> str:
        relations = self._relations(part, base)
        return next((target for _, found, target in relations if found.endswith(kind)), "")

    def _main_relations(self) -> Iterator[tuple[str, ...]]:
        base, _, name = self._main.rpartition("/")
        return self._relations(f"{base}/_rels/{name}.rels", base)

    def _part(self, kind: str, usual: str) -> str:
        """Return the part of a kind; empty if there is none."""
        found = next(
            (target for _, each, target in self._main_relations() if each.endswith(kind)), ""
        )
        part = found or usual
        return part if part.lower() in self._parts else ""

    def _sheets(self) -> list[Sheet]:
        parts = {
            each: target
            for each, kind, target in self._main_relations()
            if kind.endswith("/worksheet")
        }
        found: list[Sheet] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                self.is_1904 = local(attributes).get("date1904") in ("1", "true")
            elif name == "sheet":
                each = local(attributes)
                if len(found) == _MAX_SHEETS:
                    text = f"The workbook has over {_MAX_SHEETS:,} sheets."
                    raise UploadRejectedError("too_big", text)
                if each.get("id", "") in parts:
                    is_visible = each.get("state", "visible") == "visible"
                    found.append(Sheet(each.get("name", ""), parts[each["id"]], is_visible))

        self._elements(self._main, start)
        return found

    # ------------------------------------------------------------ what is in them

    def strings(self) -> Strings:
        """Return the shared strings, without what says how they are pronounced."""
        found = Strings()
        part = self._part("/sharedStrings", "xl/sharedStrings.xml")
        if not part:
            return found
        listener = _StringsListener(found)
        with self.opened(part, _MAX_STRINGS) as file:
            for _ in Parser(self.most_elements, listener.start, listener.end, listener.data).feed(
                file
            ):
                pass
        return found

    def styles(self) -> Styles:
        """Return the formats of the styles that cells have."""
        found = Styles()
        part = self._part("/styles", "xl/styles.xml")
        if not part:
            return found
        is_cells = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal is_cells
            if name == "numFmt":
                each = local(attributes)
                number = each.get("numFmtId", "")
                if number.isdecimal():
                    found.codes.setdefault(int(number), each.get("formatCode", ""))
            elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                is_cells = name == "cellXfs"
            elif name == "xf" and is_cells:
                number = attributes.get("numFmtId", "0")
                found.formats.append(int(number) if number.isdecimal() else 0)

        self._elements(part, start)
        return found

    def links(self, sheet: Sheet) -> dict[str, str]:
        """Return where cells lead, by their reference, if that is to a person."""
        base, _, name = sheet.part.rpartition("/")
        wanted = {
            each: link
            for each, kind, target in self._relations(f"{base}/_rels/{name}.rels", base, _MAX_LINKS)
            if kind.endswith("/hyperlink") and (link := person_link(target))
        }
        if not wanted:
            return {}
        found: dict[str, str] = {}
        for attributes in _LINK.finditer(self._after_cells(sheet)):
            each = {
                key.rpartition(b":")[2]: unescape((one or other).decode("utf-8", "replace"))
                for key, one, other in _ATTRIBUTE.findall(attributes[1])
            }
            if len(found) == _MAX_LINKED:
                raise too_many("links")
            if each.get(b"id", "") in wanted:
                found[each.get(b"ref", "").partition(":")[0]] = wanted[each[b"id"]]
        return found

    def _after_cells(self, sheet: Sheet) -> bytes:
        """Return the end of a sheet, from where it lists its links."""
        kept = bytearray()
        with self.opened(sheet.part, None) as file:
            while piece := file.read(1 << 16):
                kept += piece
                start = _LINKS.search(kept)
                if start is None:
                    del kept[:-32]
                elif len(kept) > _MAX_LINKS:
                    text = "The sheet has too many links: save it as CSV, and drop that."
                    raise UploadRejectedError("too_big", text)
                else:
                    del kept[: start.start()]
                    kept += file.read(_MAX_LINKS)
        return bytes(kept) if _LINKS.match(kept) else b""

    def has_cells(self, sheet: Sheet) -> bool:
        """Whether there is anything in a sheet, as far as its beginning tells."""
        try:
            with self.opened(sheet.part, None) as file:
                return _VALUE.search(file.read(_LOOK_FOR_CELLS)) is not None
        except KeyError:
            return False


def unescaped(text: str) -> str:
    """Return a text in which `_xHHHH_` is the character that XML could not hold."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: _character(match[1], match[0]), text)
    try:  # two halves of one character
        return found.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return text


def _character(digits: str, written: str) -> str:
    """Return a character by its number, but not the one that no text has."""
    return chr(int(digits, 16)) if int(digits, 16) else written


@lru_cache(maxsize=1024)
def person_link(target: str) -> str:
    """Return a link if it leads to somebody: a profile as it is, an address without `mailto:`."""
    if target[:7].lower() == "mailto:":
        address = unquote(target[7:].partition("?")[0]).strip()
        return address if is_email(address) else ""
    return target if profile_slug(target) else ""
