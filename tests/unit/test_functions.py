from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from listdrop.errors import UnfinishedJobError, UnversionedUploadError
from listdrop.models import JobState, Ticket, Turn, Upload
from local.deploy import load_template
from tests.support.functions import Context, function

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PORTS = object()
"""Stands for the ports: handlers pass them on and never look inside."""

Event = dict[str, Any]


@dataclass
class UseCase:
    """Stands for a use case: remembers what it was called with, and returns or raises."""

    answer: object = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    failing: Callable[[Any], bool] = lambda _: False

    def __call__(self, *arguments: Any) -> object:
        self.calls.append(arguments)
        if self.failing(arguments[0]):
            raise RuntimeError("the database is away")
        return self.answer


def event(name: str) -> Event:
    read: Event = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return read


@pytest.fixture(autouse=True)
def _wired(monkeypatch: pytest.MonkeyPatch) -> None:
    wired = (("submit", "submit"), ("turns", "turn"), ("finish", "finish"), ("sweep", "sweep"))
    for module, name in wired:
        monkeypatch.setattr(f"listdrop.wiring.{module}.{name}_ports", lambda: PORTS)


def using(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, use_case: UseCase
) -> None:
    """Put a stand-in where the handler finds its use case."""
    assert callable(getattr(module, name))
    monkeypatch.setattr(module, name, use_case)


def log_of(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> io.StringIO:
    """Catch what a function logs: one JSON object a line."""
    log = io.StringIO()
    monkeypatch.setattr(module.logger.registered_handler, "stream", log)
    return log


# ---------------------------------------------------------------- submit


@pytest.fixture
def submitted() -> UseCase:
    return UseCase(answer=["spring-kakiyo-0123456789abcdef"])


@pytest.fixture
def submitting(monkeypatch: pytest.MonkeyPatch, submitted: UseCase) -> ModuleType:
    module = function("submit")
    using(monkeypatch, module, "submit_upload", submitted)
    return module


@pytest.fixture
def submit(submitting: ModuleType) -> Callable[[Event], Any]:
    return lambda given: submitting.lambda_handler(given, Context())


def notification(*changes: dict[str, Any]) -> str:
    """Return the body of a message: the sample's record once for each change of its object."""
    (record,) = json.loads(event("s3-put")["Records"][0]["body"])["Records"]
    records = []
    for change in changes:
        stored = {**record["s3"]["object"], **change}
        members = {key: value for key, value in stored.items() if value is not None}
        records.append(record | {"s3": record["s3"] | {"object": members}})
    return json.dumps({"Records": records})


def messages(*bodies: str) -> Event:
    (record,) = event("s3-put")["Records"]
    return {
        "Records": [
            record | {"messageId": f"message-{number}", "body": body}
            for number, body in enumerate(bodies, 1)
        ]
    }


def test_an_uploads_event_is_submitted_with_its_key_decoded(
    submit: Callable[[Event], Any], submitted: UseCase
) -> None:
    answer = submit(event("s3-put"))

    assert answer == {"batchItemFailures": []}
    assert submitted.calls == [
        (
            Upload(
                bucket="listdrop-uploads-000000000000-us-east-1",
                key="inbox/spring/Président list (1) a+b.csv",
                version_id="096fKKXTRTtl3on89fVO.nfljtsv6qko",
                etag="d41d8cd98f00b204e9800998ecf8427e",
                size=1024,
                dropped_by="EXAMPLE",
            ),
            PORTS,
            480,
        )
    ]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("inbox/spring/a+b.csv", "inbox/spring/a b.csv"),
        ("inbox/spring/a%2Bb.csv", "inbox/spring/a+b.csv"),
        ("inbox/spring/a%252Bb.csv", "inbox/spring/a%2Bb.csv"),
        ("inbox/spring/%E4%BE%8B.csv", "inbox/spring/例.csv"),
        ("inbox/spring/x%2Fy.csv", "inbox/spring/x/y.csv"),
    ],
)
def test_a_key_is_decoded_once(
    submit: Callable[[Event], Any], submitted: UseCase, encoded: str, key: str
) -> None:
    submit(messages(notification({"key": encoded})))
    assert [upload.key for upload, *_ in submitted.calls] == [key]


@pytest.mark.parametrize("version_id", [None, "null"])
def test_an_upload_without_a_version_is_left_for_somebody_to_look_at(
    submit: Callable[[Event], Any], submitted: UseCase, version_id: str | None
) -> None:
    with pytest.raises(UnversionedUploadError, match=r"turn versioning .* on again"):
        submit(messages(notification({"versionId": version_id})))
    assert submitted.calls == []


def test_s3s_test_event_is_ignored(submit: Callable[[Event], Any], submitted: UseCase) -> None:
    assert submit(event("test-notification")) == {"batchItemFailures": []}
    assert submitted.calls == []


