"""Telephone numbers that a spreadsheet has spoilt, and those that must not be called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from listdrop.aws.items import row_item
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    PHONE_LEFT_OUT,
    ROW_PADDED,
    WARNINGS,
    JobState,
    Outcome,
    PlannedRow,
    RowResult,
    warnings_of,
)
from listdrop.prospects.columns import map_columns
from listdrop.prospects.consent_columns import column_of
from listdrop.prospects.mapping import Mapped, Mapper
from listdrop.providers.base import SendAnswer
from listdrop_cli.app import app
from tests.support.world import World

SPOILT = "4.91512E+11"
GOOD = "+49 151 2345"
PEOPLE = f"Email,Phone\nada@example.com,{GOOD}\nbo@example.com,{SPOILT}\ncy,{SPOILT}\n".encode()


def mapped(*rows: Mapping[str, str]) -> Mapped:
    columns = map_columns(list(rows[0]), {})
    return Mapper(columns).map([list(row.values()) for row in rows])


def results(world: World, job_id: str) -> list[dict[str, str]]:
    text = world.files.content[job_id, "results.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def reasons(world: World, job_id: str) -> list[str]:
    rows = results(world, job_id)
    return [row["listdrop_reason"] or row["listdrop_warning"] for row in rows]


@pytest.mark.parametrize("cell", [f"{GOOD} ", f" {GOOD}", f"{GOOD}\t", f"{GOOD}\u200e", f"'{GOOD}"])
def test_a_number_is_sent_without_what_surrounds_it(cell: str) -> None:
    found = mapped(*({"Email": "ada@example.com", "Phone": each} for each in (cell, GOOD, "")))

    assert list(found.column("phone")) == [GOOD, GOOD, ""]


# ---------------------------------------------------------------- scientific notation


def test_a_row_is_sent_without_its_spoilt_number_and_says_so() -> None:
    world = World()

    job = world.process(PEOPLE)

    rows = {row: planned for row, (planned, _) in world.jobs.rows[job.job_id].items()}
    assert [rows[row].warning for row in (1, 2, 3)] == ["", PHONE_LEFT_OUT, ""]
    assert reasons(world, job.job_id) == ["", "phone_left_out", "invalid_email"]
    assert world.outcomes(job)[2].outcome is Outcome.CONFIRMED
    assert job.counts["confirmed"] == 2


def test_a_reason_that_the_provider_gives_comes_before_the_warning() -> None:
    world = World()
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: RowResult(Outcome.REFUSED, "no thanks") for row in batch.rows}
    )

    job = world.process(PEOPLE)

    assert reasons(world, job.job_id) == ["no thanks", "no thanks", "invalid_email"]


def test_a_row_item_has_the_warning_and_its_sentence() -> None:
    world = World()
    job = world.process(PEOPLE)

    items = {
        row: row_item(job, planned, result)
        for row, (planned, result) in world.jobs.rows[job.job_id].items()
    }

    assert (items[2]["warning"], items[2]["warning_text"]) == (
        "phone_left_out",
        WARNINGS["phone_left_out"],
    )
    assert items[2]["warning_text"].endswith(".")
    assert items[2]["reason"] == ""
    for row in (1, 3):
        assert {"warning", "warning_text"}.isdisjoint(items[row])


def test_a_row_has_all_of_its_warnings() -> None:
    world = World()
    world.script.then_send = SendAnswer(
        rest=RowResult(Outcome.CONFIRMED, warning=CUSTOM_DATA_NOT_SAVED)
    )

    job = world.process(f"Email,Phone,City\nbo@example.com,{SPOILT}\n".encode())

    codes = f"{PHONE_LEFT_OUT} {ROW_PADDED} {CUSTOM_DATA_NOT_SAVED}"
    (row,) = results(world, job.job_id)
    assert (row["listdrop_warning"], row["listdrop_reason"]) == (codes, "")
    ((planned, result),) = world.jobs.rows[job.job_id].values()
    item = row_item(job, planned, result)
    assert (item["reason"], item["warning"]) == ("", codes)
    assert item["warning_text"] == " ".join(WARNINGS.values())
    assert job.state is JobState.SUCCEEDED


def test_a_warning_that_both_plan_and_answer_have_is_there_once() -> None:
    row, result = PlannedRow(1, 2, warning=ROW_PADDED), RowResult(Outcome.ACCEPTED)

    assert warnings_of(row, result) == ROW_PADDED
    assert warnings_of(row, result._replace(warning=ROW_PADDED)) == ROW_PADDED
    assert warnings_of(row._replace(warning=""), result) == ""


def test_another_good_number_is_used_instead_and_nothing_is_missing() -> None:
    found = mapped(
        {"Email": "a@example.com", "Phone": SPOILT, "Mobile": GOOD},
        {"Email": "b@example.com", "Phone": GOOD, "Mobile": SPOILT},
        {"Email": "c@example.com", "Phone": SPOILT, "Mobile": SPOILT},
        {"Email": "d@example.com", "Phone": "", "Mobile": ""},
    )

    assert found.column("phone") == [GOOD, GOOD, "", ""]
    assert found.left_out == {2}
    assert not any(SPOILT in values for values in found.custom.values())


def test_check_shows_what_would_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(PEOPLE)
    route = tmp_path / "route.json"
    route.write_text(json.dumps({"destinations": [{"provider": "activecampaign"}]}), "utf-8")
    command = ["check", str(tmp_path / "people.csv"), "--route", str(route)]

    shown = CliRunner().invoke(app, command)
    (campaign,) = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)["destinations"]

    assert shown.exit_code == 0
    assert "1 of them with a warning" in shown.output
    assert "row 2 (line 3): sent, phone_left_out" in shown.output
    assert campaign["warned"] == 1
    assert campaign["warnings"] == [
        {
            "row": 2,
            "line": 3,
            "outcome": "",
            "reason": "phone_left_out",
            "text": WARNINGS["phone_left_out"],
        }
    ]


def test_a_retry_of_a_spoilt_row_is_as_it_came() -> None:
    world = World()
    world.script.then_send = SendAnswer(rest=RowResult(Outcome.UNKNOWN, "lost"))

    job = world.process(PEOPLE)

    assert (
        world.result_file(job, "retry.csv").splitlines()[2].startswith(f"bo@example.com,{SPOILT},")
    )


@pytest.mark.parametrize("cell", [f"'{SPOILT}", f'="{SPOILT}"', f"\u202d{SPOILT}\u202c"])
def test_a_spoilt_number_is_left_out_however_it_is_wrapped(cell: str) -> None:
    found = mapped({"Email": "a@example.com", "Phone": cell})

    assert found.column("phone") == [""]
    assert found.left_out == {0}


# ---------------------------------------------------------------- how a spreadsheet keeps a number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("'0151 1234", "0151 1234"),
        ("'+49 151 1234", "+49 151 1234"),
        ("'(0151) 1234", "(0151) 1234"),
        ('="0151 1234"', "0151 1234"),
        ('\'="0151 1234"', "0151 1234"),
        ("\u202a+49 151 1234\u202c", "+49 151 1234"),
        ("\u202d+49 151 1234\u202c", "+49 151 1234"),
        ("\u202e'0151 1234", "0151 1234"),
        ("'unlisted", ""),
    ],
)
def test_a_number_comes_without_what_keeps_it_text(cell: str, number: str) -> None:
    row = {"Email": "a@example.com", "Phone": cell, "Company": "'47 Brand"}
    assert mapped(row).column("phone") == [number]
    assert mapped(row).column("company") == ["'47 Brand"]


def test_every_number_of_a_cell_comes_without_it() -> None:
    found = mapped(
        {"Email": "a@example.com", "Phone": f"'{SPOILT} ::: '0151 1234 ::: '+49 30 2345"}
    )

    assert found.column("phone") == ["0151 1234"]
    assert found.custom == {"Other telephone numbers": ["+49 30 2345"]}
    assert found.left_out == set()


# ---------------------------------------------------------------- must not be called


@pytest.mark.parametrize(
    "header",
    ["Do Not Call", "Mobile DNC", "Direct DNC", "Corporate DNC", "HQ DNC", "hq_dnc", "SMS opt out"],
)
def test_do_not_call_drops_every_telephone_column_and_nothing_else(header: str) -> None:
    column = column_of(header)
    assert column is not None
    assert column.of_calls
    row = {
        "Email": "a@example.com",
        "Phone": GOOD,
        "Mobile": "+44 20 7946 0002",
        "Work Phone": SPOILT,
    }
    rows = [row | {header: said} for said in ("Yes", "No", "")]

    found = mapped(*rows)
    silent, *others = found.prospects(None, frozenset())

    assert silent.fields == {"email": "a@example.com"}
    assert silent.custom == {header: "Yes"}
    assert all(other.fields["phone"] for other in others)
    assert found.answers.out == set()


def test_who_is_not_to_be_called_misses_no_number() -> None:
    found = mapped({"Email": "a@example.com", "Phone": SPOILT, "Do Not Call": "yes"})

    assert found.column("phone") == [""]
    assert found.left_out == set()
