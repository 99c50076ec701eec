"""Facts about all bytes of a text that decide how it is read: above all, its encoding."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from listdrop.cells.patterns import lazy
from listdrop.errors import UploadRejectedError
from listdrop.tables.encodings import tell_encoding
from listdrop.tables.mojibake import mojibake_in
from listdrop.tables.unpacking import MAX_BYTES

MAX_LINE_BYTES = 16 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_START = 4096
_LINE_ENDS = lazy(rb"[\r\n]+")
_LONE_RETURN = lazy(rb"\r(?!\n)")
"""Found twenty times as fast as by leaving out each CRLF."""
_UTF8_LETTER = lazy(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ESCAPE = b"\x1b$"
"""How Japanese e-mail of old begins letters that are no ASCII (ISO-2022-JP)."""
_SAMPLE_BYTES = 128 << 10
_MORE_LINES = 256
_PIECE = 1 << 18
_COUNTED = 32 << 10
"""Bytes of each chunk in which line endings are counted, since most tell what all would."""
_FAR_MORE = 10


class Survey:
    """Looks at all bytes of a text, piece by piece."""

    def __init__(self) -> None:
        self.size = 0
        self.has_returns = False
        """Whether a CR may stand without an LF after it; in UTF-16, whether there is any CR."""
        self.mojibake = ""
        """Signs that stand where another letter was meant, as far as that can be told."""
        self._line = 0
        self._start = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_escape = False
        self._zeros = [0, 0]
        self._returns = 0
        self._feeds = 0
        self._ends_in_return = False
        self._end = b""

    def look(self, chunk: bytes) -> None:
        """Add the next bytes. Raises `UploadRejectedError` (`too_big`)."""
        if len(self._start) < _START:
            self._start = (self._start + chunk)[:_START]
        self._measure(chunk)
        if self._is_utf8:
            self._decode(chunk)
            # One byte is found far faster than two, and is in hardly any file.
            self._has_escape = self._has_escape or (_ESCAPE[:1] in chunk and _ESCAPE in chunk)
            self.mojibake = self.mojibake or mojibake_in(chunk)
        if b"\x00" in chunk:
            for parity in (0, 1):
                self._zeros[(self.size + parity) % 2] += chunk[parity::2].count(0)
        self.size += len(chunk)
        self._end = (self._end + chunk[-2:])[-2:]
        if self.size > MAX_BYTES:
            raise UploadRejectedError("too_big", f"The file is over {MAX_BYTES >> 20} MiB.")
        part = chunk[:_COUNTED]
        self._returns += part.count(b"\r")
        self._feeds += part.count(b"\n")
        if not self.has_returns:
            parted = self._ends_in_return and not chunk.startswith(b"\n")
            self._ends_in_return = chunk.endswith(b"\r")
            inner = chunk[:-1] if self._ends_in_return else chunk
            self.has_returns = parted or _LONE_RETURN.search(inner) is not None

    def _measure(self, chunk: bytes) -> None:
        """Refuse a line that is far too long. A piece is shorter than the limit."""
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line = self._line + len(chunk) if last < 0 else len(chunk) - last
        if self._line > MAX_LINE_BYTES:
            raise UploadRejectedError("too_big", f"A line is over {MAX_LINE_BYTES >> 20} MiB.")

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._utf8.decode(chunk, final=final)
        except UnicodeDecodeError:
            self._is_utf8 = False

    @property
    def is_open(self) -> bool:
        """Whether no line end follows the last line."""
        return not self._end.rstrip(b"\x00").endswith((b"\r", b"\n"))

    @property
    def newline(self) -> str:
        """The most frequent line ending. Cells may contain others; one line alone has none."""
        if self._returns and not self._feeds:
            return "\r"
        return "\n" if self._returns * 2 < self._feeds else "\r\n"

    def encoding(self, file: IO[bytes], told: str | None) -> str:
        """Decide: by the file's mark, by what the route tells, by rule, by what words look like.

        `file` is what was looked at. Raises `UploadRejectedError` (`not_text`).
        """
        if self._is_utf8:
            self._decode(b"", final=True)
        marked = next((name for bom, name in _BOMS if self._start.startswith(bom)), "")
        has_zeros = any(self._zeros)
        if marked == "utf-16" or (marked and self._is_utf8 and not has_zeros):
            return marked
        if marked:
            raise UploadRejectedError("not_text", "The file is marked as UTF-8, but it is not.")
        if told is not None:
            return told
        if has_zeros:
            return self._unmarked_utf16()
        if self._is_utf8:
            return "iso2022_jp" if self._has_escape and _is_japanese(self._start) else "utf-8"
        sample = _sample(file)
        if _is_damaged_utf8(sample):
            text = "The file is UTF-8 with damaged characters: export it again."
            raise UploadRejectedError("not_text", text)
        return tell_encoding(sample, is_mac=self.newline == "\r")

    def _unmarked_utf16(self) -> str:
        """Tell UTF-16 by its zeros: ASCII has one in every other byte, and others have few."""
        even, odd = self._zeros
        start = self._start[: len(self._start) // 2 * 2]
        for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
            if zeros > _FAR_MORE * others and 8 * zeros > self.size and self.size % 2 == 0:
                text = start.decode(encoding, "ignore")
                if text and all(sign.isprintable() or sign in "\t\r\n" for sign in text):
                    return encoding
        raise UploadRejectedError("not_text", "The file is not text: it contains zero bytes.")


def _is_japanese(start: bytes) -> bool:
    try:
        return not start.decode("iso2022_jp").isascii()
    except UnicodeDecodeError:
        return False


def _sample(file: IO[bytes]) -> bytes:
    """Return the first lines that have other bytes than ASCII, and later ones with new bytes."""
    found: list[bytes] = []
    seen: set[int] = set()
    size = more = 0
    for line in _lines(file):
        if line.isascii() or more > _MORE_LINES:
            continue
        if size > _SAMPLE_BYTES:
            if seen.issuperset(line):
                continue
            more += 1
        seen.update(line)
        size += len(line)
        found.append(line)
    return b"\n".join(found)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    rest = b""
    while piece := file.read(_PIECE):
        *lines, rest = _LINE_ENDS.split(rest + piece)
        yield from lines
    yield rest


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether most of the bytes that are no ASCII are letters of UTF-8."""
    high = sum(byte > 127 for byte in sample)  # the end of ASCII
    return 2 * sum(map(len, _UTF8_LETTER.findall(sample))) > high
