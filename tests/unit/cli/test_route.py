"""`route`: routes are checked before they are written, and shown as they were."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from listdrop_cli.commands.route import MOST_BYTES, STANDARD_BYTES
from tests.unit.cli.faked_target import FakedTarget, run, stubbed
from tools import limits

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_routes_are_listed_with_where_they_go_or_why_nowhere() -> None:
    texts = {
        "spring": '{"destinations": [{"provider": "waalaxy", "prospect_list_id": "x"}]}',
        "broken": '{"destinations": [{"provider": "hubspot"}]}',
    }
    found = [
        {"Name": f"/listdrop/routes/{name}", "Value": text, "LastModifiedDate": MOMENT}
        for name, text in texts.items()
    ]
    with stubbed("ssm") as (ssm, routes):
        for _ in range(2):
            routes.add_response(
                "get_parameters_by_path", {"Parameters": found}, {"Path": "/listdrop/routes/"}
            )
        shown = run(FakedTarget(ssm=ssm), "route", "list")
        told = json.loads(run(FakedTarget(ssm=ssm), "route", "list", "--json").output)

    broken, spring = (line.split("\t") for line in shown.output.splitlines())
    assert broken[0] == "broken"
    assert broken[1].startswith("nowhere: Route 'broken'")
    assert spring == ["spring", "waalaxy", "2026-03-02 09:00"]
    assert told["routes"][1]["changed_at"] == "2026-03-02T09:00:00.000Z"


def test_a_route_is_shown_as_it_was_written_and_whole_as_json() -> None:
    text = '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}]}'
    with stubbed("ssm") as (ssm, routes):
        for _ in range(2):
            answer = {"Parameter": {"Value": text}}
            routes.add_response("get_parameter", answer, {"Name": "/listdrop/routes/spring"})
        shown = run(FakedTarget(ssm=ssm), "route", "show", "spring")
        told = json.loads(run(FakedTarget(ssm=ssm), "route", "show", "spring", "--json").output)

    assert shown.output == f"{text}\n"
    assert (told["retention_days"], told["destinations"][0]["account"]) == (30, "default")


def test_a_name_that_no_route_can_have_is_not_asked_for() -> None:
    assert run(FakedTarget(), "route", "show", "../secret").exit_code == 2


def test_a_route_is_checked_before_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "spring.json"
    file.write_text('{"destinations": [{"provider": "kakiyo", "campaign": "x"}]}')

    shown = run(FakedTarget(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "unknown key 'campaign'" in shown.stderr


LONG = (
    '{"destinations": [{"provider": "waalaxy", "prospect_list_id": "x"}], "deadline_minutes": 2880}'
)


class Forgetful(FakedTarget):
    """A stack that keeps uploads for a day."""

    kept_days = 1


def test_a_route_whose_deadline_is_longer_than_the_stack_keeps_uploads_is_not_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "spring.json"
    file.write_text(LONG)

    shown = run(Forgetful(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "deadline_minutes: must not be longer than uploads are kept, 1 days" in " ".join(
        shown.stderr.split()
    )


@pytest.mark.parametrize("command", ["check", "drop"])
def test_no_file_is_told_to_be_fit_for_such_a_route_or_dropped_on_it(
    command: str, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("LinkedIn\nlinkedin.com/in/ada\n")
    with stubbed("ssm") as (ssm, routes):
        answer = {"Parameter": {"Value": LONG}}
        routes.add_response("get_parameter", answer, {"Name": "/listdrop/routes/spring"})

        shown = run(Forgetful(ssm=ssm), command, str(file), "--route", "spring")

    assert shown.exit_code == 2
    assert "RetentionDays" in shown.stderr


def test_such_a_route_is_listed_as_going_nowhere() -> None:
    found = [{"Name": "/listdrop/routes/spring", "Value": LONG, "LastModifiedDate": MOMENT}]
    with stubbed("ssm") as (ssm, routes):
        routes.add_response(
            "get_parameters_by_path", {"Parameters": found}, {"Path": "/listdrop/routes/"}
        )
        shown = run(Forgetful(ssm=ssm), "route", "list")

    assert shown.output.split("\t")[1].startswith("nowhere: Route 'spring': deadline_minutes")


def route_of(size: int) -> str:
    """A route of this many bytes."""
    text = '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}], "columns": {"x": "é"}}'
    return text.replace("x", "x" * (size - len(text.encode()) + 1))


@pytest.mark.parametrize("size", [100, STANDARD_BYTES, STANDARD_BYTES + 1, MOST_BYTES])
def test_a_route_is_kept_in_the_tier_that_is_large_enough(tmp_path: Path, size: int) -> None:
    file = tmp_path / "spring.json"
    file.write_text(route_of(size), encoding="utf-8")
    assert len(file.read_bytes()) == size
    with stubbed("ssm") as (ssm, routes):
        request = {
            "Name": "/listdrop/routes/spring",
            "Value": route_of(size),
            "Type": "String",
            "Overwrite": True,
            "Tier": "Intelligent-Tiering",
        }
        routes.add_response("put_parameter", {"Version": 1}, request)
        shown = run(FakedTarget(ssm=ssm), "route", "put", str(file))

    assert shown.exit_code == 0
    assert ("5 US cents" in shown.output) == (size > STANDARD_BYTES)


def test_a_route_that_is_larger_than_aws_takes_is_not_written(tmp_path: Path) -> None:
    assert (
        limits.STANDARD_PARAMETER_BYTES.most,
        limits.ADVANCED_PARAMETER_BYTES.most,
    ) == (STANDARD_BYTES, MOST_BYTES)
    file = tmp_path / "spring.json"
    file.write_text(route_of(MOST_BYTES + 1), encoding="utf-8")

    shown = run(FakedTarget(), "route", "put", str(file))

    assert shown.exit_code == 2
    assert "8,193 bytes, and AWS takes 8,192 at most" in " ".join(shown.stderr.split())
