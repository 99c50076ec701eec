"""What tests of several kinds share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from local.stack import LocalStack, Stack
from tests.support.expressions import held_to_the_rules
from tests.support.leaks import overhearing
from tests.support.sharing import common_folder, shared
from tests.support.templates import CompiledOnce


def pytest_collection_finish() -> None:
    """Thousands of tests stay: do not go through them again whenever memory is tidied up."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder for the stacks that tests start: other commands of this user do not see them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LISTDROP_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _expressions() -> Iterator[None]:
    """Hold every expression to rules of DynamoDB that the engine does not have."""
    with held_to_the_rules():
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates() -> Iterator[None]:
    """Compile each template once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledOnce()})
        yield


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything that `make up` starts, in a hurry: one for all tests that run side by side.

    After the last of them, all that it said is searched for their data.
    """

    @contextmanager
    def started() -> Iterator[Stack]:
        home = tmp_path_factory.mktemp("stack")
        with LocalStack(home=home, wait_scale=0.02) as running, overhearing(running):
            yield running

    with shared(common_folder(tmp_path_factory), started) as found:
        yield found
