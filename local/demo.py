"""The demo: one real file, the real template, five simulated providers, an outcome per row."""

from __future__ import annotations

import argparse
import csv
import io
import json
import time
from collections.abc import Sequence
from typing import Any

from boto3.dynamodb.conditions import Key
from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from listdrop.aws import keys
from listdrop.aws.items import job_of
from listdrop.models import Job, JobState, Outcome, files
from listdrop.notices import document as job_notice
from listdrop.notices import upload as upload_notice
from local import terminal
from local.engine import ROOT
from local.stack import HOME, LocalStack

PROSPECTS = ROOT / "events" / "prospects.csv"
EXPECTED = ROOT / "events" / "prospects.expected.json"
_KEY = "inbox/demo/prospects.csv"
_SECONDS = 600
_WIDEST = 1_000
_PERSON = "EMAIL#mara.lindqvist@example.com"

Item = dict[str, Any]


def main() -> None:
    """Run the demo with the command's options. The exit code is 1 if results are unexpected."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--wait-scale", type=float, required=True)
    parser.add_argument("--json", dest="as_json", action="store_true")
    given = parser.parse_args()
    with terminal.plain_errors():
        problems = run(terminal.err if given.as_json else terminal.out, given.wait_scale)
    if given.as_json:
        terminal.show_json({"problems": problems})
    for problem in problems:
        terminal.err.print(f"[red]{escape(problem)}[/red]")
    raise SystemExit(1 if problems else 0)


def run(out: Console, wait_scale: float) -> list[str]:
    """Run the demo and return the unexpected results."""
    out.print("Starting the engine and five simulators, deploying template.yaml ...")
    with LocalStack(home=HOME / "demo", wait_scale=wait_scale) as stack:
        queue = _subscribe(stack)
        out.print(f"Dropping {PROSPECTS.relative_to(ROOT)} into the uploads bucket as {_KEY}\n")
        stack.drop(_KEY, PROSPECTS.read_bytes())
        jobs = _watch(out, stack.table)
        _show_message(out, stack, queue, jobs)
        _show_answers(out, stack.table, jobs)
        _download(out, stack, jobs)
    return _problems(jobs)


def _subscribe(stack: LocalStack) -> str:
    """Subscribe a queue to the topic, as a user's program would. Returns the queue's URL."""
    sqs, sns = stack.client("sqs"), stack.client("sns")
    queue = str(sqs.create_queue(QueueName="demo-notices")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(
        TopicArn=stack.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    return queue


def _watch(out: Console, table: Any) -> list[Item]:
    """Show the jobs until all are terminal and notified. Returns them sorted by provider."""
    expected = len(json.loads(EXPECTED.read_text("utf-8")))
    ends_at = time.monotonic() + _SECONDS
    jobs: list[Item] = []
    with Live(console=out, refresh_per_second=8, transient=False) as live:
        while time.monotonic() < ends_at:
            found = table.query(
                IndexName="by_route", KeyConditionExpression=Key("route").eq("demo")
            )
            jobs = sorted(found["Items"], key=lambda job: str(job["provider"]))
            if out.is_terminal:
                live.update(job_table(list(map(job_of, jobs)), out))
            if len(jobs) == expected and all("notified_at" in job for job in jobs):
                break
            time.sleep(0.2)
    if not out.is_terminal:
        out.print(job_table(list(map(job_of, jobs)), out))
    return jobs


def job_table(jobs: Sequence[Job], out: Console) -> RenderableType:
    """Return a table with a column for each outcome, or with one text on a narrow terminal."""
    names = ("provider", "state", "%", "rows", *(outcome.value for outcome in Outcome))
    wide = Table(*names, box=None, padding=(0, 2, 0, 0))
    for column in wide.columns[2:]:
        column.justify = "right"
    for job in jobs:
        counts = [job.counts[outcome] for outcome in Outcome]
        numbers = [str(count) if count else "·" for count in counts]
        color = "green" if job.state.is_terminal else "yellow"
        wide.add_row(
            job.provider,
            f"[{color}]{job.state.value}[/{color}]",
            str(job.percent),
            str(job.counts["rows"]),
            *numbers,
        )
    if Measurement.get(out, out.options.update(max_width=_WIDEST), wide).maximum <= out.width:
        return wide
    narrow = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("provider", "state", "%", "rows"):
        narrow.add_column(name, no_wrap=True, justify="right" if name in ("%", "rows") else "left")
    narrow.add_column("outcomes")
    for job in jobs:
        narrow.add_row(
            job.provider, job.state.value, str(job.percent), str(job.counts["rows"]), _counted(job)
        )
    return narrow


def _counted(job: Job) -> str:
    """Return a job's rows by outcome, in words."""
    return ", ".join(f"{job.counts[each]} {each.value}" for each in Outcome if job.counts[each])


