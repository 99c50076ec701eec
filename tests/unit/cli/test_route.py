"""`route`: routes are checked before they are written, and shown as they were."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.cli.faked_target import FakedTarget, run, stubbed

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
