"""What every implementation of the ports of acts must do: fakes and adapters alike."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from listdrop.errors import RouteChangedError
from listdrop.models import CORRECTS, RETRY_OF, Act
from listdrop.ports import Audit, Inbox, RouteBook, Subscriptions
from tests.support.dashboards import NOW

Dropped = Callable[[str], tuple[bytes, dict[str, str]]]
"""Returns the content and the metadata of what is stored under a key."""


def new_name() -> str:
    """Return a name that no other test has."""
    return f"n{uuid.uuid4().hex[:12]}"


class AuditContract:
    """The record of acts."""

    def test_acts_are_read_back_the_earliest_first(self, audit: Audit) -> None:
        subject = f"JOB#{new_name()}"
        acts = [
            Act(
                at=NOW + timedelta(seconds=seconds),
                who="arn:aws:iam::1:user/ada",
                what="approve",
                subject=subject,
                detail=f"plan {seconds}",
                outcome="failed" if seconds else "",
            )
            for seconds in (0, 1)
        ]
        for act in acts:
            audit.record(act)
        audit.record(acts[0].model_copy(update={"subject": f"{subject}0"}))

        assert list(audit.acts_on(subject)) == acts

    def test_two_acts_of_one_moment_are_both_kept(self, audit: Audit) -> None:
        act = Act(at=NOW, who="ada", what="cancel", subject=f"JOB#{new_name()}")
        audit.record(act)
        audit.record(act)
        assert list(audit.acts_on(act.subject)) == [act, act]

    def test_of_what_nobody_touched_there_are_none(self, audit: Audit) -> None:
        assert list(audit.acts_on(f"ROUTE#{new_name()}")) == []


class InboxContract:
    """Where files are dropped."""

    def test_a_file_is_dropped_with_what_it_says(self, inbox: Inbox, dropped: Dropped) -> None:
        key = f"inbox/{new_name()}/größe & ümlaut.csv"
        inbox.drop(key, b"Email\n", {CORRECTS: "a-job"})
        assert dropped(key) == (b"Email\n", {CORRECTS: "a-job"})

    def test_a_retry_is_a_copy_with_what_it_says(
        self, inbox: Inbox, dropped: Dropped, keep: Callable[[str, str, bytes], object]
    ) -> None:
        job_id = f"spring-kakiyo-{new_name()}"
        content = "\ufeffEmail,listdrop_job\r\nä@example.com,j\r\n".encode()
        keep(job_id, "retry.csv", content)
        key = f"inbox/spring/retry-{job_id}.csv"

        inbox.drop_retry(job_id, key, {RETRY_OF: job_id})
        inbox.drop_retry(job_id, key, {RETRY_OF: job_id})

        assert dropped(key) == (content, {RETRY_OF: job_id})


class RouteBookContract:
    """Routes to be changed."""

    def test_a_route_is_written_over_the_text_that_it_had(self, routes: RouteBook) -> None:
        name = new_name()
        assert routes.text(name) is None
        routes.put(name, '{"a": 1}', over=None)
        routes.put(name, '{"a": 2}', over='{"a": 1}')
        assert routes.text(name) == '{"a": 2}'
        routes.delete(name, over='{"a": 2}')
        assert routes.text(name) is None

    def test_a_header_of_two_braces_is_read_as_it_was_written(self, routes: RouteBook) -> None:
        name = new_name()
        text = '{"columns":{"{{first_name}}":"first_name","{{{a}}}":null}}'
        routes.put(name, text, over=None)
        assert routes.text(name) == text
        routes.put(name, "{}", over=text)
        assert routes.text(name) == "{}"

    @pytest.mark.parametrize("over", [None, "{}", ""])
    def test_what_somebody_else_wrote_stays(self, routes: RouteBook, over: str | None) -> None:
        name = new_name()
        routes.put(name, "theirs", over=None)
        with pytest.raises(RouteChangedError):
            routes.put(name, "mine", over=over)
        with pytest.raises(RouteChangedError):
            routes.delete(name, over=over or "")
        assert routes.text(name) == "theirs"

    def test_what_was_deleted_meanwhile_is_not_written(self, routes: RouteBook) -> None:
        name = new_name()
        with pytest.raises(RouteChangedError):
            routes.put(name, "mine", over="was")
        with pytest.raises(RouteChangedError):
            routes.delete(name, over="was")
        assert routes.text(name) is None


class SubscriptionsContract:
    """Who is told."""

    def test_somebody_is_subscribed_once_and_can_leave(
        self, subscriptions: Subscriptions, queue: Callable[[], str]
    ) -> None:
        endpoint = queue()
        name = subscriptions.subscribe("sqs", endpoint, {"kind": ["upload"]})
        again = subscriptions.subscribe("sqs", endpoint, {"kind": ["job"]})
        assert name == again != ""
        found = [each for each in subscriptions.all() if each.endpoint == endpoint]
        assert [(each.protocol, each.name) for each in found] == [("sqs", name)]

        subscriptions.end(name)
        assert endpoint not in {each.endpoint for each in subscriptions.all()}
