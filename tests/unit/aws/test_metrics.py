"""What is measured, and that dashboard and alarms ask for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from listdrop.aws.messaging import METRICS_NAMESPACE, MetricEvents
from listdrop.errors import (
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
    UnbalancedJobError,
)
from listdrop.jobs.cancelling import cancel_job
from listdrop.models import JobState, Outcome, RowResult
from listdrop.providers.base import PollAnswer, SendAnswer
from tests.support.providers import WORKING, received
from tests.support.world import World, csv_of, route_to
from tools.expanded import without_loops

STACK = "listdrop-here"
RESOURCES = without_loops()["Resources"]
DIMENSIONS = {("service", "provider"), ("service", "provider", "route"), ("service",)}


class Metric(NamedTuple):
    """A metric as CloudWatch files it."""

    namespace: str
    dimensions: tuple[str, ...]
    name: str


# ---------------------------------------------------------------- what is emitted


def some_rows_of_every_outcome(world: World) -> None:
    rest = iter([*Outcome, *Outcome])
    world.script.then_send = lambda batch: SendAnswer(
        results={row.row: RowResult(next(rest)) for row in batch.rows},
        warnings=("dropped_contacts",),
    )
    world.process(csv_of(9))


def succeeding(world: World) -> None:
    world.script.then_send = received
    world.script.polls = [WORKING]
    world.process(csv_of(3))
    world.process(csv_of(3), "again.csv")  # the same content: skipped


def failing(world: World) -> None:
    world.script.then_send = lambda _: SendAnswer(rest=RowResult(Outcome.REFUSED))
    world.process(csv_of(3))


def expiring(world: World) -> None:
    world.script.then_send = received
    world.script.then_poll = WORKING
    world.process(csv_of(3))


def rejected(world: World) -> None:
    world.script.sends = [StopJobError("provider_auth", "No.")]
    world.process(csv_of(3))


def cancelled(world: World) -> None:
    job = world.drop(csv_of(9))
    cancel_job(job.job_id, world.jobs)
    world.run(job)


def troubled(world: World) -> None:
    world.script.sends = [ProviderBusyError(1), NotSentError(), FateUnknownError()]
    world.script.then_send = received
    world.script.polls = [FateUnknownError(), PollAnswer(raw_status="working")]
    world.process(csv_of(9))


def unbalanced(world: World) -> None:
    job = world.drop(csv_of(3))
    last = world.follow(world.executions.started[job.job_id])[-1]
    world.jobs.update(job.job_id, counts=job.counts | {"rows": 4})
    with pytest.raises(UnbalancedJobError):
        world.finish(last)


def without_a_route(world: World) -> None:
    (job_id,) = world.submit(world.uploads.put("inbox/ada@example.com/a.csv", csv_of(3)))
    world.run(world.jobs.get(job_id))


def never_announced(world: World) -> None:
    world.uploads.put("inbox/spring/lost.csv", csv_of(3))
    for _ in range(3):
        world.sweep()
        world.clock.advance(30 * 60)


PLAYS: list[Callable[[World], None]] = [
    some_rows_of_every_outcome,
    succeeding,
    failing,
    expiring,
    rejected,
    cancelled,
    troubled,
    unbalanced,
    without_a_route,
    never_announced,
]


class Played(NamedTuple):
    """What was written while jobs were played, and the jobs' ids."""

    blobs: list[dict[str, Any]]
    job_ids: set[str]


@pytest.fixture
def played(capsys: pytest.CaptureFixture[str]) -> Played:
    """Jobs of every kind, with the metrics that functions write."""
    job_ids: set[str] = set()
    for play in PLAYS:
        world = World(route=route_to(deadline_minutes=5))
        world.events = MetricEvents(STACK)  # type: ignore[assignment] # the port's other implementation
        play(world)
        job_ids |= set(world.jobs.jobs)
    lines = capsys.readouterr().out.splitlines()
    blobs = [blob for line in lines if "_aws" in (blob := json.loads(line))]
    return Played(blobs, job_ids)


def emitted(blobs: list[dict[str, Any]]) -> Iterator[Metric]:
    for blob in blobs:
        for directive in blob["_aws"]["CloudWatchMetrics"]:
            for dimensions in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    yield Metric(directive["Namespace"], tuple(dimensions), metric["Name"])


def test_every_state_and_outcome_is_counted_by_provider_and_states_by_route(
    played: Played,
) -> None:
    states = {f"job_{state.value}" for state in JobState if state.is_terminal}
    names = states | {f"rows_{outcome.value}" for outcome in Outcome}
    names |= {"turns", "poll_lag", "request_time", "rate_wait", "provider_errors", "provider_busy"}
    found = set(emitted(played.blobs))
    by_provider, by_route = (
        {metric.name for metric in found if len(metric.dimensions) == count} for count in (2, 3)
    )
    assert names <= by_provider
    # Each metric of each route costs 30 cents a month, so there are only those that are looked at.
    assert by_route == states


