"""Whole uploads, mutated, for as long as it is told: `make fuzz`. Then providers' answers.

Each begins as a sample or a case, or as a table made up on the spot, half of them with negated
phrases of consent. It is planned to its end, as Submit does, or rejected for a reason of the list;
anything else is a failure, and is printed with its seed. Where the table is known, rows and cells
are compared with what an independent parse has of them: the csv module for text, and for workbooks
what was written.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import random
import secrets
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from openpyxl import Workbook

from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Route
from listdrop.plans.planning import plan_upload
from listdrop.prospects.phrases import expanded
from listdrop.prospects.recognising import known_headers
from listdrop.prospects.vocabulary import consent_words, negators
from listdrop.tables.naming import is_archive
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive, tables
from tests.cases.reading import Anybody
from tests.fuzz import answers

TESTS = Path(__file__).resolve().parents[1]
REASONS = frozenset(
    {
        "empty_file", "no_header", "no_usable_column", "not_text", "unreadable_quoting", "too_big",
        "bad_archive", "unsupported_file",
    }
)  # fmt: skip
FIXED_SEED = 20261128
_SIGNS = "aZ09 ,;|\t\"'\r\n=@.-_é\u00fc\u0142\u4e2d\U0001f600"
_HEADER = ("Email", "First Name", "Notes", "City")
_CONSENT = 2
"""Which of the columns may be about consent."""

Rows = list[list[str]]


def seeds() -> Sequence[tuple[str, bytes]]:
    """Return the files to begin with: samples and cases, as they are and packed."""
    folders = (TESTS / "samples", TESTS / "cases" / "files")
    found = [
        (path.name, path.read_bytes())
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".tsv", ".txt", ".xlsx")
    ]
    packed = [(f"{name}.gz", gzip.compress(content, mtime=0)) for name, content in found[::3]]
    return [*found, *packed, ("all.zip", zipped(dict(found[:6])))]


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive of files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def mutated(content: bytes, luck: random.Random) -> bytes:
    """Change a few bytes: one missing, one more, others, a part twice, the end cut off."""
    found = bytearray(content)
    for _ in range(luck.choice((1, 1, 1, 2, 5, 20))):
        if not found:
            break
        place = luck.randrange(len(found))
        end = min(len(found), place + luck.choice((1, 2, 8, 64, 1024)))
        luck.choice(_CHANGES)(found, place, end, luck)
    return bytes(found)


def _swap(found: bytearray, place: int, _: int, luck: random.Random) -> None:
    found[place] = luck.randrange(256)


def _cut(found: bytearray, place: int, _: int, __: random.Random) -> None:
    del found[place:]


def _drop(found: bytearray, place: int, end: int, _: random.Random) -> None:
    del found[place:end]


def _drop_one(found: bytearray, place: int, _: int, __: random.Random) -> None:
    del found[place]


def _repeat(found: bytearray, place: int, end: int, _: random.Random) -> None:
    found[place:place] = found[place:end]


def _insert(found: bytearray, place: int, _: int, luck: random.Random) -> None:
    found[place:place] = luck.choice((b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"\xc3", b"<"))


_CHANGES: Sequence[Callable[[bytearray, int, int, random.Random], None]] = (
    _swap, _swap, _cut, _drop, _drop_one, _repeat, _insert,
)  # fmt: skip


def reread_parts(content: bytes, luck: random.Random) -> bytes:
    """Mutate one part of a workbook, and pack it again: what is in it is damaged, not the ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 # it is damaged already
        return content
    name = luck.choice(sorted(parts))
    parts[name] = mutated(parts[name], luck)
    return zipped(parts)


# ---------------------------------------------------------------- reading


def read(content: bytes, name: str) -> list[Rows]:
    """Read every table of an upload, its header first. Raises `UploadRejectedError`."""
    found = []
    package = receive([content], name)
    with package.file:
        for table in tables(package) if is_archive(name) else [""]:
            source = spool(package, table)
            with source.file:
                opened = read_table(source, known_headers({}))
                found.append([opened.header, *(row.cells for row in opened.rows())])
    return found


def plan(content: bytes, name: str) -> None:
    """Plan every table of an upload for a destination. Raises `UploadRejectedError`."""
    route = Route(destinations=(Destination(provider=Anybody.name),))
    with ExitStack() as files:
        package = receive([content], name)
        files.callback(package.file.close)
        for table in tables(package) if is_archive(name) else [""]:
            planned = plan_upload(package, name, route, [("job", Anybody())], files, table=table)
            for each in planned.plans:
                if isinstance(each, UploadRejectedError):
                    raise each


def outcome(content: bytes, name: str) -> str:
    """Return the reason of a rejection, or that it was read; for anything else, what was raised."""
    try:
        plan(content, name)
    except UploadRejectedError as error:
        if error.reason not in REASONS or not error.text.endswith("."):
            return f"FAILED: {error.reason}: {error.text}"
        return error.reason
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return f"FAILED: {type(error).__name__}: {error}"
    return "read"


# ---------------------------------------------------------------- tables that are known