@pytest.mark.parametrize("key", ["inbox/spring/", "inbox/", "inbox/spring/2026%2F"])
def test_a_folder_made_in_the_console_is_ignored(
    submit: Callable[[Event], Any], submitted: UseCase, key: str
) -> None:
    body = notification({"key": key, "size": 0}, {"key": "inbox/spring/leads.csv"})
    assert submit(messages(body)) == {"batchItemFailures": []}
    assert [upload.key for upload, *_ in submitted.calls] == ["inbox/spring/leads.csv"]


def test_every_record_of_every_message_is_submitted(
    submit: Callable[[Event], Any], submitted: UseCase
) -> None:
    first = notification({"key": "inbox/a/1.csv"}, {"key": "inbox/a/2.csv"})
    submit(messages(first, notification({"key": "inbox/b/3.csv"})))
    assert [upload.key for upload, *_ in submitted.calls] == [
        "inbox/a/1.csv",
        "inbox/a/2.csv",
        "inbox/b/3.csv",
    ]


def test_only_the_message_that_failed_is_delivered_again(
    submit: Callable[[Event], Any], submitted: UseCase
) -> None:
    submitted.failing = lambda upload: "bad" in upload.key
    bodies = [notification({"key": f"inbox/spring/{name}.csv"}) for name in ("a", "bad", "c")]

    assert submit(messages(*bodies)) == {"batchItemFailures": [{"itemIdentifier": "message-2"}]}
    assert len(submitted.calls) == 3


@pytest.mark.parametrize("body", ["no JSON", '{"Records": [{"eventSource": "aws:s3"}]}'])
def test_a_message_that_is_no_notification_is_delivered_again_until_it_is_given_up(
    submit: Callable[[Event], Any], submitted: UseCase, body: str
) -> None:
    given = messages(notification({}), body)
    assert submit(given) == {"batchItemFailures": [{"itemIdentifier": "message-2"}]}
    assert len(submitted.calls) == 1


@pytest.mark.parametrize("messages_in_all", [1, 2])
def test_where_all_fail_the_function_fails_so_that_its_alarm_goes_off(
    submit: Callable[[Event], Any], submitted: UseCase, messages_in_all: int
) -> None:
    submitted.failing = lambda _: True
    with pytest.raises(RuntimeError, match="the database is away"):
        submit(messages(*[notification({})] * messages_in_all))
    assert len(submitted.calls) == messages_in_all


def test_a_failure_is_forgotten_by_the_next_event(
    submit: Callable[[Event], Any], submitted: UseCase
) -> None:
    submitted.failing = lambda upload: "bad" in upload.key
    submit(messages(notification({"key": "inbox/a/bad.csv"}), notification({})))
    assert submit(messages(notification({}))) == {"batchItemFailures": []}


def test_no_log_line_of_submit_names_the_file(
    monkeypatch: pytest.MonkeyPatch, submitting: ModuleType, submitted: UseCase
) -> None:
    log = log_of(monkeypatch, submitting)
    submitted.failing = lambda upload: "bad" in upload.key
    (sent,) = event("s3-put")["Records"]
    bad = notification({"key": "inbox/spring/bad+Pr%C3%A9sident.csv"})
    submitting.lambda_handler({"Records": [sent, *messages(bad)["Records"]]}, Context())
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["submitted", "not submitted"]
    assert lines[0]["jobs"] == ["spring-kakiyo-0123456789abcdef"]
    assert lines[1]["error"] == "RuntimeError"
    assert "Président" not in json.dumps(lines, ensure_ascii=False)


# ---------------------------------------------------------------- send and status

TURN = Turn(
    job_id="spring-kakiyo-0123456789abcdef",
    provider="kakiyo",
    deadline_at=NOW + timedelta(hours=6),
    next="send",
    wait_until=NOW + timedelta(seconds=30),
    send_ticket=Ticket(at=NOW + timedelta(seconds=30), count=10, gap=1.05),
    turn=7,
    generation=2,
)


def test_the_sample_is_a_turn() -> None:
    assert Turn.model_validate(event("turn")) == TURN


TIMEOUT = load_template(ROOT / "template.yaml")["Globals"]["Function"]["Timeout"]
SLOW_END = 90
"""Beyond a turn, a slow answer about an import and a minute to settle it."""


@pytest.mark.parametrize(
    ("name", "use_case"), [("send", "send_batches"), ("status", "poll_batches")]
)
def test_a_turn_is_passed_on_and_the_next_one_returned(
    monkeypatch: pytest.MonkeyPatch, name: str, use_case: str
) -> None:
    following = TURN.then("poll", NOW + timedelta(seconds=90), send_ticket=None)
    stand_in = UseCase(answer=following)
    module = function(name)
    using(monkeypatch, module, use_case, stand_in)

    answer = module.lambda_handler(event("turn"), Context())

    ((turn, ports, seconds, more),) = stand_in.calls
    assert (turn, ports) == (TURN, PORTS)
    assert seconds > 0
    assert more + seconds + SLOW_END < TIMEOUT
    assert json.loads(json.dumps(answer)) == {
        "job_id": "spring-kakiyo-0123456789abcdef",
        "provider": "kakiyo",
        "next": "poll",
        "wait_until": "2026-03-01T12:01:30Z",
        "turn": 8,
        "generation": 2,
        "deadline_at": "2026-03-01T18:00:00Z",
    }


