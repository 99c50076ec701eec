"""Stands before a deployed function's handler, and has it die where a test wants it to.

It is packed into the function beside `app.py`. What should go wrong lies in a folder of the test: a
file for each route, `{"function": ..., "effect": ..., "when": ..., "how": ...}`, played once. An
effect is a write to AWS or a request to a provider, and `effect` a pattern for its name. Leases
that no wait scale shortens are shortened here, as nobody waits for a quarter of an hour.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from requests.adapters import HTTPAdapter

from listdrop.jobs import submitting

FOLDER = "faults.txt"
"""The file beside this one that names the folder."""

_ROUTE = re.compile(r"t[0-9a-f]{8}")
_FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
_WRITES = (
    "PutItem",
    "UpdateItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "PutObject",
    "StartExecution",
    "Publish",
)
_handled = ""
"""The route that the function is at work for; a function handles one event at a time."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Do what the function does, until it should die."""
    global _handled  # effects do not say whose they are
    found = _ROUTE.search(json.dumps(event))
    _handled = found[0] if found else ""
    return importlib.import_module("app").lambda_handler(event, context)


def name_of(operation: str, members: Mapping[str, Any]) -> str:
    """Name a write by its operation, the kind of its item or its object, and the item's state."""
    item = members.get("Item") or members.get("Key")
    if operation == "BatchWriteItem":
        item = next(iter(members["RequestItems"].values()))[0]["PutRequest"]["Item"]
    if not isinstance(item, Mapping):
        return f"{operation} {item or ''}".strip()
    values = members.get("ExpressionAttributeValues", {}).values()
    states = [value for value in values if isinstance(value, str) and value.isalpha()]
    return " ".join((operation, str(item["sk"]).partition("#")[0], *states))


def _passing(effect: str, act: Callable[[], Any]) -> Any:
    fault = _due(effect)
    if fault and fault["when"] == "before":
        _die(fault["how"])
    answer = act()
    if fault:
        _die(fault["how"])
    return answer


def _due(effect: str) -> dict[str, str] | None:
    """Return the fault that should happen to this effect, and to no other any more."""
    script = Path(Path(__file__).with_name(FOLDER).read_text("utf-8")) / _handled
    try:
        fault: dict[str, str] = json.loads(script.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        return None
    if not re.search(fault["function"], _FUNCTION) or not re.search(fault["effect"], effect):
        return None
    try:
        script.rename(script.with_suffix(".played"))
    except FileNotFoundError:  # played by another
        return None
    return fault


def _die(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(3600)  # until the function's time is over


def _wrap() -> None:
    call, send = BaseClient._make_api_call, HTTPAdapter.send  # type: ignore[attr-defined] # private

    def faulty_call(self: Any, operation: str, members: dict[str, Any]) -> Any:
        if operation not in _WRITES:
            return call(self, operation, members)
        return _passing(name_of(operation, members), lambda: call(self, operation, members))

    def faulty_send(self: Any, request: Any, **options: Any) -> Any:
        effect = f"{request.method} {request.path_url}"
        return _passing(effect, lambda: send(self, request, **options))

    BaseClient._make_api_call = faulty_call  # type: ignore[attr-defined] # the one way to all services
    HTTPAdapter.send = faulty_send  # type: ignore[assignment,method-assign] # the one way to all providers


if _FUNCTION:  # in a function, not where tests look at this module
    submitting.PLANNING = timedelta(seconds=1)
    _wrap()
