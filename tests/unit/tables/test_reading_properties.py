"""What holds for any table, any bytes, and any way that they come in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from typing import Literal, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from listdrop.errors import UploadRejectedError
from listdrop.models import JobState
from listdrop.plans.previewing import Preview, preview_upload
from listdrop.tables import lines, reading
from tests.support.providers import ToyProvider
from tests.support.thoroughness import examples
from tests.support.world import World, is_balanced, route_to
from tests.unit.tables.hostile.checks import opened, preview
from tests.unit.tables.hostile.kind import in_pieces

# The same examples on every machine, and no clock: this is a gate, not a search.
PROPERTY = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
REASONS = {
    "empty_file", "no_header", "no_usable_column", "not_text", "unreadable_quoting", "too_big",
    "bad_archive",
}  # fmt: skip
BLOCKS = st.sampled_from((40, 64, 200, 1 << 18))
"""Sizes of blocks: with the smaller ones, a row may begin in one and go on in the next."""
HEADER = ("email", "first name", "notes, and “more”")


def rows_of(content: bytes, piece: int = 1 << 16) -> tuple[list[str], list[list[str]]]:
    """Header and cells."""
    with opened(in_pieces(content, piece)) as upload:
        return upload.header, [list(cells) for _, _, cells in upload.rows]


# ---------------------------------------------------------------- any table


class Dialect(NamedTuple):
    """How a table is written."""

    delimiter: str
    end: str
    quoting: Literal[0, 1, 2]
    encoding: str


def dialects(*encodings: str) -> st.SearchStrategy[Dialect]:
    return st.builds(
        Dialect,
        st.sampled_from(",;\t|"),
        st.sampled_from(("\n", "\r\n", "\r")),
        st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
        st.sampled_from(encodings),
    )


def cells(codec: str) -> st.SearchStrategy[str]:
    """Cells of what tells cells from each other, of any letters, and of both."""
    signs = st.text(st.sampled_from(" ,;\t|\"'\\\n\r=+-@.a1\u2028\x85\x0b\x0c"), max_size=6)
    letters = st.text(st.characters(codec=codec, exclude_characters="\x00"), max_size=8)
    encodable = signs.filter(lambda text: is_encodable(text, codec))
    return st.one_of(encodable, letters, st.tuples(encodable, letters).map("".join))


def is_encodable(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def tables(codec: str) -> st.SearchStrategy[list[tuple[str, str, str]]]:
    """Rows with something in their second cell: so none is blank, and few a footer."""
    filled = st.builds("{}x".format, cells(codec))
    first = cells(codec).filter(lambda text: not text.lstrip().startswith("©"))
    return st.lists(st.tuples(first, filled, cells(codec)), min_size=1, max_size=6)


def written(rows: list[tuple[str, str, str]], dialect: Dialect) -> bytes:
    """Write a table with the csv module, which quotes both line ends only where both end lines."""
    found = []
    for row in [HEADER, *rows]:
        text = io.StringIO(newline="")
        csv.writer(
            text, delimiter=dialect.delimiter, lineterminator="\r\n", quoting=dialect.quoting
        ).writerow(row)
        found.append(text.getvalue().removesuffix("\r\n") + dialect.end)
    return "".join(found).encode(dialect.encoding)


@PROPERTY
@given(tables("utf-8"), dialects("utf-8", "utf-8-sig", "utf-16"), BLOCKS)
def test_any_table_in_unicode_is_read_back_cell_for_cell(
    rows: list[tuple[str, str, str]], dialect: Dialect, block: int
) -> None:
    with mock.patch.object(lines, "_BLOCK_BYTES", block):
        assert rows_of(written(rows, dialect)) == (list(HEADER), [list(row) for row in rows])


@PROPERTY
@given(tables("cp1252"), dialects("cp1252"))
def test_any_table_in_windows_1252_is_read_back_cell_for_cell_or_not_at_all(
    rows: list[tuple[str, str, str]], dialect: Dialect
) -> None:
    content = written(rows, dialect)
    assume(b"\n" in content)  # lines that end in CR alone are a Mac's
    # Two letters of the header are no UTF-8, so no cell can make the file be taken for it.
    wanted = list(HEADER), [list(row) for row in rows]
    reason, found = what_becomes_of(content, 1 << 16)
    assert (reason, found) == ("", wanted) or reason == "not_text"


@PROPERTY
@given(tables("utf-8"), dialects("utf-8", "utf-16"))
def test_a_table_in_gzip_is_read_like_the_table(
    rows: list[tuple[str, str, str]], dialect: Dialect
) -> None:
    content = written(rows, dialect)
    middle = len(content) // 2
    packed = gzip.compress(content[:middle], mtime=0) + gzip.compress(content[middle:], mtime=0)
    assert rows_of(packed) == rows_of(content)


@PROPERTY
@given(tables("utf-8"), dialects("utf-8"), BLOCKS)
def test_rows_are_numbered_and_placed_by_the_line_where_they_start(
    rows: list[tuple[str, str, str]], dialect: Dialect, block: int
) -> None:
    with (
        mock.patch.object(lines, "_BLOCK_BYTES", block),
        opened(in_pieces(written(rows, dialect))) as upload,
    ):
        places = [(number, line) for number, line, _ in upload.rows]

    before = [written(rows[:count], dialect).decode() for count in range(len(rows))]
    assert places == [
        (number, len(io.StringIO(text, newline="").readlines()) + 1)
        for number, text in enumerate(before, 1)
    ]


# ---------------------------------------------------------------- any bytes

STARTS = (
    b"",
    b"email,name\n",
    b"email,name\nada@example.com,",
    b"sep=;\nemail;name\n",
    codecs.BOM_UTF8 + b"email;name\n",
    codecs.BOM_UTF16_LE + "email\tname\r\n".encode("utf-16-le"),
    codecs.BOM_UTF16_BE + "email,name\r".encode("utf-16-be"),
    "email,pr\u00e9nom\r".encode("mac_roman"),
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
    gzip.compress(b"email,name\n", mtime=0),
)
LIKELY = st.lists(
    st.sampled_from(
        [bytes([byte]) for byte in b'a1@., ;\t|"\n\r\x00\x1a\xe9\xc3\xa9\xff\x81=']
        + [b"ada@example.com", b"\r\n", b'""', b"email", b"in/ada", b"\x1f\x8b", b"x" * 50]
    ),
    max_size=40,
).map(b"".join)
CONTENTS = st.builds(
    bytes.__add__, st.sampled_from(STARTS), st.one_of(LIKELY, st.binary(max_size=200))
)


def what_becomes_of(content: bytes, piece: int) -> tuple[str, object]:
    """What is read, or the reason and the sentence why it is not."""
    try:
        return "", rows_of(content, piece)
    except UploadRejectedError as rejected:
        return rejected.reason, rejected.text


@PROPERTY
@given(CONTENTS, st.sampled_from((1, 2, 3, 5, 7, 64)))
def test_pieces_of_any_size_are_read_the_same(content: bytes, piece: int) -> None:
    assert what_becomes_of(content, piece) == what_becomes_of(content, len(content) + 1)


def test_a_rejection_says_the_same_whatever_the_pieces() -> None:
    content = "email,name\nada@example.com,Á".encode() + b"\xff\n"
    assert what_becomes_of(content, 1) == what_becomes_of(content, 1 << 16)


def previewed(content: bytes) -> Preview | UploadRejectedError:
    try:
        return preview(in_pieces(content))
    except UploadRejectedError as rejected:
        return rejected


@settings(PROPERTY, max_examples=examples(300))
@given(CONTENTS)
def test_any_bytes_are_previewed_or_rejected_with_a_reason(content: bytes) -> None:
    seen = previewed(content)
    if isinstance(seen, UploadRejectedError):
        assert seen.reason in REASONS
        assert seen.text.endswith(".")
    else:
        for destination in seen.destinations:
            if destination.reason:  # no column for what it needs
                assert destination.to_send == 0
                continue
            assert destination.to_send + sum(destination.not_sent.values()) == seen.rows > 0


# ---------------------------------------------------------------- preview and Submit

CELL = st.sampled_from(
    ["", " ", "Ada", "n/a", "x" * 40_000, '"', "\n", "yes", "ada@example.com", "ADA@example.com"]
    + [f"p{number}@example.com" for number in range(4)]
)
LINES = st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=10)


@settings(PROPERTY, max_examples=examples(60))
@given(LINES, st.sampled_from(("a.csv", "unsubscribed.csv")), st.booleans())
def test_the_preview_is_what_submit_plans(
    lines: list[list[str]], name: str, is_damaged: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["email", "first name", "opt out"], *lines])
    content = text.getvalue().encode() + b'"' * is_damaged
    world = World()
    job = world.drop(content, name)

    if job.verdict is JobState.REJECTED:
        with pytest.raises(UploadRejectedError) as rejected:
            preview_upload(in_pieces(content), name, route_to(), {"toy": ToyProvider})
        assert (rejected.value.reason, rejected.value.text) == (job.reason, job.reason_text)
        return
    (seen,) = preview_upload(in_pieces(content), name, route_to(), {"toy": ToyProvider})
    (toy,) = seen.destinations
    batches = world.batches(job)
    settled = {name: rows for name, rows in job.counts.items() if rows and name != "rows"}
    assert (seen.rows, toy.not_sent) == (job.counts["rows"], settled)
    assert (toy.to_send, toy.batches) == (sum(batch.rows for batch in batches), len(batches))
    assert is_balanced(world.run(job))


# ---------------------------------------------------------------- lines without a quote

PLAIN = st.text(
    st.one_of(
        st.sampled_from(" ,;\t|'\\=a1\u2028\x85\x0b\x0c\x1c"),
        st.characters(codec="utf-8", exclude_characters='\x00\r\n"'),
    ),
    max_size=12,
)


@PROPERTY
@given(
    st.lists(st.tuples(PLAIN, st.booleans()), max_size=8),
    st.sampled_from(",;\t|"),
    st.sampled_from(("\n", "\r\n", "\r")),
)
def test_lines_are_split_as_the_csv_module_splits_them(
    cells: list[tuple[str, bool]], delimiter: str, end: str
) -> None:
    header = ["email", "first name"]
    lines = [
        f'x{delimiter}"{cell}"' if is_quoted else f"x{delimiter}x{cell}"
        for cell, is_quoted in cells
    ]
    text = end.join([delimiter.join(header), *lines])
    plainly = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    wanted = list(plainly)[1:]

    assert rows_of(text.encode()) == (header, wanted)


# ---------------------------------------------------------------- a piece, and line by line

SIGNS = st.lists(st.sampled_from(['"', '""', '","', ",", "a", "b@x.example", "\n", "\n"]))


def outcome(text: str, end: str) -> object:
    """What reading tells of a text: its rows, and the lines of those that span; or why not."""
    content = ("email,notes" + end + text.replace("\n", end)).encode()
    try:
        with opened(in_pieces(content)) as upload:
            return list(upload.rows), sorted(upload.spans)
    except UploadRejectedError as error:
        return error.reason, error.text


@settings(PROPERTY, max_examples=examples(400))
@given(SIGNS.map("".join), st.sampled_from(("\n", "\r\n", "\r")))
@example('a","\na\n",a\n', "\n")  # an even number of quotes that leaves a cell open
@example('"a\n\n\na",a\na\n"a', "\n")
@example('a"\n\na,a\na"\n"a\n",a', "\n")  # a quote that stands within a cell
def test_a_piece_at_once_is_read_as_it_is_line_by_line(text: str, end: str) -> None:
    at_once = outcome(text, end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading._Parser, "_at_once", lambda *_: None)
        assert at_once == outcome(text, end)
