"""Who looks at a page, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from flask import abort, g

EVERYWHERE = "*"
"""Stands for every route."""


class Role(StrEnum):
    """What somebody may do. Somebody with any role may also look."""

    LOOK = "look"
    DROP = "drop"
    """Drop, correct and send again, and cancel."""
    APPROVE = "approve"
    """Answer held uploads."""
    ADMIN = "admin"
    """All of it; and routes, keys, subscriptions, and erasing people."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody, and their roles by route; `EVERYWHERE` has those for every route."""

    name: str = ""
    roles: Mapping[str, Set[Role]] = field(default_factory=dict)

    def may(self, role: Role, route: str = EVERYWHERE) -> bool:
        """Whether the visitor has this role for this route; without one, for every route."""
        held = self.roles.get(EVERYWHERE, frozenset()) | self.roles.get(route, frozenset())
        return role in held or Role.ADMIN in held or (role is Role.LOOK and self._looks)

    def may_somewhere(self, role: Role) -> bool:
        """Whether the visitor has this role for any route."""
        return any(self.may(role, route) for route in self.roles)

    @property
    def _looks(self) -> bool:
        # Pages are for everybody who has a role anywhere: they add up all routes.
        return any(self.roles.values())


def roles_in(words: Iterable[str]) -> Mapping[str, Set[Role]]:
    """Return roles by route, of words such as `look` and `drop:spring`; other words are left out.

    Each word may begin with `listdrop-`, so that a group's name says what it is for.
    """
    found: dict[str, frozenset[Role]] = {}
    for word in words:
        name, colon, route = word.strip().removeprefix("listdrop-").partition(":")
        place = route if colon else EVERYWHERE
        if name in set(Role) and place:
            found[place] = found.get(place, frozenset()) | {Role(name)}
    return found


def looker(name: str = "") -> Visitor:
    """Return somebody who may only look."""
    return Visitor(name, {EVERYWHERE: frozenset({Role.LOOK})})


def owner(name: str) -> Visitor:
    """Return somebody who may do all that their own AWS credentials let them."""
    return Visitor(name, {EVERYWHERE: frozenset(Role)})


def visitor() -> Visitor:
    """Return who makes the running request."""
    return cast("Visitor", g.get("visitor") or Visitor())


def require(role: Role, route: str = EVERYWHERE) -> None:
    """End the request with 403 if the visitor lacks a role."""
    if not visitor().may(role, route):
        abort(403, f"This takes the role `{role}`, which you do not have here.")
