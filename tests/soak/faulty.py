"""Stands before a deployed function's handler, and has it die where a test wants it to.

It is packed into the function beside `app.py`. What should go wrong lies in a folder of the test,
in a file for each route, and is played once: `{"function": ..., "effect": ..., "since": ...,
"when": ..., "how": ...}`. An effect is a write to AWS or a request to a provider; `effect` is a
pattern for its name, and `since` one for what happened before. All effects are noted beside that
file. Leases that no wait scale shortens are shortened here, as nobody waits for a quarter of an
hour.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from requests.adapters import HTTPAdapter

from listdrop.jobs import settling, submitting

FOLDER = "faults.txt"
"""The file beside this one that names the folder."""

SEEN = ".seen"
"""The ending of a route's file of effects that happened: a line for each, function and name."""

BY_FILE = ".by_file"
"""The ending of a file that has a route's outcomes stored in files, however few they are."""

_ROUTE = re.compile(r"t[0-9a-f]{8}")
_FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
_READS = re.compile("Get|Head|List|Describe|Query|Scan|BatchGet")
_SET = re.compile(r"([#\w]+) = (:\w+)")
_MOST_TOLD = settling.MOST_TOLD
_handled = ""
"""The route that the function is at work for; a function handles one event at a time."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Do what the function does, until it should die."""
    global _handled  # effects do not say whose they are
    found = _ROUTE.search(json.dumps(event))
    _handled = found[0] if found else ""
    settling.MOST_TOLD = 0 if _file(BY_FILE).exists() else _MOST_TOLD
    return importlib.import_module("app").lambda_handler(event, context)


def name_of(operation: str, members: Mapping[str, Any]) -> str:
    """Name a write by its operation, the kind of its item or its object, and what it sets.

    A state is named itself: `UpdateItem BATCH state=sending lease_until`. So is a session's, which
    is `none` until it is open.
    """
    if operation == "BatchWriteItem":
        (request,) = next(iter(members["RequestItems"].values()))[0].values()
        members = {"Item": request.get("Item") or request["Key"]}
    item = members.get("Item") or members.get("Key")
    if not isinstance(item, Mapping):
        return f"{operation} {item or ''}".strip()
    return " ".join((operation, _kind_of(item), *_set_by(members)))


def _kind_of(item: Mapping[str, Any]) -> str:
    """Return the kind of an item, with values as boto3 takes them or as DynamoDB has them."""
    pk, sk = (
        str(key["S"] if isinstance(key, Mapping) else key) for key in (item["pk"], item["sk"])
    )
    kind = sk.partition("#")[0]
    return pk.partition("#")[0] if pk.startswith("MARKS#") else kind


def _set_by(members: Mapping[str, Any]) -> Iterator[str]:
    names = members.get("ExpressionAttributeNames", {})
    values = members.get("ExpressionAttributeValues", {})
    for name, value in _SET.findall(members.get("UpdateExpression", "")):
        name = names.get(name, name)
        if name == "session":
            session = json.loads(values[value])
            yield f"session={session['phase'] if session['value'] is not None else 'none'}"
        else:
            yield f"state={values[value]}" if name == "state" else name


def _passing(effect: str, act: Callable[[], Any]) -> Any:
    fault = _due(effect)
    if fault and fault["when"] == "before":
        _die(fault["how"])
    if _handled:
        with _file(SEEN).open("a", encoding="utf-8") as seen:
            seen.write(f"{_FUNCTION} {effect}\n")
    answer = act()
    if fault:
        _die(fault["how"])
    return answer


def _due(effect: str) -> dict[str, str] | None:
    """Return the fault that should happen to this effect, and to no other any more."""
    script = _file()
    try:
        fault: dict[str, str] = json.loads(script.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        return None
    if not re.search(fault["function"], _FUNCTION) or not re.search(fault["effect"], effect):
        return None
    if fault["since"] and not re.search(fault["since"], _file(SEEN).read_text("utf-8")):
        return None
    try:
        script.rename(script.with_suffix(".played"))
    except FileNotFoundError:  # played by another
        return None
    return fault


def _file(ending: str = "") -> Path:
    """Return a file of the route in the test's folder."""
    folder = Path(Path(__file__).with_name(FOLDER).read_text("utf-8"))
    return folder / f"{_handled}{ending}"


def _die(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(3600)  # until the function's time is over


def _wrap() -> None:
    call, send = BaseClient._make_api_call, HTTPAdapter.send  # type: ignore[attr-defined] # private

    def faulty_call(self: Any, operation: str, members: dict[str, Any]) -> Any:
        if _READS.match(operation):
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
