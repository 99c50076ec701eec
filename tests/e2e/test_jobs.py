"""The deployed template, end to end: what a user sees of a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from tests.support.containers import workbook, zipped
from tests.support.leaks import CANARY
from tests.support.routes import DESTINATIONS, Route, counted, first_name, person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine

PEOPLE = table_text(
    person("ada"),
    person("bo", "refused", "dnc"),
    person("cy", "", "existing"),
    (first_name("di"), CANARY, f"{CANARY} is no address", ""),
    (first_name("ada"), CANARY, "ADA@example.com", f"linkedin.com/in/ada-{CANARY}/"),
)


def test_every_row_of_a_file_gets_an_outcome_from_all_five_providers(
    make_route: Callable[..., Route],
) -> None:
    route = make_route()
    route.drop(PEOPLE)

    jobs = {job["provider"]: job for job in route.finished(5)}

    assert {name: counted(job) for name, job in jobs.items()} == {
        "activecampaign": {"accepted": 2, "refused": 1, "invalid": 1, "duplicate": 1},
        "kakiyo": {"confirmed": 1, "suppressed": 1, "existing": 1, "invalid": 1, "duplicate": 1},
        "saleshandy": {"accepted": 2, "refused": 1, "invalid": 1, "duplicate": 1},
        "waalaxy": {"confirmed": 2, "existing": 1, "invalid": 1, "duplicate": 1},
        "which50": {"accepted": 3, "invalid": 1, "duplicate": 1},
    }
    assert {job["state"] for job in jobs.values()} == {"partial"}
    for job in jobs.values():
        assert [int(row["row"]) for row in route.rows(job)] == [1, 2, 3, 4, 5]


def test_the_four_questions_are_answered_by_the_table(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    route.drop(PEOPLE)
    (job,) = route.finished(1)
    table = route.table

    today = table.query(IndexName="recent", KeyConditionExpression=Key("day").eq(job["day"]))
    assert job["job_id"] in {item["job_id"] for item in today["Items"]}

    partition = f"JOB#{job['job_id']}#0000"
    bad = table.query(IndexName="problems", KeyConditionExpression=Key("problem").eq(partition))
    assert [(str(row["row"]), row["outcome"], row["reason"]) for row in bad["Items"]] == [
        ("4", "invalid", "missing_linkedin_url")
    ]

    somebody = table.query(
        IndexName="by_person", KeyConditionExpression=Key("person").eq(f"LINKEDIN#ada-{CANARY}")
    )
    mine = [row for row in somebody["Items"] if row["job_id"] == job["job_id"]]
    assert {(str(row["row"]), row["outcome"]) for row in mine} == {
        ("1", "confirmed"),
        ("5", "duplicate"),
    }


def test_the_files_hold_every_row_in_order_with_all_its_columns(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("activecampaign")
    header = "First Name,Last Name,Email,Budget,Notes"
    content = table_text(
        (first_name("ada"), CANARY, "ada@example.com", "10", "first line\nsecond, line"),
        (
            first_name("bo"),
            CANARY,
            "bo+failed@example.com",
            "-5",
            '=HYPERLINK("https://example.com")',
        ),
        (first_name("cy"), CANARY, "", "7", "+1+1"),
        (first_name("ada"), CANARY, " Ada@Example.com ", "8", "@SUM(A1)"),
        header=header,
    )
    route.drop(content)
    (job,) = route.finished(1)

    results = route.file(job, "results.csv")
    assert [row["listdrop_row"] for row in results] == ["1", "2", "3", "4"]
    assert [row["listdrop_outcome"] for row in results] == [
        "unknown",
        "unknown",
        "invalid",
        "duplicate",
    ]
    assert [row["Budget"] for row in results] == ["10", "-5", "7", "8"]
    assert results[0]["Notes"] == "first line\nsecond, line"
    assert results[1]["Notes"] == '\'=HYPERLINK("https://example.com")'
    assert results[3]["Notes"] == "'@SUM(A1)"

    rejects = route.file(job, "rejects.csv")
    assert [(row["listdrop_row"], row["listdrop_reason"]) for row in rejects] == [
        ("3", "missing_email")
    ]
    retry = route.file(job, "retry.csv")
    assert list(retry[0]) == [*header.split(","), "listdrop_job"]
    assert [row["First Name"] for row in retry] == [first_name("ada"), first_name("bo")]


def test_one_message_a_job_tells_how_it_went_and_can_be_filtered(
    make_route: Callable[..., Route], notices: Callable[..., Any]
) -> None:
    route = make_route("kakiyo", "waalaxy")
    notices(route.name, policy={"provider": ["kakiyo"], "bad_rows": [{"numeric": [">", 0]}]})
    version = route.drop(PEOPLE)
    jobs = {job["provider"]: job for job in route.finished(2)}

    (message,) = notices(route.name)

    job = jobs["kakiyo"]
    assert message["schema"] == "listdrop.job.v1"
    assert message["job_id"] == job["job_id"]
    assert message["state"] == "partial"
    assert message["upload"] == {
        "bucket": route.stack.outputs["UploadsBucket"],
        "key": f"inbox/{route.name}/people.csv",
        "version_id": version,
    }
    assert message["counts"] == {name: int(count) for name, count in job["counts"].items()}
    assert message["top_reasons"] == [
        {"outcome": "invalid", "reason": "missing_linkedin_url", "rows": 1}
    ]
    assert message["results"] == job["results"]
    assert message["attributes"]["bad_rows"] == {"Type": "Number", "Value": "1"}
    assert "example.com" not in json.dumps(message)


def test_an_upload_to_several_destinations_is_told_once_when_all_have_ended(
    make_route: Callable[..., Route], notices: Callable[..., Any]
) -> None:
    route = make_route("kakiyo", "waalaxy", waalaxy={"account": "nobody"})
    version = route.drop(PEOPLE)
    jobs = {job["provider"]: job for job in route.finished(2)}

    (message,) = notices(route.name, kind="upload")

    assert message["schema"] == "listdrop.upload.v1"
    assert message["upload"] == {
        "bucket": route.stack.outputs["UploadsBucket"],
        "key": f"inbox/{route.name}/people.csv",
        "version_id": version,
    }
    # The worst first, which is what the upload is.
    assert [(each["provider"], each["state"]) for each in message["jobs"]] == [
        ("waalaxy", "rejected"),
        ("kakiyo", "partial"),
    ]
    for told in message["jobs"]:
        job = jobs[told["provider"]]
        assert told["job_id"] == job["job_id"]
        assert told["counts"] == {name: int(count) for name, count in job["counts"].items()}
        assert "upload" not in told
    assert message["finished_at"] == max(job["finished_at"] for job in jobs.values())
    bad = sum(
        int(job["counts"][name])
        for job in jobs.values()
        for name in ("invalid", "refused", "unknown")
    )
    said = {name: each["Value"] for name, each in message["attributes"].items()}
    said.pop("dropped_by", None)
    assert said == {
        "kind": "upload",
        "state": "rejected",
        "route": route.name,
        "rows": "5",
        "bad_rows": str(bad),
        "warnings": "0",
    }
    assert "example.com" not in json.dumps(message)


def test_twenty_deliveries_of_one_event_make_one_job_and_one_request(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("activecampaign", "waalaxy")
    version = route.drop(PEOPLE)
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": route.stack.outputs["UploadsBucket"]},
            "object": {
                "key": f"inbox/{route.name}/people.csv",
                "versionId": version,
                "size": len(PEOPLE),
            },
        },
    }
    sqs = route.stack.client("sqs")
    for _ in range(20):
        sqs.send_message(
            QueueUrl=route.stack.outputs["SubmitQueue"],
            MessageBody=json.dumps({"Records": [record]}),
        )
    route.finished(2)
    _drained(route)

    assert len(route.jobs()) == 2
    assert len(route.simulators["activecampaign"].imports) == 1
    assert len(route.simulators["waalaxy"].received("POST")) == 1


def test_the_same_content_is_sent_once(make_route: Callable[..., Route]) -> None:
    route = make_route("waalaxy")
    route.drop(PEOPLE, "first.csv")
    (first,) = route.finished(1)
    route.drop(PEOPLE, "second.csv")
    route.finished(2)

    jobs = sorted(route.jobs(), key=lambda job: job["created_at"])
    assert [job["state"] for job in jobs] == ["partial", "skipped"]
    assert counted(jobs[1]) == {"duplicate": 5}
    assert first["job_id"] in jobs[1]["reason_text"]
    assert len(route.simulators["waalaxy"].received("POST")) == 1
    assert [row["listdrop_outcome"] for row in route.file(jobs[1], "results.csv")] == [
        "duplicate"
    ] * 5


def test_content_that_was_rejected_may_be_dropped_again(make_route: Callable[..., Route]) -> None:
    route = make_route("waalaxy")
    secrets = route.stack.client("secretsmanager")
    name = f"listdrop/waalaxy/{route.name}"
    good = secrets.get_secret_value(SecretId=name)["SecretString"]
    bad = json.dumps(json.loads(good) | {"api_key": f"revoked-{CANARY}"})
    secrets.put_secret_value(SecretId=name, SecretString=bad)
    route.drop(PEOPLE, "first.csv")
    (rejected,) = route.finished(1)
    assert (rejected["state"], rejected["reason"]) == ("rejected", "provider_auth")
    assert counted(rejected) == {"refused": 3, "invalid": 1, "duplicate": 1}
    assert CANARY not in json.dumps(rejected, default=str)

    secrets.put_secret_value(SecretId=name, SecretString=good)
    route.drop(PEOPLE, "second.csv")
    route.finished(2)
    second = max(route.jobs(), key=lambda job: job["created_at"])
    assert counted(second) == {"confirmed": 2, "existing": 1, "invalid": 1, "duplicate": 1}


def test_a_job_that_never_ends_expires_with_what_is_known(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign", route={"deadline_minutes": 0.08})
    route.drop(table_text(person("ada"), person("bo", "stuck"), (first_name("cy"), "", "", "")))
    (job,) = route.finished(1)

    assert job["state"] == "expired"
    assert counted(job) == {"unknown": 2, "invalid": 1}
    assert [row["listdrop_outcome"] for row in route.file(job, "results.csv")] == [
        "unknown",
        "unknown",
        "invalid",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        pytest.param(b"LinkedIn URL,Email\n", "empty_file", marks=pytest.mark.slow),
        (b"PK\x03\x04\x00\x00\x00binary\x81", "bad_archive"),
        pytest.param(
            b"Ada,ada@example.com\nBo,bo@example.com\n", "no_header", marks=pytest.mark.slow
        ),
        pytest.param(b"foo,bar\n1,2\n", "no_usable_column", marks=pytest.mark.slow),
        pytest.param(
            b'Email,Notes\nada@example.com,"never closed\nbo@example.com,x\n',
            "unreadable_quoting",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_rejected_with_the_reason(
    make_route: Callable[..., Route], notices: Callable[..., Any], content: bytes, reason: str
) -> None:
    route = make_route("kakiyo")
    route.drop(content)
    (job,) = route.finished(1)

    assert (job["state"], job["reason"]) == ("rejected", reason)
    assert job["reason_text"].endswith(".")
    (message,) = notices(route.name)
    assert (message["state"], message["reason"]) == ("rejected", reason)
    assert route.simulators["kakiyo"].ledger == []


def test_an_upload_without_a_usable_route_ends_as_one_rejected_job(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("kakiyo")
    unknown = Route(route.stack, f"{route.name}-unknown", {})
    unknown.drop(PEOPLE)
    (job,) = unknown.finished(1)
    assert (job["state"], job["reason"], job["provider"]) == ("rejected", "unknown_route", "none")
    assert job["job_id"].startswith(f"{route.name}-unknown-none-")

    bad = Route(route.stack, f"{route.name}-bad", {})
    route.stack.put_route(bad.name, {"destinations": [DESTINATIONS["kakiyo"] | {"campain": "x"}]})
    bad.drop(PEOPLE)
    (job,) = bad.finished(1)
    assert (job["state"], job["reason"]) == ("rejected", "bad_route")
    assert "'campain'" in job["reason_text"]


def test_a_missing_account_rejects_the_job(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo", kakiyo={"account": "nobody"})
    route.drop(PEOPLE)
    (job,) = route.finished(1)

    assert (job["state"], job["reason"]) == ("rejected", "unknown_account")
    assert "listdrop/kakiyo/nobody" in job["reason_text"]


def test_an_archive_of_a_csv_and_a_workbook_makes_a_job_of_each(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    book = workbook(
        ["First Name", "Email", "LinkedIn URL"],
        [first_name("di"), "di@example.com", f"https://www.linkedin.com/in/di-{CANARY}"],
        [first_name("ed"), "ed@example.com", None],
    )
    route.drop(zipped({"people/a.csv": PEOPLE, "b.xlsx": book, "__MACOSX/._a": b"x"}), "both.zip")

    jobs = {job["upload"]["table"]: job for job in route.finished(2)}

    assert {table: counted(job) for table, job in jobs.items()} == {
        "people/a.csv": {"confirmed": 2, "existing": 1, "invalid": 1, "duplicate": 1},
        "b.xlsx": {"confirmed": 1, "invalid": 1},
    }
    assert [row["listdrop_outcome"] for row in route.file(jobs["b.xlsx"], "results.csv")] == [
        "confirmed",
        "invalid",
    ]
    assert len(route.file(jobs["people/a.csv"], "results.csv")) == 5


def test_nobody_on_the_suppression_list_of_the_route_is_sent(
    make_route: Callable[..., Route],
) -> None:
    key = "suppression/e2e never.csv"
    route = make_route("waalaxy", route={"suppression_list": key})
    route.drop(PEOPLE, "too-early.csv")
    (early,) = route.finished(1)
    assert (early["state"], early["reason"]) == ("rejected", "bad_route")

    route.stack.drop(key, f"in/ada-{CANARY}\nbo+refused@example.com\n".encode())
    route.drop(PEOPLE)
    route.finished(2)

    job = max(route.jobs(), key=lambda job: job["created_at"])
    assert counted(job) == {"suppressed": 3, "existing": 1, "invalid": 1}
    (request,) = route.simulators["waalaxy"].received("POST")
    assert "linkedin.com/in/cy" in str(request)
    assert "linkedin.com/in/ada" not in str(request)


def test_an_execution_carries_only_ids_and_small_numbers(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    route.drop(PEOPLE)
    (job,) = route.finished(1)

    for event in route.history(job):
        text = json.dumps(event, default=str)
        assert "example.com" not in text
        for details in (value for key, value in event.items() if key.endswith("EventDetails")):
            for payload in (details.get("input"), details.get("output")):
                assert len(payload or "") < 2_000


def test_a_folder_made_in_the_console_is_no_upload(make_route: Callable[..., Route]) -> None:
    route = make_route("kakiyo")
    route.stack.drop(f"inbox/{route.name}/", b"")
    route.drop(PEOPLE)
    route.finished(1)


def _drained(route: Route) -> None:
    """Wait until the submit queue is empty."""
    sqs = route.stack.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_empty() -> bool:
        found = sqs.get_queue_attributes(
            QueueUrl=route.stack.outputs["SubmitQueue"], AttributeNames=names
        )
        return not any(int(found["Attributes"][name]) for name in names)

    until(is_empty, "the submit queue never emptied")
