"""What tests of several kinds share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack import LocalStack
from tests.support.leaks import Overheard, overhearing


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder for the stacks that tests start: other commands of this user do not see them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LISTDROP_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def overheard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overheard]:
    """What the stack says. After all tests of the session it is searched for their data."""
    home = tmp_path_factory.mktemp("stack")
    with LocalStack(home=home, wait_scale=0.02) as running, overhearing(running) as heard:
        yield heard


@pytest.fixture(scope="session")
def stack(overheard: Overheard) -> LocalStack:
    """Everything that `make up` starts, in a hurry: one for all tests of the session."""
    return overheard.stack