def test_a_metric_has_no_other_dimension_and_names_no_job_and_nobody(played: Played) -> None:
    assert {metric.dimensions for metric in emitted(played.blobs)} == DIMENSIONS
    assert played.job_ids
    for blob in played.blobs:
        (metric,) = blob["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        assert blob.keys() <= {"_aws", "service", "provider", "route", metric["Name"]}
        assert blob["service"] == STACK
        (value,) = blob[metric["Name"]]
        assert value >= 0
        text = json.dumps(blob)
        assert not any(job_id in text for job_id in played.job_ids)
        assert "example.com" not in text


def test_an_upload_without_a_route_is_counted_without_what_its_key_names(played: Played) -> None:
    unrouted = [blob for blob in played.blobs if blob["provider"] == "none"]
    assert {name for blob in unrouted for name in blob} >= {"job_rejected"}
    assert all("route" not in blob for blob in unrouted)


# ---------------------------------------------------------------- dashboard and alarms


def dashboard() -> dict[str, Any]:
    body, values = RESOURCES["MetricsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, value in values.items():
        body = body.replace(f"${{{name}}}", value["Fn::Sub"])
    return dict(json.loads(body.replace("${!", "${")))


OF_AWS = {
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    },
    ("AWS/States", ("StateMachineArn",)): {"ExecutionsFailed"},
    ("AWS/Lambda", ("FunctionName",)): {"Errors", "Duration"},
}
"""Metrics that AWS has, as its manuals name them."""


def shown() -> Iterator[Metric]:
    """What the dashboard asks for."""
    for widget in dashboard()["widgets"]:
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], str):
                namespace, name, dimension, value, _ = line
                assert value.startswith("${")
                yield Metric(namespace, (dimension,), name)
                continue
            (expression,) = re.findall(r"SEARCH\('(.+?)', '\w+', 300\)", line[0]["expression"])
            schema, terms = re.fullmatch(r"\{(.+?)\} (.+)", expression).groups()  # type: ignore[union-attr] # else it fails
            namespace, *dimensions = schema.split(",")
            where, names = re.fullmatch(r"(.+) MetricName=(.+)", terms).groups()  # type: ignore[union-attr] # the same
            if namespace == "AWS/Lambda":
                assert where == f"FunctionName=({' OR '.join(searched(where))})"
            else:
                assert where == 'service="${AWS::StackName}"'
            assert re.fullmatch(r'"\w+"|\("\w+"( OR "\w+")+\)', names)
            for name in re.findall(r'"(\w+)"', names):
                yield Metric(namespace, tuple(dimensions), name)


def searches() -> Iterator[str]:
    """What the dashboard searches for, as CloudWatch gets it."""
    for widget in dashboard()["widgets"]:
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], dict):
                yield line[0]["expression"]


def searched(text: str) -> list[str]:
    """Return the names of functions in a search, in quotation marks, which make them exact."""
    return re.findall(r'"\$\{AWS::StackName\}-[\w-]+"', text)


def test_the_dashboard_searches_for_the_functions_of_this_stack_and_no_others() -> None:
    # Without quotation marks, `FunctionName=listdrop` finds each function with this word.
    functions = [each for each in RESOURCES.values() if each["Type"] == "AWS::Serverless::Function"]
    names = sorted(f'"{each["Properties"]["FunctionName"]["Fn::Sub"]}"' for each in functions)
    found = [searched(text) for text in searches() if "AWS/Lambda" in text]

    assert len(found) == 2
    assert [sorted(each) for each in found] == [names, names]


def watched() -> Iterator[Metric]:
    """What alarms ask for."""
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            alarm = resource["Properties"]
            if isinstance(alarm["MetricName"], str):  # others are what filters count
                dimensions = tuple(each["Name"] for each in alarm["Dimensions"])
                yield Metric(alarm["Namespace"], dimensions, alarm["MetricName"])


@pytest.mark.parametrize("asked", [shown, watched])
def test_whatever_is_asked_for_is_emitted_with_these_dimensions(
    played: Played, asked: Callable[[], Iterator[Metric]]
) -> None:
    known = set(emitted(played.blobs))
    known |= {Metric(*place, name) for place, names in OF_AWS.items() for name in names}

    assert set(asked()) <= known
    assert METRICS_NAMESPACE in {metric.namespace for metric in asked()}


