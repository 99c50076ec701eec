"""A file that waits for a person, on the deployed template."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from listdrop_cli.app import app
from tests.support.routes import Route, counted, person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine

FOUR = table_text(*(person(name) for name in ("ada", "bo", "cy", "di")))


def command(route: Route, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--endpoint-url", route.stack.url])


def test_a_large_file_is_sent_only_once_somebody_approves(
    make_route: Callable[..., Route], notices: Callable[..., list[dict[str, Any]]]
) -> None:
    route = make_route("kakiyo", "waalaxy", route={"hold": {"above_rows": 3}})
    route.drop(FOUR)

    def asked() -> list[dict[str, Any]]:
        found = route.jobs()
        return found if len(found) == 2 and all("hold_told_at" in job for job in found) else []

    kakiyo, waalaxy = until(asked, "nobody was asked")
    assert {job["state"] for job in (kakiyo, waalaxy)} == {"held"}
    assert not any("execution_arn" in job for job in (kakiyo, waalaxy))
    assert not any(simulator.imports for simulator in route.simulators.values())
    told = list[dict[str, Any]]()

    def all_told() -> bool:
        told.extend(notices(route.name, kind=""))
        return len(told) >= 3

    # The upload's own comes after the jobs have been marked.
    until(all_told, lambda: f"only {told}")
    assert sorted(notice["schema"] for notice in told) == [
        "listdrop.job.v1",
        "listdrop.job.v1",
        "listdrop.upload.v1",
    ]
    assert {notice["state"] for notice in told} == {"held"}

    other = command(route, "approve", kakiyo["job_id"], "--plan", waalaxy["plan_hash"])
    approved = command(route, "approve", kakiyo["job_id"], "--plan", kakiyo["plan_hash"])
    again = command(route, "refuse", kakiyo["job_id"], "--plan", kakiyo["plan_hash"])
    refused = command(route, "refuse", waalaxy["job_id"], "--plan", waalaxy["plan_hash"], "--json")

    assert "not the plan" in other.output
    assert (other.exit_code, approved.exit_code, again.exit_code) == (2, 0, 2)
    assert json.loads(refused.output)["job_id"] == waalaxy["job_id"]
    ended = {job["provider"]: job for job in route.finished(2)}
    assert counted(ended["kakiyo"]) == {"confirmed": 4}
    assert counted(ended["waalaxy"]) == {"refused": 4}
    assert (ended["waalaxy"]["state"], ended["waalaxy"]["reason"]) == ("cancelled", "not_approved")
    assert route.simulators["waalaxy"].imports == []
    (of_upload,) = notices(route.name, kind="upload")
    assert [job["state"] for job in of_upload["jobs"]] == ["cancelled", "succeeded"]


def test_after_a_bad_sample_the_rest_is_sent_only_once_somebody_approves(
    make_route: Callable[..., Route], notices: Callable[..., list[dict[str, Any]]]
) -> None:
    route = make_route("activecampaign", route={"sample": {"rows": 2, "bad_share_at_most": 0.5}})
    refused = (person(name, "refused") for name in ("ada", "bo"))
    route.drop(table_text(*refused, person("cy"), person("di")))

    def asked() -> list[dict[str, Any]]:
        return [job for job in route.jobs() if "hold_told_at" in job]

    (job,) = until(asked, "nobody was asked")
    assert (job["state"], counted(job)) == ("held", {"refused": 2})
    assert job["reason_text"].startswith("Of the first 2 rows 2 (100%) went badly")
    told = notices(route.name, kind="")
    assert {notice["state"] for notice in told} == {"held"}

    approved = command(route, "approve", job["job_id"], "--plan", job["plan_hash"])

    assert approved.exit_code == 0, approved.output
    (ended,) = route.finished(1)
    assert ended["execution_arn"].endswith(f":{job['job_id']}.3")
    assert counted(ended) == {"refused": 2, "accepted": 2}
