"""Samples: what is known of a provider's requests and answers, one exchange a file.

They are taken from the sheets in `docs/providers`, never from a simulator or an adapter, so that
the two are not only as good as each other. A text in braces stands for what no file can hold:
`{key}` for the account's key, `{in 45 seconds}` for a date, `{1001 x}` for as many letters.
A body that is `null` in an answer is one that nobody described.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from listdrop.models import Frozen
from listdrop.models.base import iso

SAMPLES = Path(__file__).parents[1] / "providers" / "samples"


class Request(Frozen):
    """A request. A header that is `None` must not be sent; those not named are not looked at."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str | None]
    body: Any


class Response(Frozen):
    """An answer. A body that is text is sent as it is, anything else as JSON."""

    status: int
    headers: dict[str, str]
    body: Any

    def header_values(self) -> dict[str, str]:
        """Return the headers as they are sent."""
        kind = {} if isinstance(self.body, str | None) else {"Content-Type": "application/json"}
        return kind | {name: _dated(value) for name, value in self.headers.items()}

    def text(self) -> str:
        """Return the body as it is sent."""
        if self.body is None:
            return ""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


class AdapterCall(Frozen):
    """How an adapter is brought to make the request, and which answers it hears beside this one.

    `after` names the exchange that came before; its rows, destination, session and handle go on,
    except what is given here. `rows` are cells by column, as in an upload; `identities` are
    those of rows that were sent, where they could not be sent today. `ages` are those of the polls
    that hear this answer, one after the other.
    """

    call: Literal["probe", "open", "send", "commit", "look_up", "poll"]
    after: str = ""
    destination: dict[str, Any] = Field(default_factory=dict)
    rows: tuple[dict[str, str], ...] = ()
    identities: tuple[str, ...] = ()
    batch: dict[str, Any] = Field(default_factory=dict)
    ages: tuple[float, ...] = (20,)
    is_repeat: bool = False
    also: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    """Members that the sample's request has because it may, and the adapter's never has."""
    any_order: tuple[str, ...] = ()
    """Lists in the request that mean the same in whatever order."""
    sends_other_body: bool = False
    """The sample's request is one that the adapter does not make; only its answer counts."""


class Expected(Frozen):
    """What an adapter has to make of an answer: it passes, raises, settles rows, or finds a start.

    A row is an outcome, or `taken` (there is a handle), `again` (it will be sent again) or
    `waiting`; a list where the sheet leaves it open.
    """

    passes: bool = False
    raises: str = ""
    rows: dict[int, str | tuple[str, ...]] = Field(default_factory=dict)
    started: bool | None = None
    reason: str | None = None
    unsaid: tuple[str, ...] = ()
    retry_after: float | None = None
    max_rows: int | None = None
    retried: frozenset[int] = frozenset()
    warnings: frozenset[str] = frozenset()
    reasons: dict[int, str] = Field(default_factory=dict)
    row_warnings: dict[int, str] = Field(default_factory=dict)
    refs: dict[int, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_of_four(self) -> Self:
        if sum(map(bool, (self.passes, self.raises, self.rows, self.started is not None))) != 1:
            raise ValueError("passes, raises, rows or started, and only one of them")
        return self


class Step(Frozen):
    """Another sample's request, made this often, each time this many seconds later."""

    sample: str
    times: int = 1
    wait: float = 0


class SimulatorPlay(Frozen):
    """How a simulator is brought to give the answer, when it is sent the sample's request.

    `swap` changes texts in all requests, which is how markers get into them; `headers` changes
    those of the last one; `wait` is what passes before it; `set` are members of the simulator;
    `link` asks for what the last answer links to. What is `same` must be equal, not only alike.
    """

    before: tuple[Step, ...] = ()
    swap: dict[str, str] = Field(default_factory=dict)
    wait: float = 0
    headers: dict[str, str | None] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)
    link: bool = False
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    """Where its answer is of another shape than the sample: all of it, as `differences` says it."""


