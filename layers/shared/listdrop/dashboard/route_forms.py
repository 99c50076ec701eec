"""A route as a form: its destinations by their models' own schema, the rest as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from listdrop.jobs.route_checks import is_dear
from listdrop.providers import REGISTRY
from listdrop.providers.routing import destination_problems

_DESTINATIONS = "destinations"
_PROVIDER = "provider"
_WHOLE = re.compile(r"-?\d+")
Json = dict[str, Any]


class Input(NamedTuple):
    """A field of the form: `kind` is text, number, checkbox, choice, lines or pairs.

    `offered` is what the account has for it: ids and names.
    """

    name: str
    label: str
    kind: str
    value: str = ""
    choices: Sequence[str] = ()
    is_required: bool = False
    error: str = ""
    offered: Sequence[tuple[str, str]] = ()


class Part(NamedTuple):
    """A destination in the form. `said` is what its model says of its members.

    `answer` is a sentence about what its account was asked.
    """

    number: int
    provider: str
    said: str
    inputs: Sequence[Input]
    error: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class RouteForm:
    """A route in the making: its destinations, and all else as JSON; and what is wrong with it."""

    destinations: Sequence[Json] = ()
    rest: str = "{}"
    errors: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """By destination and member."""
    error_of_rest: str = ""
    offered: Mapping[tuple[int, str], Mapping[str, str]] = field(default_factory=dict)
    """What accounts have, by destination and member: names by id."""
    answers: Mapping[int, str] = field(default_factory=dict)
    """What came of asking an account, by destination."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing is known to be wrong."""
        return not self.errors and not self.error_of_rest

    @property
    def text(self) -> str:
        """The route as it would be written."""
        rest = {} if self.error_of_rest else json.loads(self.rest)
        route = {_DESTINATIONS: list(self.destinations), **rest}
        written = _pretty(route)
        if is_dear(written):
            return json.dumps(route, ensure_ascii=False, separators=(",", ":"))
        return written

    def parts(self) -> Iterator[Part]:
        """Yield the destinations as they are shown."""
        for number, members in enumerate(self.destinations):
            provider = members[_PROVIDER]
            schema = REGISTRY[provider].destination_model.model_json_schema()
            inputs = [
                self._input(number, name, said, members, schema.get("required", ()))
                for name, said in schema["properties"].items()
                if name != _PROVIDER
            ]
            said = re.sub(r"\s*\([^)]*docs/[^)]*\)|`", "", schema.get("description", ""))
            error, answer = self.errors.get((number, ""), ""), self.answers.get(number, "")
            yield Part(number, provider, said, inputs, error, answer)

    def _input(
        self, number: int, name: str, said: Json, members: Json, required: Sequence[str]
    ) -> Input:
        kind = _kind_of(said)
        return Input(
            name=f"{number}.{name}",
            label=name.replace("_", " "),
            kind=kind,
            value=_shown(kind, members.get(name, said.get("default"))),
            choices=said.get("enum", ()),
            is_required=name in required,
            error=self.errors.get((number, name), ""),
            offered=list(self.offered.get((number, name), {}).items()),
        )


def form_of(text: str) -> RouteForm | None:
    """Return the form of a stored route; `None` if it is only to be changed as JSON."""
    try:
        route = json.loads(text)
        destinations = route.pop(_DESTINATIONS)
        known = all(each[_PROVIDER] in REGISTRY for each in destinations)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not known or any(_unknown(each) for each in destinations):
        return None
    return RouteForm(destinations, _pretty(route))


def _unknown(members: Json) -> set[str]:
    return members.keys() - REGISTRY[members[_PROVIDER]].destination_model.model_fields.keys()


def filled_in(form: MultiDict[str, str]) -> RouteForm:
    """Return what somebody has filled in, with everything that its models refuse."""
    destinations: list[Json] = []
    errors: dict[tuple[int, str], str] = {}
    for number, provider in enumerate(form.getlist(_PROVIDER)):
        if provider not in REGISTRY or form.get(f"{number}.gone"):
            continue
        members, problems = _members(provider, number, form)
        problems = {**destination_problems(members), **problems}
        errors |= {(len(destinations), name): said for name, said in problems.items()}
        destinations.append(members)
    rest, problem = _rest(form.get("rest", "{}"))
    return RouteForm(destinations, rest, errors, problem)


def place_of(number: int, form: MultiDict[str, str]) -> int:
    """Return which destination of `filled_in` is the one of this number in the form."""
    return number - sum(bool(form.get(f"{each}.gone")) for each in range(number))


def _rest(text: str) -> tuple[str, str]:
    try:
        found = json.loads(text.strip() or "{}")
    except ValueError as error:
        return text, f"This is not JSON: {error}."
    if not isinstance(found, dict) or _DESTINATIONS in found:
        return text, "This must be an object in braces, without the destinations."
    return _pretty(found), ""


def _members(provider: str, number: int, form: MultiDict[str, str]) -> tuple[Json, dict[str, str]]:
    """Return a destination's members, without those that are as by default, and what is wrong."""
    schema = REGISTRY[provider].destination_model.model_json_schema()
    members: Json = {_PROVIDER: provider}
    problems: dict[str, str] = {}
    for name, said in schema["properties"].items():
        kind, sent = _kind_of(said), form.get(f"{number}.{name}")
        if name == _PROVIDER or (sent is None and kind != "checkbox"):
            continue
        try:
            value = _read(kind, said, sent or "")
        except ValueError as error:
            problems[name] = str(error)
            continue
        if value not in (None, said.get("default")) and value != {}:
            members[name] = value
    return members, problems


def _kind_of(said: Json) -> str:
    """Return how a member is asked for, by what its schema says of it."""
    said = next((each for each in said.get("anyOf", ()) if each["type"] != "null"), said)
    if "enum" in said:
        return "choice"
    kinds = {"boolean": "checkbox", "integer": "number", "array": "lines", "object": "pairs"}
    return kinds.get(said.get("type", ""), "text")


def _shown(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "checkbox":
        return "1" if value else ""
    if kind == "lines" and isinstance(value, list):
        return "\n".join(map(str, value))
    if kind == "pairs" and isinstance(value, dict):
        return "\n".join(f"{column} = {name}" for column, name in value.items())
    return str(value)


def _read(kind: str, said: Json, text: str) -> Any:
    """Return a member's value; `None` leaves it out. Raises `ValueError` with a sentence."""
    text = text.strip()
    if kind == "checkbox":
        return bool(text)
    if kind == "lines":
        return [_scalar(line, said["items"]) for line in _lines(text)]
    if kind == "pairs":
        return dict(_pair(line, said["additionalProperties"]) for line in _lines(text))
    if not text and (kind == "number" or said.get("default") is None):
        return None
    return _scalar(text, said)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pair(line: str, said: Json) -> tuple[str, Any]:
    column, sign, name = line.rpartition("=")
    if not sign or not column.strip():
        raise ValueError("each line needs a column, an equals sign, and where the column goes")
    return column.strip(), _scalar(name.strip(), said)


def _scalar(text: str, said: Json) -> Any:
    return int(text) if said.get("type") == "integer" and _WHOLE.fullmatch(text) else text


def _pretty(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