def test_the_dashboard_shows_every_state_outcome_and_time() -> None:
    names = {metric.name for metric in shown() if metric.namespace == METRICS_NAMESPACE}

    assert names == {
        *(f"job_{state.value}" for state in JobState if state.is_terminal),
        *(f"rows_{outcome.value}" for outcome in Outcome),
        *("turns", "poll_lag", "request_time", "rate_wait", "provider_errors", "provider_busy"),
    }
    assert {("AWS/Lambda", "Errors"), ("AWS/Lambda", "Duration")} <= {
        (metric.namespace, metric.name) for metric in shown()
    }


def test_widgets_do_not_overlap_and_say_what_they_show() -> None:
    widgets = dashboard()["widgets"]
    places = {(widget["x"], widget["y"]) for widget in widgets}
    assert len(places) == len(widgets)
    for widget in widgets:
        assert (widget["width"], widget["height"]) == (12, 6)
        assert widget["x"] % 12 == widget["y"] % 6 == 0
        assert widget["properties"]["title"]
        assert widget["properties"]["region"] == "${AWS::Region}"


def test_alarms_and_dashboard_ask_for_this_stacks_metrics_only() -> None:
    # Two stacks of an account write into the same namespace.
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            alarm = resource["Properties"]
            if not isinstance(alarm["MetricName"], str):
                assert alarm["MetricName"] == {"Fn::Sub": "${AWS::StackName}-function-errors"}
            elif alarm["Namespace"] == METRICS_NAMESPACE:
                values = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
                assert values["service"] == {"Ref": "AWS::StackName"}


# ---------------------------------------------------------------- what times mean


def test_a_poll_lags_by_the_time_since_it_was_due() -> None:
    world = World()
    world.script.then_send = received
    turn = world.send(world.executions.started[world.drop(csv_of(3)).job_id])
    assert turn.wait_until is not None
    world.clock.wait_until(turn.wait_until)
    world.clock.advance(7)

    world.poll(turn)

    assert world.events.times_of("poll_lag") == [7]


def test_a_request_takes_as_long_as_it_is_waited_for() -> None:
    world = World()
    world.script.seconds = 0.75

    world.process(csv_of(3))

    assert world.events.times_of("request_time") == [0.75]


def test_a_job_waits_for_the_slots_of_another() -> None:
    world = World()
    world.budget.reserve("toy#default#send", count=30, gap=1, now=world.clock.now())
    job = world.drop(csv_of(3))

    world.run(job)

    assert world.events.times_of("rate_wait") == [30]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ProviderBusyError(1), "provider_busy"),
        (NotSentError(), "provider_errors"),
        (FateUnknownError(), "provider_errors"),
    ],
)
def test_a_request_without_a_usable_answer_is_counted_once(error: Exception, name: str) -> None:
    world = World()
    world.script.sends = [error]

    world.process(csv_of(3))

    assert world.events.counts[name] == 1
    assert world.events.counts["provider_busy"] + world.events.counts["provider_errors"] == 1


def test_an_unreachable_provider_is_measured_and_logged_each_turn_until_it_answers() -> None:
    world = World()
    gone = NotSentError("the connection was refused")
    world.script.sends = [gone, gone, gone, received]

    job = world.process(csv_of(3))

    assert world.events.times_of("unreachable") == [0, 15, 30]
    said, about = world.events.warnings[-1]
    assert said == (
        "Toy cannot be reached: the connection was refused "
        "(3 tries since 2026-03-02T09:00:00.000Z, the next in 15 s)"
    )
    assert about == {"job_id": job.job_id, "provider": "toy", "account": "default"}
    assert len(world.events.warnings) == 3


def test_a_provider_that_asks_to_wait_is_not_unreachable_and_its_tries_begin_again() -> None:
    world = World()
    gone = NotSentError("the connection was refused")
    world.script.sends = [ProviderBusyError(900), gone, received]

    world.process(csv_of(3))

    assert world.events.times_of("unreachable") == [0]
    assert [said.partition(" (")[0] for said, _ in world.events.warnings] == [
        "Toy asks to wait",
        "Toy cannot be reached: the connection was refused",
    ]


def test_a_warning_is_a_line_of_the_log_with_the_job_that_it_is_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    about = {"job_id": "a-job", "provider": "toy", "account": "main"}

    MetricEvents(STACK).warn("toy asks to wait", **about)

    (line,) = caplog.records
    assert (line.levelname, line.getMessage()) == ("WARNING", "toy asks to wait")
    assert {name: getattr(line, name) for name in about} == about


def test_every_turn_is_counted() -> None:
    world = World()
    job = world.drop(csv_of(3))

    turns = world.follow(world.executions.started[job.job_id])

    assert world.events.counts["turns"] == len(turns) - 1
