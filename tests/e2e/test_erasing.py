"""A person is erased from a stack: every byte of every version that it keeps is looked at."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import Binary
from typer.testing import CliRunner, Result

from listdrop.jobs.settling import unpack
from listdrop_cli.app import app
from local.stack import Stack
from tests.e2e.pages import OPERATIONS
from tests.support.leaks import CANARY
from tests.support.routes import (
    Route,
    assert_balanced,
    counted,
    first_name,
    person,
    running,
    table_text,
)
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.engine


def run(stack: Stack, *words: str) -> Result:
    return CliRunner().invoke(app, ["erase", *words, "--endpoint-url", stack.url])


def kept(route: Route) -> Iterator[tuple[str, str]]:
    """Yield everything that is kept of a route's jobs: items, and every version of every object."""
    s3 = route.stack.client("s3")
    ids = [job["job_id"] for job in route.jobs()]
    prefixes = [("UploadsBucket", f"inbox/{route.name}/")]
    prefixes += [("ResultsBucket", f"jobs/{job_id}/") for job_id in ids]
    for output, prefix in prefixes:
        bucket = route.stack.outputs[output]
        versions = s3.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", [])
        for each in versions:
            found = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
            yield f"{each['Key']} {each['VersionId']}", found["Body"].read().decode()
    for job_id in ids:
        whole = route.table.scan(FilterExpression=Attr("pk").contains(job_id))["Items"]
        for item in whole:
            yield str(item["sk"]), json.dumps(item, default=_as_text)


def _as_text(value: Any) -> str:
    """What is packed in an item has to be unpacked, to be searched."""
    if isinstance(value, Binary):
        return str(unpack(value.value))  # type: ignore[attr-defined] # its stubs lack that
    return str(value)


def places(route: Route, *names: str) -> list[str]:
    """Where any of the names is kept."""
    return [
        where for where, text in kept(route) if any(name.lower() in text.lower() for name in names)
    ]


@pytest.mark.slow
def test_a_person_is_erased_from_all_five_providers_jobs(
    make_route: Callable[..., Route], stack: Stack
) -> None:
    route = make_route()
    name = f"erica{route.name}"
    mine = (name, f"{name}@example.com", f"{name}-{CANARY}")
    refused = (first_name(name), CANARY.title(), mine[1], "not a profile")
    content = table_text(person("ada"), person(name), person("bo", "refused"), refused)
    route.drop(content)
    route.drop(content, "again.csv")
    jobs = route.finished(10)
    before = {job["job_id"]: counted(job) for job in jobs}
    assert len(places(route, *mine)) > 10 * 4
    (command,) = OPERATIONS.commands("Erase a person")[:1]
    listdrop, erase_word, _ = shlex.split(command)
    assert (listdrop, erase_word) == ("listdrop", "erase")

    refusal = run(stack, mine[1])
    erased = run(stack, mine[1], "--yes", "--json")

    assert (refusal.exit_code, "--yes" in refusal.output) == (2, True)
    assert erased.exit_code == 0, erased.output
    told = {job["job_id"]: job for job in json.loads(erased.stdout)["jobs"]}
    assert told.keys() == before.keys()
    assert {job["upload"] for job in told.values()} == {
        "",
        f"inbox/{route.name}/people.csv",
        f"inbox/{route.name}/again.csv",
    }
    assert all(job["rows"] == 2 for job in told.values())
    for job in told.values():  # what is not in a file has no versions
        assert job["old_versions"] == len(set(job["files"]) - {"batches"})
    assert places(route, *mine) == []
    assert places(route, "ada@example.com") != []
    said = json.loads(erased.stdout)
    assert said.pop("beside") != []  # the answer says which names belong together
    assert not any(name in json.dumps(said) + erased.stderr for name in mine)
    for job in route.jobs():
        assert_balanced(job)
        assert counted(job) == before[job["job_id"]]
        rows = route.file(job, "results.csv")
        assert [row["listdrop_row"] for row in rows] == ["1", "2", "3", "4"]
        assert [row["Email"] for row in rows] == ["ada@example.com", "", rows[2]["Email"], ""]
        assert {row["listdrop_reason"] for row in rows[1::2]} == {"[erased]"}
    again = run(stack, mine[1], "--yes", "--everywhere")
    assert again.exit_code == 1
    assert again.output.startswith(f"Nothing was found about {mine[1]}.\n")
    assert "staged/" in again.output


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "is_erased"), [("n", False), ("y", True)])
def test_a_person_at_a_terminal_is_asked_first(
    make_route: Callable[..., Route], answer: str, *, is_erased: bool
) -> None:
    route = make_route("waalaxy")
    name = f"hanna{route.name}"
    route.drop(table_text(person("ada"), person(name)))
    route.finished(1)
    words = ["erase", f"linkedin.com/in/{name}-{CANARY}", "--endpoint-url", route.stack.url]
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())

    with os.fdopen(ours, "wb"), os.fdopen(theirs, "rb") as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "listdrop_cli", *words],
            check=False,
            stdin=terminal,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    assert "Found 1 rows in 1 jobs." in done.stderr
    assert (done.returncode == 0, places(route, name) == []) == (is_erased, is_erased)


@pytest.mark.slow
def test_a_person_is_found_by_profile_where_the_route_keeps_no_items(
    make_route: Callable[..., Route], stack: Stack
) -> None:
    route = make_route("waalaxy", route={"row_items": "none"})
    name = f"frida{route.name}"
    route.drop(table_text(person("ada"), person(name)))
    route.finished(1)
    profile = f"https://www.linkedin.com/in/{name}-{CANARY}"

    erased = run(stack, profile, "--yes")
    again = run(stack, profile, "--yes")

    assert erased.exit_code == 0, erased.output
    assert "results.csv 1" in erased.output
    assert places(route, name) == []
    assert again.exit_code == 1


def test_a_person_in_a_running_job_is_not_erased_before_it_is_over(
    make_route: Callable[..., Route], stack: Stack
) -> None:
    route = make_route("activecampaign")
    name = f"greta{route.name}"
    route.drop(table_text(person(name), person("bo", "stuck")))
    job = running(route)

    said = run(stack, f"{name}@example.com", "--yes")

    assert (said.exit_code, "cancel it, or wait" in said.output) == (2, True)
    assert job["job_id"] in said.output
    assert places(route, name) != []
    cancelled = ["cancel", job["job_id"], "--endpoint-url", stack.url]
    assert CliRunner().invoke(app, cancelled).exit_code == 0
    route.simulators["activecampaign"].keeps_stuck = False  # what was sent is waited for
    route.finished(1)
    assert run(stack, f"{name}@example.com", "--yes").exit_code == 0
    assert places(route, name) == []


def test_what_names_nobody_is_refused(stack: Stack) -> None:
    said = run(stack, "Ada Lovelace", "--yes")

    assert (said.exit_code, "neither an e-mail address" in said.output) == (2, True)
