"""Files that a command is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from listdrop_cli.output import fail

_CHUNK = 1 << 20


def chunks(file: Path) -> Iterator[bytes]:
    """Yield a file's bytes."""
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            yield chunk


def text_of(file: Path) -> str:
    """Return a file's text, or end the command with a sentence if it has none."""
    try:
        return file.read_text("utf-8-sig")  # with the mark that Windows puts before it
    except UnicodeDecodeError:
        fail(f"{file} is not text in UTF-8.")
