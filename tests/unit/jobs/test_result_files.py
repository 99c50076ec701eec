"""Result files open where people open them, and can be dropped and read again as they are."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from listdrop.cells.formulas import neutralised
from listdrop.cells.values import cell_value
from listdrop.errors import FateUnknownError
from listdrop.jobs.result_files import ResultTable, rewrite
from listdrop.models import Job, JobState, Outcome, RowResult, files
from listdrop.prospects.recognising import known_headers
from listdrop.providers.base import Batch, SendAnswer
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tests.support.thoroughness import examples
from tests.support.world import World

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
DELIMITERS = ",;\t|"
NEWLINES = ("\n", "\r\n", "\r")
BOM = b"\xef\xbb\xbf"
HEADER = ["Email", "First name", "Phone", "Notes"]


class Written(NamedTuple):
    """An upload's rows, and how they are written."""

    rows: list[list[str]]
    delimiter: str
    newline: str

    def upload(self) -> bytes:
        """Return the upload's bytes."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(
            buffer, delimiter=self.delimiter, lineterminator=self.newline, quoting=csv.QUOTE_ALL
        )
        writer.writerows([HEADER, *self.rows])
        return buffer.getvalue().encode()


def _uploads() -> st.SearchStrategy[Written]:
    signs = st.text(st.sampled_from(" ,;\t|\"'\n\r=+-@.a1"), max_size=8)
    letters = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
    phones = st.sampled_from(
        ["+49 170 1234567", "(030) 90 18 20", "0049-30-1", "+1 (415) 555-0100"]
    )
    row = st.tuples(st.just(""), st.just("Ada"), phones, st.one_of(signs, letters))
    return st.builds(
        lambda rows, delimiter, newline: Written(
            [[f"p{place}@example.com", *row[1:]] for place, row in enumerate(rows)],
            delimiter,
            newline,
        ),
        st.lists(row, min_size=1, max_size=6),
        st.sampled_from(DELIMITERS),
        st.sampled_from(NEWLINES),
    )


def _processed(upload: bytes) -> tuple[World, Job]:
    """See an upload through: its first row is refused for what is in it, the others unknown."""
    world = World()

    def answered(batch: Batch) -> SendAnswer:
        lost, refused = RowResult(Outcome.UNKNOWN, "lost_answer"), RowResult(Outcome.REFUSED, "No.")
        return SendAnswer(
            results={row.row: refused if row.row == 1 else lost for row in batch.rows}
        )

    world.script.then_send = answered
    return world, world.process(upload)


def _reread(content: bytes) -> tuple[tuple[str, str], list[list[str]]]:
    """Read a file as Submit does: how it is written, and its header and rows."""
    source = spool(receive([content]))
    with source.file:
        table = read_table(source, known_headers({}))
        rows = [[*table.header], *([*row.cells] for row in table.rows())]
    return (table.dialect.delimiter, table.dialect.newline), rows


def _has_breaks(rows: Sequence[Sequence[str]]) -> bool:
    return any("\r" in cell or "\n" in cell for row in rows for cell in row)


@given(_uploads())
@example(Written([["p0@example.com", "Ada", "+49 170 1234567", "\r"]], ",", "\n"))
@PROPERTY
def test_every_result_file_is_written_as_the_upload_is_and_reads_back_the_same(
    written: Written,
) -> None:
    upload = written.upload()
    (read_delimiter, read_newline), (header, *rows) = _reread(upload)
    world, job = _processed(upload)
    wanted = {
        files.RESULTS: rows,
        files.REJECTS: rows[:1],
        files.RETRY: rows[1:],
    }

    for name, own_rows in wanted.items():
        content = world.files.content[job.job_id, name]
        assert content.startswith(BOM)
        assert content.decode("utf-8-sig").endswith(read_newline)
        dialect, (head, *found) = _reread(content)
        assert head == [*header, *files.ADDED[name]]
        own = [row[: len(header)] for row in found]
        assert own == [[neutralised(cell) for cell in row] for row in own_rows]
        assert [[*map(cell_value, row)] for row in own] == [
            [*map(cell_value, row)] for row in own_rows
        ]
        if own_rows:
            assert dialect[0] == read_delimiter, name
            # Which line end is the upload's is told by most, and cells may have others.
            assert dialect[1] == read_newline or _has_breaks(own_rows), name


@given(_uploads())
@example(Written([["p0@example.com", "Ada", "", "a\x1fb"]], ";", "\n"))
@PROPERTY
def test_a_result_file_that_nothing_is_erased_of_keeps_its_bytes(written: Written) -> None:
    world, job = _processed(written.upload())

    for name in files.ADDED:
        content = world.files.content[job.job_id, name]
        again = io.BytesIO()
        assert rewrite(name, io.BytesIO(content), lambda row: row, again) == 0
        assert again.getvalue() == content


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_rejects_that_are_corrected_and_retry_can_be_dropped_again(
    delimiter: str, newline: str
) -> None:
    rows = [["p1@example.com", "Ada", "+49 170 1", f'two{newline}lines{delimiter} "quoted"']]
    rows += [["broken", "Bo", "", "=1"], ["p3@example.com", "Cy", "", ";=1"]]
    world = World()
    world.script.sends = [FateUnknownError()]
    job = world.process(Written(rows, delimiter, newline).upload())
    corrected = world.files.content[job.job_id, files.REJECTS].replace(b"broken", b"b@example.com")
    again = [
        world.process(corrected, "corrected.csv"),
        world.process(world.files.content[job.job_id, files.RETRY], "retry.csv"),
    ]

    assert job.counts["unknown"] + job.counts["invalid"] == 3
    assert [(each.state, each.counts["confirmed"]) for each in again] == [
        (JobState.SUCCEEDED, 1),
        (JobState.SUCCEEDED, 2),
    ]
    assert [each.table and each.table.delimiter for each in again] == [delimiter] * 2
    assert [each.table and each.table.newline for each in again] == [newline] * 2


@pytest.mark.parametrize("beyond", [",", ",,", ", ", ", , ,", ",\t"])
def test_empty_cells_beyond_the_header_are_no_part_of_the_last_one(beyond: str) -> None:
    lines = ["Email,First Name", f"ada@example.com,Ada{beyond}", "bo@example.com,Bo"]
    world, job = _processed("\n".join([*lines, f"nobody,Cy{beyond}", ""]).encode())

    assert job.counts["invalid"] == 1
    (header, *rows) = _reread(world.files.content[job.job_id, files.RESULTS])[1]
    assert header[:3] == ["Email", "First Name", "listdrop_row"]
    assert [row[1] for row in rows] == ["Ada", "Bo", "Cy"]


def test_cells_beyond_the_header_are_kept_where_some_line_has_one() -> None:
    world, job = _processed(
        b"Email,First Name\nada@example.com,Ada,,,\nbo@example.com,Bo,surplus\n"
    )

    (header, *rows) = _reread(world.files.content[job.job_id, files.RESULTS])[1]
    assert header[:3] == ["Email", "First Name", "listdrop_extra_1"]
    assert [row[:3] for row in rows] == [
        ["ada@example.com", "Ada", ""],
        ["bo@example.com", "Bo", "surplus"],
    ]


def test_a_delimiter_that_only_excels_own_line_names_is_replaced_by_a_comma() -> None:
    upload = b"sep=^\r\nEmail^First name\r\np1@example.com^Ada\r\nbroken^Bo\r\n"
    world, job = _processed(upload)
    text = world.result_file(job, files.RESULTS)
    table = ResultTable(files.RESULTS, io.StringIO(text, newline=""))

    assert (table.delimiter, table.own_header) == (",", ["Email", "First name"])
    assert [row.cells for row in table.rows()] == [["p1@example.com", "Ada"], ["broken", "Bo"]]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_cell_with_another_delimiter_is_quoted_as_a_program_may_split_at_it(
    delimiter: str,
) -> None:
    cells = [f"a{other}b" for other in DELIMITERS]
    rows = [[f"p{place}@example.com", "Ada", "", cell] for place, cell in enumerate(cells)]
    world, job = _processed(Written(rows, delimiter, "\n").upload())

    written = world.result_file(job, files.RESULTS)

    assert [f'"{cell}"' in written for cell in cells] == [True] * len(cells)
    assert '"lost_answer"' not in written


# ---------------------------------------------------------------- in a spreadsheet program

_OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def _as_shown(content: bytes, name: str, folder: Path) -> list[list[str]]:
    """Open a file in LibreOffice, by its name alone, and return the cells that it shows."""
    source = folder / name
    source.write_bytes(content)
    command = [
        str(_OFFICE),
        "--headless",
        f"-env:UserInstallation=file://{folder}/profile",
        # As the dialog that a double click opens suggests: UTF-8, and every delimiter at once.
        "--infilter=CSV:44/59/9/124,34,76,1,,0,false,true",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true",
        "--outdir",
        str(folder / "shown"),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with (folder / "shown" / name).open(encoding="utf-8-sig", newline="") as shown:
        return [*csv.reader(shown)]


@pytest.mark.slow
@pytest.mark.skipif(_OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_libreoffice_shows_every_cell_as_it_was(
    delimiter: str, newline: str, tmp_path: Path
) -> None:
    rows = [
        ["p1@example.com", "Jürgen", "+49 170 1234567", "Zażółć"],
        ["p2@example.com", "Ada", "(030) 90 18 20", "=1+1"],
        ["p3@example.com", "大", "+1 (415) 555-0100", 'a,b;c|d\te, "f"\ng'],
    ]
    world, job = _processed(Written(rows, delimiter, newline).upload())

    for name in files.ADDED:
        shown = _as_shown(world.files.content[job.job_id, name], name, tmp_path)
        text = io.StringIO(world.result_file(job, name), newline="")
        assert shown == [*csv.reader(text, delimiter=delimiter)], name
