"""The text of a spool, piece by piece and line by line, without blanks that belong to no cell."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Self

from listdrop.cells.patterns import lazy
from listdrop.errors import UploadRejectedError
from listdrop.tables.spooling import Spool

_BLOCK_BYTES = 256 << 10
_MAX_ROW_BLOCKS = 64
_LINE = lazy(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Text:
    """The text of a spool, in pieces that end with a line, or with the text.

    `reads` counts the pieces. A row that is too long is refused while it is read.
    """

    def __init__(self, source: Spool) -> None:
        self.reads = 0
        self.has_returns = source.has_returns
        """Whether a line may end in a CR alone; where none does, CR and LF end one together."""
        self._source = source
        self._row_began = 0

    def row_ended(self) -> None:
        """Note that a row is complete."""
        self._row_began = self.reads

    def pieces(self) -> Iterator[str]:
        """Yield the text, from the start of the spool."""
        rest = ""
        try:
            for text in self._decoded():
                self.reads += 1
                if self.reads - self._row_began > _MAX_ROW_BLOCKS:
                    raise UploadRejectedError("too_big", "A row goes on for over 16 MiB.")
                end = self._last_line_end(text)
                if end:
                    yield rest + text[:end]
                    rest = text[end:]
                else:
                    rest += text
        except UnicodeError as error:
            raise UploadRejectedError("not_text", "The file's encoding is broken.") from error
        if rest:
            yield rest

    def _last_line_end(self, text: str) -> int:
        end = text.rfind("\n") + 1
        if self.has_returns:  # an LF may follow the last CR of all
            end = max(end, text.rfind("\r", 0, -1) + 1)
        return end

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


class Lines:
    """The lines of a text one by one, with their endings, or what is left of a piece at once."""

    def __init__(self, text: Text) -> None:
        self._pieces = text.pieces()
        self._has_returns = text.has_returns
        self._piece = ""
        self._place = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while self.is_at_end:
            self._piece, self._place = next(self._pieces), 0
        start = self._place
        self._place = self._end_of_line(start)
        return self._piece[start : self._place]

    def _end_of_line(self, start: int) -> int:
        if not self._has_returns:  # one sign is found far faster than two
            return self._piece.find("\n", start) + 1 or len(self._piece)
        return _LINE.match(self._piece, start).end()  # type: ignore[union-attr] # matches anything

    @property
    def is_at_end(self) -> bool:
        """Whether a piece ends here."""
        return self._place == len(self._piece)

    def rest(self) -> str:
        """Return the text up to the end of a piece; none if the text ends."""
        while self.is_at_end:
            piece = next(self._pieces, None)
            if piece is None:
                return ""
            self._piece, self._place = piece, 0
        return self._piece[self._place :]

    def rest_and_more(self) -> str:
        """Add the next piece to `rest`, and return both; none if the text ends."""
        piece = next(self._pieces, "")
        if not piece:
            return ""
        self._piece, self._place = self._piece[self._place :] + piece, 0
        return self._piece

    def skip(self, characters: int) -> None:
        """Go on after the first characters of what `rest` returned."""
        self._place += characters


class Tightener:
    """Leaves out blanks beside quotation marks, which belong to no cell: `"Ada", "Lovelace"`."""

    def __init__(self, delimiter: str) -> None:
        blanks = " *" if delimiter == "\t" else "[ \\t]*"
        self._delimiter = delimiter
        self._opening = re.compile(rf'({blanks})"((?:[^"]|"")*+)')
        self._rest = re.compile(r'(?:[^"]|"")*+')
        self._closing = re.compile(rf'"{blanks}(?={re.escape(delimiter)}|[\r\n]|$)')
        mark, some = re.escape(delimiter), f"{blanks[:-1]}+"
        # Each begins with its own sign, which is found far faster than one of several.
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
        has_tabs = "\t" in text  # one sign is found far faster than two
        is_before = ' "' in text or (has_tabs and '\t"' in text)
        is_after = '" ' in text or (has_tabs and '"\t' in text)
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
