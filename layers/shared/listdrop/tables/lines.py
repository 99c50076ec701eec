"""The lines of a spool: decoded, parted, and without blanks that belong to no cell."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Self

from listdrop.errors import UploadRejectedError
from listdrop.tables.spooling import Spool

_BLOCK_BYTES = 64 << 10
_MAX_ROW_BLOCKS = 256
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Text:
    """The physical lines of a spool, read in pieces.

    Lines come without their line ending; `end` is the ending of all lines of the last piece, and
    `has_ends` whether some of its lines may have one all the same. `reads` counts the pieces. A row
    that is too long is refused while it is read.
    """

    def __init__(self, source: Spool) -> None:
        self.reads = 0
        self.end = ""
        self.has_ends = False
        self._source = source
        self._row_began = 0

    def row_ended(self) -> None:
        """Note that a row is complete."""
        self._row_began = self.reads

    def lines(self) -> Iterator[list[str]]:
        """Yield lists of lines, from the start of the spool."""
        try:
            at_returns = self._source.has_returns
            for lines, end, has_ends in _split(self._decoded(), at_returns=at_returns):
                self.end, self.has_ends = end, has_ends
                self.reads += 1
                if self.reads - self._row_began > _MAX_ROW_BLOCKS:
                    raise UploadRejectedError("too_big", "A row goes on for over 16 MiB.")
                yield lines
        except UnicodeError as error:
            raise UploadRejectedError("not_text", "The file's encoding is broken.") from error

    def _decoded(self) -> Iterator[str]:
        file, encoding = self._source.file, self._source.encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        for piece in iter(lambda: file.read(_BLOCK_BYTES), b""):
            text = decoder.decode(piece)
            if encoding.startswith("utf-16") and "\x00" in text:
                raise UploadRejectedError("not_text", "The file is not text: it has zero bytes.")
            yield text
        yield decoder.decode(b"", final=True)


def _split(pieces: Iterable[str], *, at_returns: bool) -> Iterator[tuple[list[str], str, bool]]:
    """Split text into lines at LF and CRLF. Yield lists of lines with the ending to add to them.

    With `at_returns`, also split at CR alone; then lines keep their endings, and the ending to
    add is empty. Otherwise it is CRLF where there is no other CR or LF in a piece; else it is LF,
    and a line that ended in CRLF still has its CR. Also yield whether any line may have a CR or LF.
    """
    rest = ""
    for piece in pieces:
        text, end = rest + piece, "\n"
        returns = text.count("\r")
        if at_returns:
            lines, end = _LINE.findall(text), ""
        elif returns and returns == text.count("\r\n") == text.count("\n"):
            end, returns = "\r\n", 0
            lines = text.split(end)
        else:
            lines = text.split(end)
        rest = lines.pop() if lines else ""
        yield lines, end, at_returns or returns > 0
    if rest:
        yield [rest], "", True


class Lines:
    """The lines of a text one by one, or what is left of a piece at once."""

    def __init__(self, text: Text) -> None:
        self._pieces = text.lines()
        self._piece: list[str] = []
        self._place = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while self.is_at_end:
            self._piece, self._place = next(self._pieces), 0
        self._place += 1
        return self._piece[self._place - 1]

    @property
    def is_at_end(self) -> bool:
        """Whether a piece ends here."""
        return self._place == len(self._piece)

    def rest(self) -> list[str]:
        """Return the lines up to the end of a piece; none are left at the end of the text."""
        while self.is_at_end:
            piece = next(self._pieces, None)
            if piece is None:
                return []
            self._piece, self._place = piece, 0
        return self._piece[self._place :]

    def skip(self, lines: int) -> None:
        """Go on after the first lines of what `rest` returned."""
        self._place += lines


class Tightener:
    """Leaves out blanks beside quotation marks, which belong to no cell: `"Ada", "Lovelace"`."""

    def __init__(self, delimiter: str) -> None:
        blanks = " *" if delimiter == "\t" else "[ \\t]*"
        self._delimiter = delimiter
        self._opening = re.compile(rf'({blanks})"((?:[^"]|"")*+)')
        self._rest = re.compile(r'(?:[^"]|"")*+')
        self._closing = re.compile(rf'"{blanks}(?={re.escape(delimiter)}|[\r\n]|$)')
        mark, some = re.escape(delimiter), f"{blanks[:-1]}+"
        # Each begins with a sign of its own, which is found far faster than one of several.
        self._before = re.compile(rf'{mark}{some}"')
        self._after = re.compile(rf'"{some}(?:{mark}|[\r\n]|$)', re.M)
        self._first = re.compile(rf'\n{some}"')
        self._is_usual = False

    def start(self, line: str) -> str:
        """Return the line where a row starts without those blanks."""
        return self._tightened(line, 0, []) if self.has_blanks(line) else line

    def follow(self, line: str) -> str:
        """Return a further line of a row, which begins within a quoted cell."""
        if not self.has_blanks(line):
            return line
        end = self._ended(self._rest, line, 0)
        if end is None:
            return line
        closing = line.index('"', self._rest.match(line).end())  # type: ignore[union-attr] # matches anything
        found = [line[: closing + 1]]
        return self._tightened(line, self._next(line, end, found), found)

    def has_blanks(self, *lines: str) -> bool:
        """Whether there are such blanks; within a cell there may be some that are none of them."""
        text = "\n".join(("", *lines))
        is_before, is_after = ' "' in text or '\t"' in text, '" ' in text or '"\t' in text
        return (
            is_before
            and (self._before.search(text) is not None or self._first.search(text) is not None)
        ) or (is_after and self._after.search(text) is not None)

    def _tightened(self, line: str, place: int, found: list[str]) -> str:
        while place < len(line):
            opening = self._opening.match(line, place)
            end = self._ended(self._opening, line, place) if opening else None
            if opening and end is not None:
                self._is_usual = self._is_usual or bool(opening[1])
                found.append(f'"{opening[2]}"')
                place = self._next(line, end, found)
            elif opening and opening.end() == len(line) and (self._is_usual or not opening[1]):
                found.append(f'"{opening[2]}')  # the cell goes on in the next line
                place = len(line)
            elif opening and not opening[1]:  # a quote that stands alone is for the parser to find
                found.append(line[place:])
                place = len(line)
            else:
                place = self._next(line, place, found)
        return "".join(found)

    def _ended(self, pattern: re.Pattern[str], line: str, place: int) -> int | None:
        """Return where the blanks end that follow a quoted cell; none if it does not end."""
        text = pattern.match(line, place)
        closing = self._closing.match(line, text.end()) if text else None
        return closing.end() if closing else None

    def _next(self, line: str, place: int, found: list[str]) -> int:
        """Take over what there is up to the next cell; return where that begins."""
        end = line.find(self._delimiter, place) + 1 or len(line)
        found.append(line[place:end])
        return end
