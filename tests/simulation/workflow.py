"""Plays `functions/import.asl.json` in virtual time: what Step Functions would do with a job.

Every state, retry and catch is read from the file. Of JSONata, exactly the expressions are known
that stand there; another one is an error, so that nothing is played that is not written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.deploy import load_template

ROOT = Path(__file__).parents[2]
DEFINITION: dict[str, Any] = json.loads((ROOT / "functions" / "import.asl.json").read_text("utf-8"))
_TEMPLATE = load_template(ROOT / "template.yaml")
START: str = DEFINITION["StartAt"]
SUBSTITUTIONS: dict[str, Any] = _TEMPLATE["Resources"]["ImportStateMachine"]["Properties"][
    "DefinitionSubstitutions"
]
_DEFAULT_TIMEOUT = int(_TEMPLATE["Globals"]["Function"]["Timeout"])


def _timeout(resource: str) -> int:
    properties = _TEMPLATE["Resources"][resource]["Properties"]
    return int(properties.get("Timeout", _DEFAULT_TIMEOUT))


TIMEOUTS = {
    "send": _DEFAULT_TIMEOUT,
    "status": _DEFAULT_TIMEOUT,
    "finish": _timeout("FinishFunction"),
    "submit": _timeout("SubmitFunction"),
}
"""Seconds that each function may run."""

_QUEUE = _TEMPLATE["Resources"]["SubmitQueue"]["Properties"]
VISIBILITY_SECONDS = int(_QUEUE["VisibilityTimeout"])
RECEIVES = int(_QUEUE["RedrivePolicy"]["maxReceiveCount"])

Data = dict[str, Any]


@dataclass(frozen=True)
class Retry:
    """One rule of a state's `Retry`."""

    errors: tuple[str, ...]
    interval: float
    attempts: int
    backoff: float
    longest: float
    jitter: bool

    def seconds(self, tries: int, drawn: float) -> float:
        """How long to wait before the next attempt."""
        wait = min(self.interval * self.backoff**tries, self.longest)
        return wait * drawn if self.jitter else wait


@dataclass(frozen=True)
class Catch:
    """One rule of a state's `Catch`: after it the turn is one more, and goes on there."""

    errors: tuple[str, ...]
    following: str


@dataclass(frozen=True)
class State:
    """A state, ready to be played. `task` is a function's name, or `continue`."""

    name: str
    kind: str
    following: str = ""
    choices: tuple[tuple[Callable[[Data, datetime], bool], str], ...] = ()
    seconds: float = 0
    task: str = ""
    retries: tuple[Retry, ...] = ()
    catches: tuple[Catch, ...] = ()


def _term(text: str) -> Callable[[Data, datetime], bool]:
    if found := re.fullmatch(r"\$states\.input\.(\w+) = '(\w+)'", text):
        name, word = found.groups()
        return lambda data, _: data.get(name) == word
    if found := re.fullmatch(r"\$states\.input\.(\w+) >= (\d+)", text):
        name, number = found[1], int(found[2])
        return lambda data, _: data[name] >= number
    if found := re.fullmatch(r"\$not\(\$exists\(\$states\.input\.(\w+)\)\)", text):
        name = found[1]
        return lambda data, _: name not in data
    if found := re.fullmatch(r"\$states\.input\.(\w+) < \$now\(\)", text):
        name = found[1]
        return lambda data, now: datetime.fromisoformat(data[name]) < now
    raise ValueError(f"an expression that the simulator cannot play: {text}")


def condition(expression: str, turns: int) -> Callable[[Data, datetime], bool]:
    """Return a Choice's condition as a function; `turns` stands for `${MaxTurns}`."""
    text = _unwrapped(expression).replace("${MaxTurns}", str(turns))
    terms = [_term(part) for part in text.split(" and ")]
    return lambda data, now: all(term(data, now) for term in terms)


def _unwrapped(expression: str) -> str:
    found = re.fullmatch(r"\{% (.*) %\}", expression)
    if found is None:
        raise ValueError(f"not JSONata: {expression}")
    return found[1]


def _caught(rule: Data) -> Catch:
    if _unwrapped(rule["Output"]) != "$merge([$states.input, {'turn': $states.input.turn + 1}])":
        raise ValueError(f"an output that the simulator cannot play: {rule['Output']}")
    return Catch(tuple(rule["ErrorEquals"]), rule["Next"])


def _retry(rule: Data) -> Retry:
    return Retry(
        tuple(rule["ErrorEquals"]),
        float(rule["IntervalSeconds"]),
        int(rule["MaxAttempts"]),
        float(rule["BackoffRate"]),
        float(rule["MaxDelaySeconds"]),
        rule["JitterStrategy"] == "FULL",
    )


def _task(name: str, state: Data) -> str:
    if state["Resource"].endswith(":aws-sdk:sfn:startExecution"):
        arguments = state["Arguments"]
        expected = {
            "StateMachineArn": "{% $states.context.StateMachine.Id %}",
            "Name": "{% $states.input.job_id & '.' & $string($states.input.generation + 1) %}",
            "Input": "{% $string($merge([$states.input, "
            "{'turn': 0, 'generation': $states.input.generation + 1}])) %}",
        }
        if arguments != expected:
            raise ValueError(f"arguments that the simulator cannot play: {arguments}")
        return "continue"
    if state["Arguments"]["Payload"] != "{% $states.input %}":
        raise ValueError(f"a payload that the simulator cannot play: {state['Arguments']}")
    if state["Output"] != "{% $states.result.Payload %}":
        raise ValueError(f"an output that the simulator cannot play: {state['Output']}")
    return name.lower()


def states_of(definition: Data, turns: int) -> dict[str, State]:
    """Return the states of a definition, ready to be played."""
    return {name: _state(name, state, turns) for name, state in definition["States"].items()}


def _state(name: str, state: Data, turns: int) -> State:
    kind = state["Type"]
    if kind == "Choice":
        choices = tuple((condition(c["Condition"], turns), c["Next"]) for c in state["Choices"])
        return State(name, kind, state["Default"], choices)
    if kind == "Wait" and "Seconds" in state:
        return State(name, kind, state["Next"], seconds=state["Seconds"])
    if kind == "Wait":
        if _unwrapped(state["Timestamp"]) != "$states.input.wait_until":
            raise ValueError(f"a wait that the simulator cannot play: {state['Timestamp']}")
        return State(name, kind, state["Next"])
    if kind == "Succeed":
        return State(name, kind)
    if kind != "Task":
        raise ValueError(f"a state that the simulator cannot play: {kind}")
    return State(
        name,
        kind,
        state.get("Next", ""),
        task=_task(name, state),
        retries=tuple(_retry(rule) for rule in state.get("Retry", ())),
        catches=tuple(_caught(rule) for rule in state.get("Catch", ())),
    )


def wait_moment(data: Data) -> datetime:
    """When a Wait ends: Step Functions cuts the moment to whole seconds."""
    return datetime.fromisoformat(data["wait_until"]).replace(microsecond=0)


def matches(errors: tuple[str, ...], error: str) -> bool:
    """Whether a rule is about this error."""
    return error in errors or "States.ALL" in errors
