"""`make smoke`, on the engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from listdrop_cli.target import Target
from tests.support.routes import Route
from tools.smoke import run

pytestmark = pytest.mark.engine


@pytest.mark.slow
def test_a_stack_that_works_has_no_problem_and_is_left_as_it_was(
    make_route: Callable[..., Route],
) -> None:
    stack = make_route("waalaxy").stack

    assert [*run(Target(endpoint_url=stack.url), pause=0)] == []

    # Other tests make some of their own meanwhile.
    queues = stack.client("sqs").list_queues().get("QueueUrls", [])
    subscriptions = stack.client("sns").list_subscriptions()["Subscriptions"]
    routes = stack.client("ssm").get_parameters_by_path(Path="/listdrop/routes/")["Parameters"]
    left = [
        *queues,
        *(each["Endpoint"] for each in subscriptions),
        *(each["Name"] for each in routes),
    ]
    assert not [each for each in left if "smoke" in each]
