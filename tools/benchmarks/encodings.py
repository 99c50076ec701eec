"""How often an encoding is found, wrong or right: `python -m tools.benchmarks.encodings`.

The files are made of names in `encodings.toml`, which are not those that Listdrop knows languages
by, in the encodings that exports in a language are saved in: 1 to 1,000 rows each. A file read with
wrong letters is a failure; one that is rejected is only a pity.
"""

from __future__ import annotations

import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from listdrop.errors import UploadRejectedError
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive

ROWS = (1, 2, 3, 5, 10, 30, 100, 300, 1000)
MOST_REJECTED = 0.05
_FILES = 5
_FEW_ROWS = 10


class File(NamedTuple):
    """A file of the corpus: whose names, in which encoding, how many, and its text."""

    language: str
    encoding: str
    rows: int
    text: str


def corpus(sizes: tuple[int, ...] = ROWS, files: int = _FILES) -> Iterator[File]:
    """Yield the files. Left out are those that are valid UTF-8 all the same."""
    path = Path(__file__).with_suffix(".toml")
    for language, names in tomllib.loads(path.read_text("utf-8")).items():
        for encoding in names["encodings"]:
            for rows in sizes:
                for number in range(files if rows <= _FEW_ROWS else 2):
                    text = _text(names, rows, f"{language}/{rows}/{number}")
                    if not text.isascii() and _is_of(text, encoding):
                        yield File(language, encoding, rows, text)


def _text(names: dict[str, Any], rows: int, seed: str) -> str:
    luck = random.Random(seed)  # noqa: S311 # the same files again
    lines = ["First Name,Last Name,Email,Company,City"]
    for number in range(rows):
        first, last, company, city = (
            luck.choice(names[each]) for each in ("first", "last", "company", "city")
        )
        lines.append(f"{first},{last},p{number}@example.com,{company},{city}")
    return "\r\n".join(lines) + "\r\n"


def _is_of(text: str, encoding: str) -> bool:
    """Whether a text can be in an encoding, and not be taken for UTF-8."""
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeEncodeError:
        return False
    except UnicodeDecodeError:
        return True
    return encoding.startswith("utf-16")


def outcome(file: File) -> str:
    """Return `right`, `wrong` or `rejected`."""
    try:
        source = spool(receive([file.text.encode(file.encoding)]))
    except UploadRejectedError:
        return "rejected"
    with source.file:
        source.file.seek(0)
        is_right = source.file.read().decode(source.encoding, "replace") == file.text
        return "right" if is_right else "wrong"


def main() -> None:
    """Print a line for each language and encoding, and for each size."""
    by_encoding: dict[tuple[str, str], Counter[str]] = {}
    by_rows: dict[int, Counter[str]] = {}
    began = time.process_time()
    for file in corpus():
        found = outcome(file)
        by_encoding.setdefault((file.language, file.encoding), Counter())[found] += 1
        by_rows.setdefault(file.rows, Counter())[found] += 1
    for (language, encoding), counts in by_encoding.items():
        print(f"  {language:<12}{encoding:<12}{_line(counts)}")
    for rows, counts in by_rows.items():
        print(f"  {rows:>6,} rows {'':<12}{_line(counts)}")
    total: Counter[str] = sum(by_rows.values(), Counter())
    print(f"all {total.total():,}: {_line(total)}; {time.process_time() - began:.0f} s")
    sys.exit(total["wrong"] > 0 or total["rejected"] > MOST_REJECTED * total.total())


def _line(counts: Counter[str]) -> str:
    share = counts["rejected"] / counts.total()
    return f"{counts['right']:>5} right {counts['wrong']:>3} wrong {share:>6.1%} rejected"


if __name__ == "__main__":
    main()