def _show_message(out: Console, stack: LocalStack, queue: str, jobs: list[Item]) -> None:
    sqs = stack.client("sqs")
    ends_at = time.monotonic() + 10
    messages: list[Any] = []
    while len(messages) < len(jobs) + 1 and time.monotonic() < ends_at:
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages += [json.loads(message["Body"]) for message in received.get("Messages", [])]
    of_jobs = [message for message in messages if message["schema"] == job_notice.SCHEMA]
    of_uploads = [message for message in messages if message["schema"] == upload_notice.SCHEMA]
    out.print(
        f"\n{len(messages)} messages came by SNS: {len(of_jobs)} of jobs, and {len(of_uploads)} of "
        "the upload. The one for kakiyo:"
    )
    for message in of_jobs:
        if message["provider"] == "kakiyo":
            out.print_json(data=message)
    for message in of_uploads:
        told = ", ".join(f"{each['provider']} {each['state']}" for each in message["jobs"])
        out.print(f"The one of the upload says {message['state']}: {told}.")


def _show_answers(out: Console, table: Any, jobs: list[Item]) -> None:
    """Query DynamoDB for the answers that the README shows."""
    if not jobs:
        return
    job = next((job for job in jobs if job["provider"] == "kakiyo"), jobs[0])
    answer = table.get_item(Key=keys.job(job["job_id"]))["Item"]
    out.print(f"\nHow did that job go?         {answer['state']}, {answer['progress']} %")
    day = Key("day").eq(str(job["day"]))
    today = table.query(IndexName="recent", KeyConditionExpression=day)["Items"]
    out.print(f"What ran today?              {len(today)} jobs")
    bad = [
        row
        for partition in keys.row_pks(job["job_id"], int(job["counts"]["rows"]))
        for row in table.query(
            IndexName="problems", KeyConditionExpression=Key("problem").eq(partition)
        )["Items"]
    ]
    out.print(f"Which rows failed, and why?  {len(bad)} at kakiyo")
    for row in sorted(bad, key=lambda row: int(row["row"])):
        out.print(f"  row {row['row']:>3}  {row['outcome']:<8} {row['reason']}")
    person = table.query(IndexName="by_person", KeyConditionExpression=Key("person").eq(_PERSON))
    out.print(f"What happened to a person?   {_PERSON}")
    for row in person["Items"]:
        out.print(f"  {row['provider']:<15} row {row['row']:>3}  {row['outcome']}")


def _download(out: Console, stack: LocalStack, jobs: list[Item]) -> None:
    s3 = stack.client("s3")
    out.print("\nResult files (results.csv, rejects.csv, retry.csv, summary.json):")
    for job in jobs:
        folder = HOME / "demo" / "results" / str(job["provider"])
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*files.ADDED, files.SUMMARY):
            key = files.folder(job["job_id"]) + name
            s3.download_file(stack.outputs["ResultsBucket"], key, str(folder / name))
        out.print(f"  {folder.relative_to(ROOT)}/")


def _problems(jobs: list[Item]) -> list[str]:
    """Compare every job with the expected outcomes of the file's rows."""
    expected: dict[str, dict[str, Any]] = json.loads(EXPECTED.read_text("utf-8"))
    rows = sum(1 for _ in csv.reader(io.StringIO(PROSPECTS.read_text("utf-8"), newline=""))) - 1
    found = {str(job["provider"]): job for job in jobs}
    problems = []
    for provider, wanted in expected.items():
        job = found.get(provider)
        if job is None or not JobState(str(job["state"])).is_terminal:
            problems.append(f"{provider}: no terminal job")
            continue
        counts = {name: int(count) for name, count in job["counts"].items() if count}
        total = sum(count for name, count in counts.items() if name != "rows")
        if total != rows or counts.get("rows") != rows:
            problems.append(f"{provider}: the outcomes do not add up to {rows} rows: {counts}")
        if (job["state"], counts) != (wanted["state"], wanted["counts"]):
            problems.append(f"{provider}: expected {wanted}, got {job['state']} {counts}")
    return problems


if __name__ == "__main__":
    main()
