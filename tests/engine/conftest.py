"""The embedded engine with the deployed stack, without simulators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.deploy import client, deploy
from local.engine import Engine


@dataclass
class Deployed:
    """Where the engine is, and what the stack is made of."""

    url: str
    outputs: dict[str, str] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        """Return a client of the engine."""
        return client(name, self.url)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One engine for all tests of the session."""
    with Engine(tmp_path_factory.mktemp("engine")) as engine:
        yield Deployed(engine.url, deploy(engine.url))
