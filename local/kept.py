"""What `make up` keeps between runs, beside the engine, which saves its own data.

Simulators forget what they were sent, but keep their ports, since accounts name them. The workflows
that ran when the engine stopped are gone, so their jobs are ended.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from listdrop.aws import keys
from listdrop.models import Turn
from local.deploy import STACK, client
from local.engine import is_taken

if TYPE_CHECKING:
    from local.stack import Stack

_FINISH_SECONDS = 900
"""How long Finish may take for a job."""
_TRIES, _PAUSE_SECONDS = 5, 2.0
"""How often Finish is told of a job, if it fails or has no room, and the pause between."""


class Addresses:
    """The simulators' URLs of the last run, by provider, in a file of the data folder."""

    def __init__(self, data: Path) -> None:
        self._file = data / "simulators.json"
        self._last: dict[str, str] = {}
        if self._file.exists():
            self._last = json.loads(self._file.read_text("utf-8"))

    def __contains__(self, provider: str) -> bool:
        return provider in self._last

    def port(self, provider: str) -> int:
        """Return the port of the last run, or 0 for any if there is none or it is taken."""
        port = urlsplit(self._last.get(provider, "")).port or 0
        return 0 if port and is_taken(port) else port

    def keep(self, urls: Mapping[str, str], stack: Stack) -> None:
        """Write down this run's URLs, and have accounts that name the last run's follow."""
        moved = {
            self._last[name]: url for name, url in urls.items() if self._last.get(name, url) != url
        }
        if moved:
            _move(stack, moved)
        self._file.write_text(json.dumps(dict(urls)), "utf-8")


def _move(stack: Stack, moved: Mapping[str, str]) -> None:
    """Write the URLs that simulators have now into all accounts with those that they had."""
    secrets = stack.client("secretsmanager")
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [f"{STACK}/"]}]
    )
    for name in [each["Name"] for page in pages for each in page["SecretList"]]:
        try:
            secret = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
            parts = urlsplit(secret["base_url"])
            address = urlsplit(moved[f"{parts.scheme}://{parts.netloc}"])
        except (ValueError, KeyError, TypeError):
            continue  # not an account of a simulator
        base_url = parts._replace(netloc=address.netloc).geturl()
        text = json.dumps(secret | {"base_url": base_url})
        secrets.put_secret_value(SecretId=name, SecretString=text)


def end_broken_off(stack: Stack) -> list[str]:
    """Have the jobs ended whose workflows broke off with the last run; return their ids.

    Finish is told as EventBridge does on AWS, which here was stopped itself. It is told of one job
    after the other, beside what else happens: the engine forgets events for which a function has no
    room, and here it has room for a few.
    """
    inputs = {}
    for text in _failed(stack):
        job_id = Turn.model_validate_json(text).job_id
        item = stack.table.get_item(Key=keys.job(job_id)).get("Item", {})
        if item and "notified_at" not in item:
            inputs[job_id] = text
    if inputs:
        functions = client("lambda", stack.url, read_timeout=_FINISH_SECONDS)
        ending = threading.Thread(
            target=_end_each, args=(functions, list(inputs.values())), daemon=True
        )
        ending.start()
    return list(inputs)


def _end_each(functions: Any, inputs: Sequence[str]) -> None:
    for text in inputs:
        for _ in range(_TRIES):
            try:
                if _is_ended(functions, text):
                    break
            except BotoCoreError:  # the engine has been stopped: the next run goes on
                return
            time.sleep(_PAUSE_SECONDS)


def _is_ended(functions: Any, text: str) -> bool:
    """Tell Finish of a job, and return whether it ended it."""
    try:
        answer = functions.invoke(
            FunctionName=f"{STACK}-finish", Payload=json.dumps({"input": text})
        )
    except ClientError:  # it has no room now
        return False
    return "FunctionError" not in answer


def _failed(stack: Stack) -> Iterator[Any]:
    """Yield the inputs of executions that failed; the engine lets all fail that ran."""
    states = stack.client("stepfunctions")
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=stack.outputs["ImportStateMachine"], statusFilter="FAILED"
    )
    for page in pages:
        for each in page["executions"]:
            yield states.describe_execution(executionArn=each["executionArn"])["input"]
