"""What most tests of pages begin with: data on a shelf, and a browser that sees it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from listdrop.dashboard.app import create_app
from tests.support.dashboards import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def client(shelf: Shelf) -> FlaskClient:
    return create_app(shelf.ports()).test_client()
