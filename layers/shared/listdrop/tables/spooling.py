"""An upload's bytes in a temporary file, unpacked, and the encoding they are in."""

from __future__ import annotations

import codecs
import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from listdrop.errors import UploadRejectedError
from listdrop.models import Container
from listdrop.tables.unpacking import MAX_BYTES, Package, take_out, unpacked

MAX_LINE_BYTES = 16 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_IN_CP1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_LONGEST_BOM = 3
_LONE_RETURN = re.compile(rb"\r[^\n]")


@dataclass(frozen=True, slots=True)
class Spool:
    """A table's bytes, unpacked, in a temporary file; `sha256` is of those it was packed in.

    `has_returns` says that a CR alone may end a line; `newline` is what most lines end in.
    """

    file: IO[bytes]
    container: Container
    encoding: str
    has_returns: bool
    newline: str
    sha256: str


def spool(package: Package, table: str = "") -> Spool:
    """Unpack an upload, or one table of an archive, and decide its encoding.

    UTF-8 and UTF-16 by their mark, else strict UTF-8, else cp1252 (Mac Roman where lines end in CR
    alone). The caller closes the spool's file, and an archive's; any other package's file is taken
    over. Raises `UploadRejectedError`: `empty_file`, `not_text`, `too_big`, `bad_archive`.
    """
    if table:
        package = take_out(package, table)
    with ExitStack() as stack:
        packed = stack.enter_context(package.file)
        seen = _Survey()
        if package.container is Container.NONE:
            file = packed
            for chunk in unpacked(package):
                seen.look(chunk)
        else:
            file = stack.enter_context(tempfile.TemporaryFile())
            for chunk in unpacked(package):
                seen.look(chunk)
                file.write(chunk)
        encoding = seen.encoding()
        found = Spool(
            file, package.container, encoding, seen.has_returns, seen.newline, package.sha256
        )
        stack.pop_all()
    if file is not packed:
        packed.close()
    return found


class _Survey:
    """What has to be known of all bytes before the encoding can be decided."""

    def __init__(self) -> None:
        self.size = 0
        self._line = 0
        self._start = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_letters = False
        self._has_nul = False
        self._has_unmapped = False
        self._returns = 0
        self._feeds = 0
        self.has_returns = False
        """Whether a CR may be without an LF after it; in UTF-16, whether there is any."""
        self._ends_in_return = False

    def look(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        if self.size < _LONGEST_BOM:
            self._start = (self._start + chunk)[:_LONGEST_BOM]
        self.size += len(chunk)
        if self.size > MAX_BYTES:
            raise UploadRejectedError("too_big", f"The file is over {MAX_BYTES >> 20} MiB.")
        self._measure(chunk)
        self._decode(chunk)
        self._has_nul = self._has_nul or b"\x00" in chunk
        self._returns += chunk.count(b"\r")
        self._feeds += chunk.count(b"\n")
        if not self.has_returns:
            parted = self._ends_in_return and not chunk.startswith(b"\n")
            self.has_returns = parted or _LONE_RETURN.search(chunk) is not None
            self._ends_in_return = chunk.endswith(b"\r")
        if not self._is_utf8 and not self._has_unmapped:
            self._has_unmapped = len(chunk.translate(None, _UNDEFINED_IN_CP1252)) != len(chunk)

    def _measure(self, chunk: bytes) -> None:
        """Refuse a line that is far too long. Pieces are shorter, so that only runs count."""
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line = self._line + len(chunk) if last < 0 else len(chunk) - last
        if self._line > MAX_LINE_BYTES:
            raise UploadRejectedError("too_big", f"A line is over {MAX_LINE_BYTES >> 20} MiB.")

    def encoding(self) -> str:
        """Decide. Raises `UploadRejectedError` (`not_text`)."""
        self._decode(b"", final=True)
        marked = next((name for bom, name in _BOMS if self._start.startswith(bom)), "")
        if marked == "utf-16" or (marked and self._is_utf8 and not self._has_nul):
            return marked
        if marked:
            raise UploadRejectedError("not_text", "The file says that it is UTF-8, but it is not.")
        if self._has_nul:
            raise UploadRejectedError("not_text", "The file is not text: it contains zero bytes.")
        if self._is_utf8:
            return "utf-8"
        if self._has_letters:  # which another encoding would silently turn into other letters
            text = "The file is UTF-8 with damaged characters in it: export it again."
            raise UploadRejectedError("not_text", text)
        if self._returns and not self._feeds:
            return "mac_roman"
        if self._has_unmapped:
            raise UploadRejectedError("not_text", "The file is not text in any known encoding.")
        return "cp1252"

    @property
    def newline(self) -> str:
        """What most lines end in. Cells may hold other ends; a file of one line has no end."""
        if self._returns and not self._feeds:
            return "\r"
        return "\n" if self._returns * 2 < self._feeds else "\r\n"

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        if self._is_utf8:
            try:
                text = self._utf8.decode(chunk, final=final)
            except UnicodeDecodeError as error:
                self._is_utf8 = False
                text = bytes(error.object[: error.start]).decode()
            self._has_letters = self._has_letters or not text.isascii()
