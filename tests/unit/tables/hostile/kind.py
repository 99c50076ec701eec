"""What a kind of hostile input is: how it is built, and what must become of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PIECE = 1 << 16

ADA = ("ada@example.com", "Ada", "linkedin.com/in/ada-lovelace")
GRACE = ("grace@example.com", "Grace", "linkedin.com/in/grace-hopper")
SECRETS = ("ada", "grace", "example", "lovelace", "hopper", "xyzzy")
"""Words that stand in the cells of every kind, and so must not be in what is said of it."""


@dataclass(frozen=True)
class Kind:
    """A kind of upload, and either the one reason that it is rejected for, or its rows.

    `cells` and `lines` are chosen rows, by number. `sent` is how many rows ActiveCampaign and
    Kakiyo would get. `plan_reason` is why a table is rejected although its rows can be read.
    """

    name: str
    chunks: Callable[[], Iterable[bytes]]
    reason: str = ""
    rows: int = 0
    cells: Mapping[int, Sequence[str]] = field(default_factory=dict)
    lines: Mapping[int, int] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    header_line: int = 0
    sent: tuple[int, int] | None = None
    file_name: str = "people.csv"
    plan_reason: str = ""


def in_pieces(content: bytes, size: int = PIECE) -> Iterator[bytes]:
    """Yield the bytes as they come from the bucket."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def rejected(name: str, content: bytes | str, reason: str) -> Kind:
    """Return a kind that no row may be read of."""
    data = content.encode() if isinstance(content, str) else content
    return Kind(name, lambda: in_pieces(data), reason=reason)


def read(
    name: str,
    content: bytes | str,
    *rows: Sequence[str],
    header: Sequence[str] = (),
    header_line: int = 0,
    lines: Sequence[int] = (),
    sent: tuple[int, int] | None = None,
    plan_reason: str = "",
) -> Kind:
    """Return a kind that is read to exactly these rows, at these lines."""
    data = content.encode() if isinstance(content, str) else content
    return Kind(
        name,
        lambda: in_pieces(data),
        rows=len(rows),
        cells=dict(enumerate(rows, 1)),
        lines=dict(enumerate(lines, 1)),
        header=tuple(header),
        header_line=header_line,
        sent=sent,
        plan_reason=plan_reason,
    )


def written(rows: Iterable[Sequence[str]], *, delimiter: str = ",", end: str = "\r\n") -> str:
    """Return a table as a careful program writes it: every cell in quotes."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
