"""`listdrop check`: what Submit would make of a file, before it is dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from listdrop.models import Route
from listdrop.plans.previewing import preview_upload
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route
from listdrop_cli.app import app
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, run

ROUTE = json.dumps(
    {
        "destinations": [
            {"provider": "activecampaign"},
            {"provider": "kakiyo", "campaign_id": "c", "batch_rows": 2},
        ]
    }
)
PEOPLE = """\
Notes: exported yesterday

First Name;Email;LinkedIn;Shoe size
Ada;ada@example.com;linkedin.com/in/ada;[43]
Bo;bo;linkedin.com/in/bo;
Cy;cy@example.com;;
Ada;ADA@example.com;in/ada;
"""


def check(
    tmp_path: Path, content: str, *options: str, name: str = "people.csv", mark: str = ""
) -> Result:
    file, route = tmp_path / name, tmp_path / "route.json"
    file.write_text(content, "utf-8")
    route.write_text(mark + ROUTE, "utf-8")
    return CliRunner().invoke(app, ["check", str(file), "--route", str(route), *options])


def test_it_shows_how_the_file_was_read_and_what_would_be_sent(tmp_path: Path) -> None:
    shown = check(tmp_path, PEOPLE)

    assert shown.exit_code == 0
    assert "4 rows, utf-8, delimiter semicolon, header in line 3" in shown.output
    assert "Shoe size" in shown.output
    assert "[43]" in shown.output
    assert "activecampaign: 2 rows to send in 1 batch, 1 request, under a minute" in shown.output
    assert "row 2 (line 5): invalid, invalid_email" in shown.output
    assert "row 3 (line 6): invalid, missing_linkedin_url" in shown.output
    assert "row 4 (line 7): duplicate, duplicate_of_row_1" in shown.output


def test_json_says_the_same(tmp_path: Path) -> None:
    shown = json.loads(check(tmp_path, PEOPLE, "--json").output)

    assert (shown["rows"], shown["delimiter"], shown["header_line"]) == (4, ";", 3)
    assert shown["columns"][2] == {
        "header": "LinkedIn",
        "field": "linkedin_url",
        "example": "linkedin.com/in/ada",
    }
    campaign, kakiyo = shown["destinations"]
    assert campaign["not_sent"] == {"duplicate": 1, "invalid": 1}
    assert (kakiyo["to_send"], kakiyo["batches"]) == (2, 1)


def test_it_says_what_each_destination_costs_and_all_of_them(tmp_path: Path) -> None:
    shown = check(tmp_path, PEOPLE)
    told = json.loads(check(tmp_path, PEOPLE, "--json").output)

    assert "costs under 0.01 USD; 2 requests, including status checks" in shown.output
    assert "costs under 0.01 USD; 2 requests; 2 credits, including" in shown.output
    assert "in all: under 0.01 USD; 4 requests" in shown.output
    campaign, kakiyo = told["destinations"]
    assert 0 < campaign["cost"]["usd"] < 0.01
    assert (campaign["cost"]["requests"], "credits" in campaign["cost"]) == (2, False)
    assert kakiyo["cost"]["credits"] == 2


def test_it_says_that_the_deadline_leaves_too_little_time() -> None:
    def said(minutes: float | None) -> str:
        route = json.loads(ROUTE) | {"deadline_minutes": minutes}
        rows = [f"p{n}@example.com,linkedin.com/in/p{n}" for n in range(1_000)]
        content = "\n".join(["Email,LinkedIn", *rows]).encode()
        parsed = parse_route("spring", json.dumps(route))
        (preview,) = preview_upload([content], "a.csv", parsed, REGISTRY)
        return preview.destinations[1].deadline_text

    assert "the deadline is after 20 min" in said(20)
    assert said(60) == ""
    assert said(None) == ""


def test_nothing_to_send_exits_with_one(tmp_path: Path) -> None:
    shown = check(tmp_path, "Email\nnobody\n")
    assert shown.exit_code == 1


def test_a_list_of_unsubscribed_people_sends_nothing(tmp_path: Path) -> None:
    shown = check(tmp_path, PEOPLE, name="unsubscribed_export.csv")
    assert shown.exit_code == 1
    assert "4 suppressed" in shown.output
    assert "warning: unsubscribed_list: The file's name, or a title in it, says" in shown.output


def test_a_column_about_consent_that_is_not_understood_is_named(tmp_path: Path) -> None:
    content = "Email,Zustimmung\nada@example.com,vielleicht\nbo@example.com,ja\n"

    shown = check(tmp_path, content)
    told = json.loads(check(tmp_path, content, "--json").output)

    assert 'warning: unclear_consent: The column "Zustimmung"' in shown.output
    assert [warning["code"] for warning in told["warnings"]] == ["unclear_consent"]


@pytest.mark.parametrize("content", ["", "1,2\n", 'Email\n"open'])
def test_a_file_that_cannot_be_used_exits_with_two(tmp_path: Path, content: str) -> None:
    shown = check(tmp_path, content)
    assert shown.exit_code == 2
    assert shown.output.count("\n") == 1


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00}\x00", b"\x89PNG\r\n\x1a\n\x00\xff"])
@pytest.mark.parametrize("command", [["check", "people.csv", "--route"], ["route", "put"]])
def test_a_route_s_file_that_is_no_text_is_one_sentence(
    tmp_path: Path, content: bytes, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text(PEOPLE)
    Path("spring.json").write_bytes(content)

    shown = run(FakedTarget(), *command, "spring.json")

    assert (shown.exit_code, shown.stderr) == (2, "spring.json is not text in UTF-8.\n")


def test_a_route_s_file_may_have_the_mark_of_windows(tmp_path: Path) -> None:
    assert check(tmp_path, PEOPLE, mark="\ufeff").exit_code == 0


def test_the_preview_is_what_submit_plans() -> None:
    world = World()
    content = csv_of(100)
    job = world.drop(content)
    route: Route = parse_route("r", '{"destinations": [{"provider": "activecampaign"}]}')

    (preview,) = preview_upload([content], "a.csv", route, REGISTRY)

    assert preview.rows == job.counts["rows"]
    assert preview.destinations[0].to_send == sum(batch.rows for batch in world.batches(job))


def test_it_names_every_column_for_each_destination_and_what_goes_out(tmp_path: Path) -> None:
    shown = check(tmp_path, PEOPLE)
    text = " ".join(shown.output.split())

    assert "columns sent: First Name as first_name, Email as email columns not sent: " in text
    assert "columns not sent: LinkedIn, Shoe size" in text
    assert (
        "columns sent: First Name as first_name, Email as email, LinkedIn as linkedin_url" in text
    )
    assert 'the first row goes out as {"email": "ada@example.com", "first_name": "Ada"}' in text


def test_a_name_that_is_taken_apart_is_sent(tmp_path: Path) -> None:
    shown = json.loads(check(tmp_path, "Name,Email\nAda Lovelace,a@example.com\n", "--json").output)

    campaign = shown["destinations"][0]
    assert campaign["columns_sent"][0] == {"header": "Name", "sent_as": "first_name and last_name"}
    assert campaign["columns_not_sent"] == []
    assert campaign["example"]["last_name"] == "Lovelace"


def test_rows_that_are_not_sent_have_their_sentence_and_the_rest_is_counted(tmp_path: Path) -> None:
    bad = "".join(f"nobody{number}\n" for number in range(61))

    shown = check(tmp_path, f"Email\nada@example.com\nADA@example.com\n{bad}")
    text = " ".join(shown.output.split())

    assert "row 3 (line 4): invalid, invalid_email: The e-mail address is not valid." in text
    assert "duplicate_of_row_1" not in text  # bad rows come first
    assert "and 12 more" in text


@pytest.mark.parametrize("route", ["missing.json", "routes/spring"])
def test_a_file_that_is_not_there_is_said_to_be_none(tmp_path: Path, route: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, "utf-8")

    shown = CliRunner().invoke(app, ["check", str(file), "--route", route])

    assert (shown.exit_code, shown.stderr) == (2, f"There is no file {route}.\n")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Ada,ada@example.com\nBo\n", "row_too_short: The row has 1 cell, the header 2."),
        ("Bo,a,b,c,d\n", "row_too_long: The row has 5 cells, the header 2."),
    ],
)
def test_it_counts_cells_in_words(tmp_path: Path, rows: str, said: str) -> None:
    assert said in check(tmp_path, f"First Name,Email\n{rows}").output


@pytest.mark.parametrize(
    ("header", "cell"), [("Unsubscribed", "yes"), ("Email status", "Bounced"), ("Notes", "DNC")]
)
def test_what_it_says_of_an_opt_out_is_true_of_a_failed_address(
    tmp_path: Path, header: str, cell: str
) -> None:
    shown = check(tmp_path, f"First Name,Email,{header}\nAda,ada@example.com,{cell}\n")
    text = " ".join(shown.output.split())
    assert "says that the person opted out, or that the address does not take mail" in text
