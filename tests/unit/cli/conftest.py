"""A job of which one row was refused, for commands to ask about."""

from __future__ import annotations

import pytest

from listdrop.models import Job, Outcome, RowResult
from listdrop.providers.base import Batch, SendAnswer
from tests.support.world import World, csv_of


def some_refused(batch: Batch) -> SendAnswer:
    """Take every row but the second of the upload."""
    return SendAnswer(
        results={
            row.row: RowResult(Outcome.REFUSED, "No such list.", "The provider said no.")
            if row.row == 2
            else RowResult(Outcome.CONFIRMED, provider_ref=f"ref-{row.row}")
            for row in batch.rows
        }
    )


@pytest.fixture
def world() -> World:
    """A world whose provider refuses the second row."""
    world = World()
    world.script.then_send = some_refused
    return world


@pytest.fixture
def job(world: World) -> Job:
    """A job of seven rows that has ended."""
    return world.process(csv_of(7))