class Sample(Frozen):
    """One exchange, and what the two sides are held to by it."""

    what: str
    certainty: str
    source: str
    request: Request
    response: Response
    adapter: AdapterCall | None = None
    expect: Expected | None = None
    unasked: str = ""
    """Why the adapter never makes this request."""
    adapter_differs: str = ""
    """What the adapter does instead of `expect`, if it does not what the sheet says."""
    instead: Expected | None = None
    """The same, so that no third thing is taken for it."""
    simulator: SimulatorPlay | None = None
    simulated: bool = True
    why: str = ""
    """Why the simulator does not play this."""

    @property
    def request_line(self) -> tuple[str, str]:
        """Method and path of the request."""
        return self.request.method, self.request.path

    @model_validator(mode="after")
    def _holds_both_sides_or_says_why_not(self) -> Self:
        if (self.adapter is None) == (not self.unasked):
            raise ValueError("adapter, or unasked with the reason")
        if (self.adapter is None) != (self.expect is None):
            raise ValueError("adapter and expect, or neither")
        if (self.instead is None) == bool(self.adapter_differs):
            raise ValueError("adapter_differs and instead, or neither")
        if (self.simulator is None) == (not self.why) or self.simulated == bool(self.why):
            raise ValueError("simulator, or simulated false and why")
        return self


@cache
def sample(provider: str, file: str) -> Sample:
    """Read a sample. Raises `pydantic.ValidationError` for one that is not whole."""
    return Sample.model_validate_json((SAMPLES / provider / file).read_bytes())


def filled(text: str) -> str:
    """Write out the letters that a text only counts."""
    return re.sub(r"\{(\d+) x\}", lambda found: "x" * int(found[1]), text)


def _dated(value: str) -> str:
    found = re.fullmatch(r"\{in (\d+) seconds\}", value)
    return iso(datetime.now(UTC) + timedelta(seconds=int(found[1]))) if found else value


def without(body: Any, paths: Sequence[str]) -> Any:
    """Return a body without the members at these paths, such as `contacts[].tags`."""
    kept = json.loads(json.dumps(body))
    for path in paths:
        *parents, name = path.split(".")
        for holder in at(kept, ".".join(parents)):
            holder.pop(name, None)
    return kept


def in_any_order(body: Any, paths: Sequence[str]) -> Any:
    """Return a body with the lists at these paths in an order that is always the same."""
    sorted_body = json.loads(json.dumps(body))
    for path in paths:
        for items in at(sorted_body, path):
            items.sort(key=json.dumps)
    return sorted_body


def at(body: Any, path: str) -> list[Any]:
    """Return the values at a path, such as `payload.isCompleted` or `result[].importCode`."""
    found = [body]
    for name in filter(None, path.split(".")):
        key = name.removesuffix("[]")
        found = [value[key] for value in found if isinstance(value, dict) and key in value]
        if name.endswith("[]"):
            found = [item for value in found for item in value]
    return found


def differences(known: Any, said: Any) -> list[str]:
    """Say where an answer is of another shape than a sample: members, and kinds of values."""
    return list(_differences("", [known], [said]))


def _differences(where: str, known: Sequence[Any], said: Sequence[Any]) -> Iterator[str]:
    """Compare the values in one place; the items of lists are in one place together."""
    kinds = {_kind(value) for value in known}
    for kind in sorted({_kind(value) for value in said} - kinds):
        yield f"{where or 'body'}: {kind}, not {' or '.join(sorted(kinds))}"
    yield from _member_differences(where, _objects(known), _objects(said))
    known_items = [item for value in known if isinstance(value, list) for item in value]
    said_items = [item for value in said if isinstance(value, list) for item in value]
    if known_items and said_items:
        yield from _differences(f"{where}[]", known_items, said_items)
    elif bool(known_items) != bool(said_items) and _are_lists(known) and _are_lists(said):
        yield f"{where}[]: {'filled' if said_items else 'empty'}"


def _member_differences(
    where: str, known: Sequence[dict[str, Any]], said: Sequence[dict[str, Any]]
) -> Iterator[str]:
    if not known or not said:
        return
    for name in dict.fromkeys(key for members in (*known, *said) for key in members):
        place = f"{where}.{name}" if where else name
        in_known = [members[name] for members in known if name in members]
        in_said = [members[name] for members in said if name in members]
        if not in_known:
            yield f"{place}: added"
        elif len(in_known) == len(known) and len(in_said) < len(said):
            yield f"{place}: {'sometimes ' if in_said else ''}left out"
        if in_known and in_said:
            yield from _differences(place, in_known, in_said)


def _objects(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _are_lists(values: Sequence[Any]) -> bool:
    return any(isinstance(value, list) for value in values)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "text", list: "list"}
    return kinds.get(type(value), "object")
