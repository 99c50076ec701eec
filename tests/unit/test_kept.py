"""What `make up` remembers of simulators between runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from listdrop.models import Turn
from local.kept import Addresses, end_broken_off
from local.stack import Stack


class Secrets:
    """Secrets Manager, with what `keep` asks of it."""

    def __init__(self, **secrets: str) -> None:
        self.texts = secrets

    def get_paginator(self, _: str) -> Secrets:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"SecretList": [{"Name": name} for name in self.texts]}]

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 # boto3's name
        return {"SecretString": self.texts[SecretId]}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803 # boto3's
        self.texts[SecretId] = SecretString


class Stacked:
    """A stack with nothing but secrets."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def client(self, _: str) -> Secrets:
        return self._secrets


def keep(addresses: Addresses, secrets: Secrets, **urls: str) -> None:
    addresses.keep(urls, cast("Stack", Stacked(secrets)))


def test_accounts_follow_a_simulator_to_its_next_port_and_no_others_change(tmp_path: Path) -> None:
    others = {
        "real": '{"api_key": "k", "base_url": "https://api.kakiyo.com/v1"}',
        "none": '{"api_key": "k"}',
        "text": "not JSON",
        "list": "[]",
    }
    secrets = Secrets(mine='{"api_key": "k", "base_url": "http://127.0.0.1:5001/v1"}', **others)
    keep(Addresses(tmp_path), secrets, kakiyo="http://127.0.0.1:5001")

    keep(Addresses(tmp_path), secrets, kakiyo="http://127.0.0.1:5002")

    mine = json.loads(secrets.texts.pop("mine"))
    assert mine == {"api_key": "k", "base_url": "http://127.0.0.1:5002/v1"}
    assert secrets.texts == others


def test_a_simulator_has_its_last_port_unless_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(Addresses(tmp_path), Secrets(), kakiyo="http://127.0.0.1:5001")
    addresses = Addresses(tmp_path)

    monkeypatch.setattr("local.kept.is_taken", lambda _: False)
    assert (addresses.port("kakiyo"), addresses.port("waalaxy")) == (5001, 0)
    assert ("kakiyo" in addresses, "waalaxy" in addresses) == (True, False)
    monkeypatch.setattr("local.kept.is_taken", lambda _: True)
    assert addresses.port("kakiyo") == 0


# ---------------------------------------------------------------- jobs that broke off

_NO_ROOM = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke")
_FAILED = {"FunctionError": "Unhandled"}
_STOPPED = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")


class Broken:
    """A stack of the last run, whose executions failed."""

    outputs = {"ImportStateMachine": "import"}
    url = "http://127.0.0.1:4566"

    def __init__(self, jobs: Sequence[str], items: Mapping[str, Mapping[str, str]]) -> None:
        deadline = datetime(2026, 11, 30, tzinfo=UTC)
        turns = [Turn(job_id=job, provider="kakiyo", deadline_at=deadline) for job in jobs]
        self._inputs = [turn.model_dump_json() for turn in turns]
        self._items = {f"JOB#{job}": item for job, item in items.items()}

    @property
    def table(self) -> Broken:
        return self

    def get_item(self, Key: Mapping[str, str]) -> dict[str, Any]:  # noqa: N803 # boto3's name
        return {"Item": self._items[Key["pk"]]} if Key["pk"] in self._items else {}

    def client(self, _: str) -> Broken:
        return self

    def get_paginator(self, _: str) -> Broken:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"executions": [{"executionArn": str(i)} for i in range(len(self._inputs))]}]

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 # boto3's
        return {"input": self._inputs[int(executionArn)]}


class Finish:
    """Lambda, whose Finish ends the jobs that it is told of, and has room for one at a time."""

    def __init__(self, answers: Mapping[str, Sequence[Any]]) -> None:
        self._answers = {job: iter(said) for job, said in answers.items()}
        self._room = threading.Lock()
        self.told: list[str] = []
        self.ended: list[str] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        job = json.loads(json.loads(asked["Payload"])["input"])["job_id"]
        if asked.get("InvocationType") == "Event":
            threading.Thread(target=self._run, args=(job,)).start()
            return {}
        return self._run(job)

    def _run(self, job: str) -> dict[str, Any]:
        if not self._room.acquire(blocking=False):
            raise _NO_ROOM
        try:
            time.sleep(0.01)
            return self._answer(job)
        finally:
            self._room.release()

    def _answer(self, job: str) -> dict[str, Any]:
        self.told.append(job)
        answer: Any = next(self._answers.get(job, iter(())), {})
        if isinstance(answer, Exception):
            raise answer
        if "FunctionError" not in answer:
            self.ended.append(job)
        return cast("dict[str, Any]", answer)


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], Finish]]:
    def ending(jobs: Mapping[str, Any], **answers: Sequence[Any]) -> tuple[list[str], Finish]:
        finish = Finish(answers)
        monkeypatch.setattr("local.kept.client", lambda *_, **__: finish)
        monkeypatch.setattr("local.kept._PAUSE_SECONDS", 0)
        before = set(threading.enumerate())
        said = end_broken_off(cast("Stack", Broken(list(jobs), jobs)))
        for thread in set(threading.enumerate()) - before:
            thread.join(timeout=30)
        return said, finish

    return ending


def test_more_jobs_than_finish_has_room_for_are_all_ended(
    end: Callable[..., tuple[list[str], Finish]],
) -> None:
    jobs = {f"spring-kakiyo-{number}": {"state": "running"} for number in range(11)}

    said, finish = end(jobs)

    assert said == finish.ended == list(jobs)


def test_jobs_that_told_of_their_end_or_are_gone_are_left_alone(
    end: Callable[..., tuple[list[str], Finish]],
) -> None:
    jobs = {"told": {"notified_at": "2026-11-29T22:49:07Z"}, "gone": {}, "ran": {"state": "held"}}

    said, finish = end(jobs)

    assert said == finish.told == ["ran"]


def test_finish_is_told_again_where_it_failed_or_had_no_room_and_then_of_the_next_job(
    end: Callable[..., tuple[list[str], Finish]],
) -> None:
    jobs = {job: {"state": "running"} for job in ("full", "slow", "bad", "fine")}

    _, finish = end(jobs, full=[_NO_ROOM], slow=[_FAILED, _FAILED], bad=[_FAILED] * 99)

    assert finish.ended == ["full", "slow", "fine"]
    assert finish.told.count("bad") > 2


def test_nothing_more_is_asked_of_an_engine_that_was_stopped(
    end: Callable[..., tuple[list[str], Finish]],
) -> None:
    jobs = {job: {"state": "running"} for job in ("first", "second", "third")}

    _, finish = end(jobs, second=[_STOPPED])

    assert finish.told == ["first", "second"]
