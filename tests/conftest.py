"""What tests of several kinds share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Everything that `make up` starts, in a hurry: one for all tests of the session."""
    with LocalStack(home=tmp_path_factory.mktemp("stack"), wait_scale=0.02) as running:
        yield running
