"""XML parsed as it streams by, with bounds on all that a parser keeps in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any
from xml.parsers import expat  # nosec B407 # no entity is ever declared: see `_refuse`

from listdrop.errors import UploadRejectedError

_PIECE = 1 << 13
"""Small, as each piece may name a hundred long texts of the strings."""
_MAX_NAMES = 1_000
_MAX_DEPTH = 100
_MAX_TAG = 2 << 20

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]
Data = Callable[[str], None]


class DamagedError(ValueError):
    """A workbook says what cannot be."""


def local(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return attributes without their namespaces."""
    return {name.rpartition(" ")[2]: value for name, value in attributes.items()}


class Names(dict[str, str]):
    """Names of elements without their namespace, which strict workbooks change.

    The parser remembers every name, so there may not be millions.
    """

    def __missing__(self, name: str) -> str:
        if len(self) == _MAX_NAMES:
            raise DamagedError("a workbook has a few dozen kinds of elements")
        found = self[name] = name.rpartition(" ")[2]
        return found


class Parser:
    """Parses parts as they stream by, with bounds on all that a parser keeps in memory.

    `most` is how many elements there may be.
    """

    def __init__(
        self, most: int, start: Start, end: End | None = None, data: Data | None = None
    ) -> None:
        self._most = most
        self._start = start
        self._end = end
        self._names = Names()
        self._attributes: set[str] = set()
        self._depth = self._elements = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        if data:
            self._parser.CharacterDataHandler = data

    def only_check(self) -> None:
        """Tell of nothing more that is parsed."""
        self._start = self._end = None  # type: ignore[assignment]
        self._parser.CharacterDataHandler = None

    def feed(self, part: IO[bytes]) -> Iterator[None]:
        """Parse a part piece by piece."""
        fed = 0
        while piece := part.read(_PIECE):
            self._parser.Parse(piece, False)  # noqa: FBT003 # it knows it by its place only
            fed += len(piece)
            if fed - self._parser.CurrentByteIndex > _MAX_TAG:
                raise DamagedError("an element that goes on and on")
            yield
        self._parser.Parse(b"", True)  # noqa: FBT003 # nor here
        yield

    def _begin(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH:
            raise DamagedError("elements in elements in elements")
        if self._elements > self._most:
            raise too_many("cells")
        if attributes and not attributes.keys() <= self._attributes:
            self._attributes |= attributes.keys()
            if len(self._attributes) > _MAX_NAMES:
                raise DamagedError("a workbook has a few dozen kinds of attributes")
        tag = self._names[name]
        if self._start is not None:
            self._start(tag, attributes)

    def _finish(self, name: str) -> None:
        self._depth -= 1
        if self._end is not None:
            self._end(self._names[name])


def _refuse(*_: Any) -> None:
    """Refuse to declare entities, which may expand without end."""
    raise DamagedError("a workbook declares no document type")


def too_many(what: str) -> UploadRejectedError:
    """Return the error for a workbook that has more of something than is read."""
    text = f"The workbook has too many {what}. Save it as CSV, and drop that."
    return UploadRejectedError("too_big", text)
