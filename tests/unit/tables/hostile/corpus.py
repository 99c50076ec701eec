"""All kinds of hostile input. `HUGE` ones take seconds each, and are for `make bench`."""

from __future__ import annotations

from tests.unit.tables.hostile import cells, encodings, gzips, quoting, shapes
from tests.unit.tables.hostile.containers import CONTAINERS
from tests.unit.tables.hostile.kind import Kind

HUGE: list[Kind] = shapes.HUGE + gzips.HUGE
KINDS: list[Kind] = [
    *encodings.TEXTS,
    *encodings.NO_TEXTS,
    *gzips.WHOLE,
    *gzips.DAMAGED,
    *quoting.SPECTRUM,
    *quoting.QUOTES,
    *quoting.DELIMITERS,
    *quoting.LINES,
    *shapes.HEADERS,
    *shapes.RAGGED,
    *shapes.FOOTERS,
    *shapes.SIZES,
    *cells.CELLS,
]
EVERY: dict[str, Kind] = {kind.name: kind for kind in (*KINDS, *CONTAINERS, *HUGE)}