@cache
def _negations() -> tuple[Sequence[str], Sequence[str]]:
    """Return the words that negate, and the phrases of consent."""
    lists = (each for section in consent_words().values() for each in section.values())
    phrases = (text for each in lists for phrase in each for text in expanded(phrase, " "))
    return sorted(negators()), [text.replace("*", "") for text in phrases]


def _negated(luck: random.Random) -> str:
    negated_by, phrases = _negations()
    return f"{luck.choice(negated_by)} {luck.choice(phrases)}"


def made_up(luck: random.Random) -> Rows:
    """Return a table whose rows are none of a footer, and none blank.

    Half of the tables have a column under a negated phrase of consent, with such phrases in it.
    They have no cell of several lines, which planning takes for an unclosed quote.
    """
    is_about_consent = luck.random() < 0.5
    signs = "".join(_SIGNS.splitlines()) if is_about_consent else _SIGNS
    rows = [list(_HEADER)]
    for number in range(luck.randrange(1, 30)):
        cells = ["".join(luck.choices(signs, k=luck.randrange(12))) for _ in _HEADER]
        rows.append([f"p{number}@example.com", *cells[1:]])
    if is_about_consent:
        for row in rows:
            row[_CONSENT] = _negated(luck)
    return rows


def differs(luck: random.Random) -> str:
    """Write a table that is known, read it, and compare; says what differs, empty if nothing.

    The table is also planned, which may only reject cells of several lines.
    """
    rows = made_up(luck)
    kind = luck.choice(("text", "text", "gzip", "xlsx"))
    content, wanted = _workbook(rows) if kind == "xlsx" else _text(rows, luck)
    content = gzip.compress(content) if kind == "gzip" else content
    name = "a.xlsx" if kind == "xlsx" else "a.csv"
    try:
        (found,) = read(content, name)
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return f"{kind}: {type(error).__name__}: {error}"
    if found != wanted:
        return f"{kind}: {_first_difference(found, wanted)}"
    said = outcome(content, name)
    has_lines = any(len(cell.splitlines()) > 1 for row in wanted for cell in row)
    is_right = said == "read" or (has_lines and said == "unreadable_quoting")
    return "" if is_right else f"{kind}: {said}"


def _first_difference(found: Rows, wanted: Rows) -> str:
    for number, (one, other) in enumerate(zip(found, wanted, strict=False)):
        if one != other:
            return f"row {number}: {one!r} for {other!r}"
    return f"{len(found)} rows for {len(wanted)}"


def _text(rows: Rows, luck: random.Random) -> tuple[bytes, Rows]:
    """Write text, and parse it with the csv module alone."""
    delimiter = luck.choice(",;\t|")
    encoding = luck.choice(("utf-8", "utf-8-sig", "utf-16"))
    text = io.StringIO(newline="")
    quoting: Literal[0, 1] = luck.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
    written = text.getvalue()
    parsed = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    return written.encode(encoding), list(parsed)


def _workbook(rows: Rows) -> tuple[bytes, Rows]:
    """Write a workbook, each cell as a text."""
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            if cell:
                written = sheet.cell(number, column)
                written.value, written.data_type = cell, "inlineStr"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue(), rows


# ---------------------------------------------------------------- the run


def fuzz(seed: int, seconds: float) -> tuple[Counter[str], list[str]]:
    """Try uploads for `seconds`; return what became of them, and what failed."""
    luck = random.Random(seed)
    known = seeds()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    ends_at = time.monotonic() + seconds
    for number in _until(ends_at):
        luck.seed(f"{seed}/{number}")
        if number % 4 == 0:
            wrong = differs(luck)
            counts["compared"] += 1
            if wrong:
                failures.append(f"seed {seed}, upload {number}: {wrong}")
            continue
        name, content = luck.choice(known)
        if name.endswith(".xlsx") and luck.random() < 0.7:  # most of them
            changed = reread_parts(content, luck)
        else:
            changed = mutated(content, luck)
        said = outcome(changed, name)
        counts[said.partition(":")[0]] += 1
        if said.startswith("FAILED"):
            failures.append(f"seed {seed}, upload {number} ({name}): {said}")
    return counts, failures


def _until(ends_at: float) -> Iterator[int]:
    number = 0
    while time.monotonic() < ends_at:
        yield number
        number += 1


_FUZZES: dict[str, Callable[[int, float], tuple[Counter[str], list[str]]]] = {
    "uploads": fuzz,
    "answers": answers.fuzz,
}


def main() -> None:
    """Try uploads and answers, half of the time with the fixed seed and half with a fresh one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--only", choices=_FUZZES, help="one kind; else half of the time for each")
    options = parser.parse_args()
    fresh = secrets.randbelow(1 << 31)
    chosen = [FIXED_SEED, fresh] if options.seed is None else [options.seed]
    failed = False
    kinds = [options.only] if options.only else list(_FUZZES)
    for kind, seed in product(kinds, chosen):
        counts, failures = _FUZZES[kind](seed, options.seconds / len(chosen) / len(kinds))
        said = ", ".join(f"{count:,} {what}" for what, count in counts.most_common())
        print(f"{kind}, seed {seed}: {said}")
        print(*failures[:20], sep="\n", end="\n" * bool(failures))
        failed = failed or bool(failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
