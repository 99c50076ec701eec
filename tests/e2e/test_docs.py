"""What the README and the docs claim, run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from local.engine import ROOT
from tests.e2e.pages import NOTIFICATIONS, OPERATIONS, QUERIES, README, USING, Page, shell
from tests.support.leaks import CANARY
from tests.support.routes import Route, person, table_text

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("page", "heading"),
    [(OPERATIONS, ""), (NOTIFICATIONS, ""), (QUERIES, "Before you start")],
    ids=["operations", "notifications", "queries"],
)
@pytest.mark.slow
def test_a_page_s_variables_are_the_stack_s_outputs(
    make_route: Callable[..., Route], page: Page, heading: str
) -> None:
    route = make_route("waalaxy")
    (block,) = page.commands(heading)
    outputs = page.outputs(route)
    shown = "".join(f'\necho "{name}=${name}"' for name in outputs)

    said = shell(block + shown, route)

    assert dict(line.split("=", 1) for line in said.splitlines()) == outputs


@pytest.mark.slow
def test_the_queries_answer_their_questions(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    route.drop(table_text(person("ada"), person("bo", "refused")))
    (job,) = route.finished(1)

    (block,) = README.commands("Query")
    variables = {"JOB": job["job_id"], "ROUTE": route.name}
    how, today, of_route, failed, who = (
        [line.split("\t") for line in README.run(command, route, **variables).splitlines()]
        for command in block.splitlines()
    )

    assert ["state", "partial (100 %)"] in how
    assert job["job_id"] in {line[0] for line in today}
    assert [line[:2] for line in of_route] == [[job["job_id"], "partial"]]
    assert [(line[0], line[2]) for line in failed] == [("2", "refused")]
    mine = [line for line in who if line[0] == job["job_id"]]
    assert [(line[2], line[3]) for line in mine] == [("1", "accepted")]


def test_rows_are_sent_again(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo", "waalaxy")
    route.drop(table_text(person("ada"), person("bo", slug_marker="nochat")))
    job = next(job for job in route.finished(2) if job["provider"] == "kakiyo")
    (command,) = USING.commands("Send again")

    USING.run(command, route, JOB=job["job_id"])

    assert [each.get("retry_of") for each in route.finished(3)] == [None, job["job_id"], None]


@pytest.mark.slow
def test_a_subscription_filters_by_state(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    ours, theirs = USING.commands("Subscribe")

    told = "all uploads that are held, partial, failed, expired or rejected, or have warnings"
    assert told in USING.run(ours, route)
    assert "SubscriptionArn" in USING.run(theirs, route)


@pytest.mark.slow
def test_routes_and_accounts_are_written_by_the_command(
    make_route: Callable[..., Route], tmp_path: Any
) -> None:
    route = make_route("kakiyo")
    (command,) = USING.commands("Routes and accounts")
    key = ROOT / "key.txt"
    (tmp_path / "key.txt").write_text(f"a-key-{CANARY}\n")
    command = command.replace("key.txt", str(tmp_path / "key.txt")).replace(
        "--name demo", f"--name {route.name}-x"
    )

    command = command.replace("put kakiyo", f"put kakiyo --account {route.name}-x")
    answer = USING.run(command, route)

    assert "Route" in answer
    assert not key.exists()
    secret = route.stack.client("secretsmanager").get_secret_value(
        SecretId=f"listdrop/kakiyo/{route.name}-x"
    )
    assert json.loads(secret["SecretString"]) == {"api_key": f"a-key-{CANARY}"}
    assert CANARY not in answer


@pytest.mark.slow
def test_a_wrong_route_is_refused_with_the_key_that_is_wrong(
    make_route: Callable[..., Route], tmp_path: Any
) -> None:
    route = make_route("kakiyo")
    file = tmp_path / "wrong.json"
    file.write_text('{"destinations": [{"provider": "kakiyo", "campaign": "x"}]}')

    with pytest.raises(AssertionError, match="unknown key 'campaign'"):
        USING.run(f"listdrop route put {file}", route)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "command"),
    [
        (README, ["demo"]),
        (USING, ["check", "events/prospects.csv", "--route", "events/demo-route.json"]),
    ],
    ids=["demo", "check"],
)
def test_commands_print_what_the_docs_show(page: Page, command: list[str]) -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/listdrop", *command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = page.text.split("```console\n")[1].split("```")[0]
    printed = {line.rstrip() for line in done.stdout.splitlines()}
    for line in shown.splitlines()[1:]:
        assert line == "..." or line.rstrip() in printed, line
