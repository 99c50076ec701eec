"""What can be found out about a route that is valid, but may not be what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple

from listdrop.cells.headers import CANONICAL, fold
from listdrop.errors import NoAnswerError, UploadRejectedError
from listdrop.models import Choices, Destination, Job, JobColumns, Route, storable_route
from listdrop.plans.uses import field_called
from listdrop.ports import AnyProvider

_LONG = 8
"""Letters of a name from which on two of them may be wrong; in a shorter one only one may."""
_SIMILAR = 0.5
LAST_JOBS = 20
"""Of a route, how many of its last jobs tell what headers its files have."""
_SHOWN = 10


STANDARD_BYTES = 4_096
"""Of a parameter that costs nothing."""
MOST_BYTES = 8_192
"""Of any parameter: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""

Registry = Mapping[str, AnyProvider]
Ask = Callable[[AnyProvider, str], Sequence[Choices]]


class Doubts(NamedTuple):
    """Sentences about a route: `errors`, and `warnings` of what nobody can be sure of."""

    errors: list[str]
    warnings: list[str]


def size_problem(text: str) -> str:
    """Say that a route is larger than AWS takes; empty if it is not."""
    size = _stored_bytes(text)
    if size <= MOST_BYTES:
        return ""
    return (
        f"The route has {size:,} bytes, and AWS takes {MOST_BYTES:,} at most. Leave out blanks and "
        "what is as by default, or make two routes of it."
    )


def is_dear(text: str) -> bool:
    """Whether AWS keeps a route as an advanced parameter, which costs something."""
    return _stored_bytes(text) > STANDARD_BYTES


def _stored_bytes(text: str) -> int:
    return len(storable_route(text).encode())


def doubts_about(route: Route, registry: Registry, ask: Ask) -> Doubts:
    """Return what cannot be meant, and what may not be. A misspelt field is enough not to ask."""
    wrong = list(misspelt_fields(route, registry))
    return Doubts(wrong, []) if wrong else unknown_ids(route, registry, ask)


def misspelt_fields(route: Route, registry: Registry) -> Iterator[str]:
    """Yield a sentence for each target of `columns` that is almost a canonical field.

    A name that a destination asks for is meant as it is: a custom field may be called `Note`. So is
    a header that files have for a field, where the column keeps it as its own name.
    """
    providers = [registry[each.provider](each) for each in route.destinations]
    asked = {fold(name) for provider in providers for name in provider.asks_for}
    for header, target in route.columns.items():
        if target is None or target in CANONICAL or fold(target) in asked:
            continue
        is_kept = fold(target) == fold(header)
        if meant := _slip_of(target) or ("" if is_kept else field_called(target)):
            yield f"columns: there is no field {target!r} for {header!r}: did you mean {meant}?"


def _slip_of(target: str) -> str:
    """Return the canonical field that a name is a slip of; empty if it is another name."""
    by_name = {fold(name): name for name in CANONICAL}
    wanted = fold(target)
    for found in get_close_matches(wanted, by_name, n=3, cutoff=_SIMILAR):
        if _slips(wanted, found) <= (2 if len(found) >= _LONG else 1):
            return by_name[found]
    return ""


def _slips(one: str, other: str) -> int:
    """Return how many letters are missing, too many, wrong, or in each other's place.

    A digit is none of these: `phone2` is not `phone`.
    """
    if any(letter.isdigit() for letter in one):
        return len(one)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


def unknown_ids(route: Route, registry: Registry, ask: Ask) -> Doubts:
    """Ask each provider for the lists, campaigns and steps that the route names.

    `ask` raises `NoAnswerError` or `UploadRejectedError` if there is no answer.
    """
    doubts = Doubts([], [])
    offered: dict[tuple[str, str], Sequence[Choices]] = {}
    for destination in route.destinations:
        account = (destination.provider, destination.account)
        if account not in offered:
            try:
                offered[account] = ask(registry[account[0]], account[1])
            except (NoAnswerError, UploadRejectedError) as error:
                offered[account] = ()
                doubts.warnings.append(_unasked(destination, error.text))
        for choices in offered[account]:
            for sentence in _unknown(destination, choices):
                (doubts.errors if choices.is_whole else doubts.warnings).append(sentence)
    return doubts


def _unasked(destination: Destination, why: str) -> str:
    return f"{destination.provider}: it was not asked whether it has what the route names. {why}"


def _unknown(destination: Destination, choices: Choices) -> Iterator[str]:
    for option in choices.options:
        for wanted in _named(getattr(destination, option)):
            if wanted not in choices.names:
                yield (
                    f"{destination.provider}: {option}: the account {destination.account} has no "
                    f"{choices.kind} {wanted!r}{_instead(choices.names)}"
                )


def _named(value: object) -> list[str]:
    """Return the ids in an option's value: one, several, or those that columns go to."""
    if isinstance(value, Mapping):
        value = list(value.values())
    several = value if isinstance(value, list | tuple) else [value]
    return [str(each) for each in several if each is not None]


def _instead(names: Mapping[str, str]) -> str:
    if not names:
        return ", and none at all."
    shown = [f"{key} ({name})" if name else key for key, name in list(names.items())[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"; it has {', '.join(shown)}{more}."


def unseen_headers(name: str, route: Route, jobs: Sequence[Job]) -> Iterator[str]:
    """Yield a sentence for each header in `columns` that none of the route's last files had.

    Nothing, if nothing is known of earlier files.
    """
    known = [job.columns for job in jobs if job.columns is not None]
    if not known or any(map(_is_shortened, known)):
        return
    seen = set(chain.from_iterable(map(_headers, known)))
    for header in route.columns:
        if fold(header) not in seen:
            yield f"columns: no file of the last {len(known)} jobs of {name} had {header!r}."


def _is_shortened(columns: JobColumns) -> bool:
    """Whether names were left out for their number."""
    lasts = (each[-1] for each in (columns.sent, columns.unused) if each)
    return any(last.startswith("and ") and last.endswith(" more") for last in lasts)


def _headers(columns: JobColumns) -> Iterator[str]:
    """Yield the folded headers; what stands behind a colon may be what the destination calls it."""
    for text in (*columns.sent, *columns.unused):
        parts = text.split(": ")
        yield from (fold(": ".join(parts[:end])) for end in range(1, len(parts) + 1))