HANDLERS = [("send", "send_batches"), ("status", "poll_batches"), ("finish", "finish_job")]


@pytest.mark.parametrize(("name", "use_case"), HANDLERS)
@pytest.mark.parametrize("change", [{"surplus": 1}, {"next": "dance"}, {"job_id": None}])
def test_a_state_that_is_no_turn_is_refused_before_anything_happens(
    monkeypatch: pytest.MonkeyPatch, name: str, use_case: str, change: Event
) -> None:
    stand_in = UseCase()
    module = function(name)
    using(monkeypatch, module, use_case, stand_in)
    with pytest.raises(ValidationError):
        module.lambda_handler(event("turn") | change, Context())
    assert stand_in.calls == []


@pytest.mark.parametrize(("name", "use_case"), HANDLERS)
def test_an_error_is_left_to_the_workflow(
    monkeypatch: pytest.MonkeyPatch, name: str, use_case: str
) -> None:
    module = function(name)
    using(monkeypatch, module, use_case, UseCase(failing=lambda _: True))
    with pytest.raises(RuntimeError, match="the database is away"):
        module.lambda_handler(event("turn"), Context())


@pytest.mark.parametrize(("name", "use_case"), HANDLERS)
def test_a_log_line_names_job_and_provider(
    monkeypatch: pytest.MonkeyPatch, name: str, use_case: str
) -> None:
    module = function(name)
    answer = JobState.PARTIAL if name == "finish" else TURN
    using(monkeypatch, module, use_case, UseCase(answer=answer))
    log = log_of(monkeypatch, module)
    module.lambda_handler(event("turn"), Context())

    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert TURN.job_id in (line["correlation_id"], line.get("job_id"))
    assert line["provider"] == "kakiyo"


# ---------------------------------------------------------------- finish


def test_finish_returns_the_jobs_last_state(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = UseCase(answer=JobState.PARTIAL)
    module = function("finish")
    using(monkeypatch, module, "finish_job", stand_in)

    answer = module.lambda_handler(event("turn"), Context())

    assert stand_in.calls == [(TURN, PORTS, 600)]
    assert json.loads(json.dumps(answer)) == {
        "job_id": "spring-kakiyo-0123456789abcdef",
        "state": "partial",
    }


def test_a_finish_that_ran_out_of_time_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    module = function("finish")
    using(monkeypatch, module, "finish_job", UseCase(answer=None))

    answer = module.lambda_handler(event("turn"), Context())

    following = Turn.model_validate(answer)
    assert (following.next, following.job_id) == ("finish", TURN.job_id)
    with pytest.raises(UnfinishedJobError):  # where nobody looks at the answer
        module.lambda_handler(event("execution-aborted")["detail"], Context())


def test_finish_ends_the_job_of_an_execution_that_broke_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in = UseCase(answer=JobState.PARTIAL)
    module = function("finish")
    using(monkeypatch, module, "finish_job", stand_in)
    log = log_of(monkeypatch, module)

    answer = module.lambda_handler(event("execution-aborted")["detail"], Context())

    job_id = "spring-kakiyo-0123456789abcdef"
    assert stand_in.calls == [(Turn(job_id=job_id, provider="kakiyo"), PORTS, 600)]
    assert answer == {"job_id": job_id, "state": "partial"}
    assert json.loads(log.getvalue())["correlation_id"] == job_id


# ---------------------------------------------------------------- sweep


@dataclass(frozen=True)
class FadingContext(Context):
    """A context whose time runs out."""

    passed: list[int] = field(default_factory=list)

    def get_remaining_time_in_millis(self) -> int:
        return super().get_remaining_time_in_millis() - sum(self.passed) * 1_000


def test_a_sweep_has_as_much_time_for_uploads_as_held_jobs_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, context = function("sweep"), FadingContext(seconds_left=180)
    swept = UseCase(answer=2)
    using(monkeypatch, module, "sweep_uploads", swept)

    def refuse_slowly(_: Any) -> int:
        context.passed.append(70)
        return 1

    monkeypatch.setattr(module, "refuse_forgotten", refuse_slowly)

    assert module.lambda_handler({}, context) == {"delivered": 2, "refused": 1}
    assert swept.calls == [(PORTS, 20)]


def test_uploads_are_swept_though_a_held_job_cannot_be_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = function("sweep")
    swept = UseCase(answer=2)
    using(monkeypatch, module, "sweep_uploads", swept)
    using(monkeypatch, module, "refuse_forgotten", UseCase(failing=lambda _: True))

    with pytest.raises(RuntimeError, match="the database is away"):  # for the alarm
        module.lambda_handler({}, Context())

    assert len(swept.calls) == 1
