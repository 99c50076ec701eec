"""What `make up` keeps between runs, and what `make clean-data` forgets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.engine import ROOT, free_port, is_taken
from local.stack import Stack
from tests.support.routes import person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine

LISTDROP = ROOT / ".venv" / "bin" / "listdrop"
ROUTE = {"destinations": [{"provider": "kakiyo", "account": "mine", "campaign_id": "camp_demo"}]}
Item = dict[str, Any]
_ROUTES = ("demo", "spring")


class Home:
    """A folder and a port of our own, on which the stack is started again and again."""

    def __init__(self, folder: Path) -> None:
        self.port = next(port for port in iter(free_port, 0) if not is_taken(port + 14))
        self.folder = folder
        self._environment = os.environ | {"LISTDROP_HOME": str(folder)}

    def _start(self, scale: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [LISTDROP, "up", "--port", str(self.port), "--wait-scale", scale, "--json"],
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )

    @contextmanager
    def up(self, scale: str = "0.02") -> Iterator[tuple[Stack, Item]]:
        """Run the stack until the end of the block; yields what `up` said, too."""
        with self._start(scale) as process:
            try:
                said = _document(process)
                yield Stack(said["url"], said["outputs"]), said
            finally:
                self.down()

    @contextmanager
    def killed(self) -> Iterator[Stack]:
        """Run the stack, and kill all of it at the end of the block, as a power cut would."""
        with self._start("0.02") as process:
            try:
                said = _document(process)
                yield Stack(said["url"], said["outputs"])
            finally:
                engine = self.folder / str(self.port) / "engine.pid"
                os.killpg(int(engine.read_text("utf-8")), signal.SIGKILL)
                process.kill()

    def has_saved(self, text: str) -> bool:
        """Whether a text is in what is saved of the table; at times, the next takes its place."""
        saved = self.folder / str(self.port) / "data" / "saved" / "dynamodb.json"
        with suppress(FileNotFoundError):
            return text in saved.read_text("utf-8")
        return False

    def down(self, *options: str) -> Item:
        """Run `down`, and return its answer."""
        done = subprocess.run(
            [LISTDROP, "down", "--port", str(self.port), "--json", *options],
            check=True,
            capture_output=True,
            text=True,
            env=self._environment,
        )
        return dict(json.loads(done.stdout))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    found = Home(tmp_path)
    yield found
    found.down("--forget")


def _document(process: subprocess.Popen[str]) -> Item:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            return dict(json.loads(text))
    raise AssertionError(text or "`up` ended at once")


def _job(stack: Stack, has: Callable[[Item], bool]) -> Item:
    """Wait for the only job, and until it is so."""

    def look() -> Item | None:
        jobs = [item for item in stack.table.scan()["Items"] if item["sk"] == "JOB"]
        return jobs[0] if len(jobs) == 1 and has(jobs[0]) else None

    found = until(look)
    assert found is not None
    return found


def _is_told(job: Item) -> bool:
    return "notified_at" in job


def _told(stack: Stack) -> list[Item]:
    return [item for item in stack.table.scan()["Items"] if _is_told(item)]


def _versions(stack: Stack) -> list[tuple[str, str, bytes]]:
    """Return each kept object: its key, its version, its content."""
    s3, found = stack.client("s3"), []
    for name in ("UploadsBucket", "ResultsBucket"):
        bucket = stack.outputs[name]
        for each in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            named = {"Bucket": bucket, "Key": each["Key"]}
            if each.get("VersionId") not in (None, "null"):
                named["VersionId"] = each["VersionId"]
            content = s3.get_object(**named)["Body"].read()
            found.append((each["Key"], str(each.get("VersionId")), content))
    return sorted(found)


def _prepare(stack: Stack, *people: tuple[str, ...]) -> None:
    stack.put_account("kakiyo", "mine", _account(stack, "default"))
    stack.put_route("spring", ROUTE)
    stack.drop("inbox/spring/a.csv", table_text(*people))


def _account(stack: Stack, name: str) -> Item:
    secrets = stack.client("secretsmanager")
    text = secrets.get_secret_value(SecretId=f"listdrop/kakiyo/{name}")["SecretString"]
    return dict(json.loads(text))


def _subscribers(stack: Stack) -> list[str]:
    found = stack.client("sns").list_subscriptions_by_topic(TopicArn=stack.outputs["ResultsTopic"])
    return [each["Endpoint"] for each in found["Subscriptions"]]


@pytest.mark.soak
def test_what_up_has_lasts_until_it_is_forgotten(home: Home) -> None:
    with home.up() as (stack, said):
        _prepare(stack, person("ada"), person("bob"))
        stack.client("sns").subscribe(
            TopicArn=stack.outputs["ResultsTopic"], Protocol="email", Endpoint="me@example.com"
        )
        first = _job(stack, _is_told)
        assert first["state"] == "succeeded"
        stored = _versions(stack)
        stack.client("ssm").delete_parameter(Name="/listdrop/routes/demo")

    with home.up("0.03") as (stack, again):
        assert again["outputs"] == said["outputs"]
        assert again["broken_off"] == []
        assert _job(stack, _is_told) == first
        assert _versions(stack) == stored
        assert _subscribers(stack) == ["me@example.com"]
        routes = stack.client("ssm").get_parameters_by_path(Path="/listdrop/routes")["Parameters"]
        assert [each["Name"] for each in routes] == ["/listdrop/routes/spring"]
        scale = stack.client("lambda").get_function_configuration(
            FunctionName="listdrop-send-kakiyo"
        )["Environment"]["Variables"]["WAIT_SCALE"]
        assert scale == "0.03"

        stack.drop("inbox/spring/b.csv", table_text(person("eve")))
        until(lambda: len(_told(stack)) == 2)
        assert {job["state"] for job in _told(stack)} == {"succeeded"}

    kept = json.loads((home.folder / str(home.port) / "data" / "simulators.json").read_text())
    taken = ("127.0.0.1", urlsplit(kept["kakiyo"]).port)
    with socket.create_server(taken), home.up() as (stack, moved):
        address = moved["simulators"]["kakiyo"]
        assert address != said["simulators"]["kakiyo"]
        for name in ("default", "mine"):
            assert _account(stack, name)["base_url"].startswith(address)

    assert home.down("--forget") == {"port": home.port, "was_up": False, "had_data": True}
    with home.up() as (stack, _):
        assert stack.table.scan()["Items"] == []
        assert _versions(stack) == []
        assert _subscribers(stack) == []


@pytest.mark.slow
def test_what_ended_seconds_ago_is_there_after_a_power_cut(home: Home) -> None:
    with home.killed() as stack:
        _prepare(stack, person("ada"), person("bob"))
        first = _job(stack, _is_told)
        stored = _versions(stack)
        until(lambda: home.has_saved("notified_at"))

    with home.up() as (stack, again):
        assert again["saved_at"]
        assert again["broken_off"] == []
        assert _job(stack, _is_told) == first
        assert _versions(stack) == stored
        routes = stack.client("ssm").get_parameters_by_path(Path="/listdrop/routes")["Parameters"]
        assert {each["Name"] for each in routes} == {f"/listdrop/routes/{n}" for n in _ROUTES}

        stack.drop("inbox/spring/b.csv", table_text(person("eve")))
        until(lambda: len(_told(stack)) == 2)
        assert {job["state"] for job in _told(stack)} == {"succeeded"}

    with home.up() as (stack, again):
        assert again["saved_at"] == ""
        assert len(_told(stack)) == 2


@pytest.mark.slow
def test_a_job_that_ran_when_it_stopped_is_ended_by_the_next_run(home: Home) -> None:
    with home.up("1") as (stack, _):
        _prepare(stack, person("ada", slug_marker="stuck"))
        (sent,) = until(
            lambda: [i for i in stack.table.scan()["Items"] if i.get("state") == "sent"]
        )
        job = _job(stack, lambda job: not _is_told(job))
        assert sent["pk"] == job["pk"]

    with home.up() as (stack, again):
        assert again["broken_off"] == [job["job_id"]]
        ended = _job(stack, _is_told)
        assert int(ended["counts"]["unknown"]) == 1
