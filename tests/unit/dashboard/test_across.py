"""The rows of an upload across its destinations: those that are bad somewhere, and all of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any
from unittest.mock import Mock

import pytest
from flask.testing import FlaskClient

from listdrop.cells.profiles import person_key
from listdrop.dashboard import across
from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.visitors import Role
from listdrop.models import Job, JobState, Outcome
from tests.support.clock import ManualClock
from tests.support.dashboards import NOW, HurryingClock, Shelf, new_job, new_row
from tests.unit.dashboard.office import somebody

BAD = (Outcome.INVALID, Outcome.REFUSED, Outcome.UNKNOWN)
MOST_BYTES = 200_000
DASH = "\N{EN DASH}"


def put(
    shelf: Shelf,
    provider: str,
    outcomes: Iterable[Outcome],
    *,
    table: str = "",
    row: dict[str, Any] | None = None,
    **more: Any,
) -> Job:
    """Add a job of one upload, with a row of each outcome."""
    given = list(outcomes)
    counts = {outcome.value: given.count(outcome) for outcome in Outcome} | {"rows": len(given)}
    job = new_job(
        provider=provider,
        job_id=f"spring-{provider}-{table.removesuffix('.csv') or 'v1'}",
        upload=new_job().upload.model_copy(update={"table": table}),
        **({"counts": counts} | more),
    )
    kept = {"all": set(Outcome), "bad": set(BAD), "none": set()}[job.row_items]
    rows = [
        new_row(job, number, outcome, **{"reason": f"no_{outcome.value}"} | (row or {}))
        for number, outcome in enumerate(given, 1)
        if outcome in kept
    ]
    return shelf.put(job, rows)


def some(rows: int, **bad: Iterable[int]) -> list[Outcome]:
    """Return outcomes of rows: good ones, but for those with these numbers."""
    at = {number: Outcome(name) for name, numbers in bad.items() for number in numbers}
    return [at.get(number, Outcome.CONFIRMED) for number in range(1, rows + 1)]


def plain(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", part)).split())


def section(client: FlaskClient, job: Job, query: str = "") -> str:
    """Return the part of an upload's page that is about rows."""
    answer = client.get(f"/uploads/{job.job_id}{query}")
    assert answer.status_code == 200, answer.text
    found = re.search(r'<section>\s*<h2 id="rows">.*?</section>', answer.text, re.DOTALL)
    return found[0] if found else ""


def cells(page: str) -> list[list[str]]:
    """Return the table's rows, each as what its cells say."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)]
        for line in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    ]


# ---------------------------------------------------------------- the rows that are bad somewhere


def test_a_row_that_is_bad_somewhere_is_told_at_every_destination(
    client: FlaskClient, shelf: Shelf
) -> None:
    put(shelf, "kakiyo", some(9, invalid=[7], refused=[2]))
    job = put(shelf, "waalaxy", some(9, unknown=[4, 7]))
    put(shelf, "which50", some(9))

    part = section(client, job)

    headers = [plain(each) for each in re.findall(r"<th scope=\"col\".*?</th>", part)]
    assert headers == ["Row", "Person", "kakiyo", "waalaxy", "which50"]
    assert cells(part) == [
        ["2", "p…@example.com", "refused no_refused", DASH, DASH],
        ["4", "p…@example.com", DASH, "unknown no_unknown", DASH],
        ["7", "p…@example.com", "invalid no_invalid", "unknown no_unknown", DASH],
    ]
    assert 'title="line 3 of the file"' in part
    assert "A dash: not bad there." in plain(part)
    assert "3 rows are bad at one destination or more." in plain(part)
    assert f'href="/uploads/{job.job_id}/rows"' in part


def test_twenty_rows_are_shown_in_their_order_and_that_there_are_more(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", some(60, refused=range(2, 60, 3)))
    put(shelf, "waalaxy", some(60, refused=range(1, 60, 3)))

    part = section(client, job)

    numbers = [int(line[0]) for line in cells(part)]
    assert numbers == sorted({*range(1, 60, 3), *range(2, 60, 3)})[:20]
    assert "20 of the rows that are bad at one destination or more; there are more." in plain(part)
    assert "The numbers under Bad lead to all of them." in plain(part)


@pytest.mark.parametrize("state", [JobState.PARTIAL, JobState.RUNNING])
@pytest.mark.parametrize("first", ["kakiyo", "waalaxy"])
def test_no_row_seems_fine_at_a_destination_only_because_not_all_was_read_there(
    client: FlaskClient, shelf: Shelf, first: str, state: JobState
) -> None:
    """The index of bad rows has no order within 10,000, so any fifty of them may be read."""
    second = {"kakiyo": "waalaxy", "waalaxy": "kakiyo"}[first]
    many = put(shelf, first, some(900, refused=range(1, 901)), state=state)
    shelf.rows_of[many.job_id].reverse()
    put(shelf, second, some(900, invalid=[3, 5]))

    lines = [dict(zip((0, "kakiyo", "waalaxy"), (line[0], *line[2:]), strict=True))
             for line in cells(section(client, many))]  # fmt: skip

    assert lines[0] == {0: "3", first: "refused no_refused", second: "invalid no_invalid"}
    assert lines[1] == {0: "5", first: "refused no_refused", second: "invalid no_invalid"}
    assert {line[first] for line in lines} == {"refused no_refused"}
    assert {line[second] for line in lines[2:]} == {DASH}


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in BAD])
def test_what_is_not_bad_is_no_bad_row(client: FlaskClient, shelf: Shelf, outcome: Outcome) -> None:
    job = put(shelf, "kakiyo", [outcome] * 5)

    part = section(client, job)

    assert "No row is bad." in plain(part)
    assert "<table" not in part
    assert f'href="/uploads/{job.job_id}/rows"' in part


def test_while_it_runs_no_row_is_bad_so_far(client: FlaskClient, shelf: Shelf) -> None:
    put(shelf, "kakiyo", some(5))
    job = put(shelf, "waalaxy", some(5), state=JobState.RUNNING)
    assert "No row is bad so far." in plain(section(client, job))

    job = put(shelf, "waalaxy", some(5, refused=[1]), state=JobState.RUNNING)
    part = plain(section(client, job))
    assert "1 row is bad at one destination or more so far." in part
    assert "A dash: not bad there, or not written yet." in part


@pytest.mark.parametrize(
    ("state", "written", "said"),
    [
        (JobState.RUNNING, [], "Bad rows are shown here as they are written"),
        (JobState.RUNNING, [2], "1 of the rows that are bad at one destination or more so far;"),
        (JobState.PARTIAL, [], "No bad row is kept here."),
        (JobState.PARTIAL, [2], "1 row is bad at one destination or more."),
    ],
)
def test_rows_that_are_bad_by_the_counts_and_not_written_are_not_said_to_be_fine(
    client: FlaskClient, shelf: Shelf, state: JobState, written: list[int], said: str
) -> None:
    put(shelf, "kakiyo", some(5))
    job = put(shelf, "waalaxy", some(5, invalid=[1, 2, 3]), state=state)
    shelf.rows_of[job.job_id] = [
        row for row in shelf.rows_of[job.job_id] if row.row in written or row.row > 3
    ]

    part = plain(section(client, job))

    assert said in part
    assert "No row is bad" not in part
    assert ("not bad there, or not written yet" in part) is (
        bool(written) and state is JobState.RUNNING
    )


@pytest.mark.parametrize(
    ("destinations", "is_shown"), [(1, True), (2, True), (6, True), (7, False), (9, False)]
)
def test_more_destinations_than_fit_are_not_shown_side_by_side(
    client: FlaskClient, shelf: Shelf, destinations: int, is_shown: bool
) -> None:
    for number in range(destinations):
        job = put(shelf, f"p{number}", some(3, refused=[2]))

    assert bool(section(client, job)) is is_shown
    all_rows = client.get(f"/uploads/{job.job_id}/rows")
    assert all_rows.status_code == (200 if is_shown else 404)
    assert ("more than 6 destinations" in all_rows.text) is not is_shown


def test_an_upload_that_was_not_read_has_no_rows(client: FlaskClient, shelf: Shelf) -> None:
    job = put(shelf, "kakiyo", [], state=JobState.REJECTED, reason="empty_file")

    assert section(client, job) == ""
    assert "There are no rows." in plain(client.get(f"/uploads/{job.job_id}/rows").text)


def test_of_an_archive_the_rows_of_one_file_are_shown_which_is_named(
    client: FlaskClient, shelf: Shelf
) -> None:
    for table, number in (("a.csv", 1), ("b.csv", 2), ("c.csv", 3)):
        for provider in ("kakiyo", "waalaxy"):
            put(shelf, provider, some(4, refused=[number] * (table != "c.csv")), table=table)
    job = shelf.jobs["spring-waalaxy-b"]

    part = section(client, job)

    assert [line[0] for line in cells(part)] == ["2"]
    assert "Rows of b.csv" in plain(part)
    headers = [plain(each) for each in re.findall(r"<th scope=\"col\".*?</th>", part)]
    assert headers == ["Row", "Person", "kakiyo", "waalaxy"]
    # From one file to the others that have bad rows.
    assert 'href="/uploads/spring-kakiyo-a#rows"' in part
    assert "spring-kakiyo-c" not in part
    rows = client.get(f"/uploads/{job.job_id}/rows").text
    assert "Rows of b.csv" in plain(rows)
    assert "spring-kakiyo-a" not in rows


def test_an_empty_file_of_an_archive_leads_to_those_with_bad_rows(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", [], table="a.csv", state=JobState.REJECTED, reason="empty_file")
    for number in range(30):
        put(shelf, "kakiyo", some(2, refused=[1]), table=f"b{number:02}.csv")

    part = section(client, job)

    assert "This file has no rows." in plain(part)
    linked = re.findall(r'href="/uploads/spring-kakiyo-(b\d\d)#rows"', part)
    assert linked == [f"b{number:02}" for number in range(20)]


def test_an_archive_s_page_goes_on_with_the_file_that_was_asked_for(
    client: FlaskClient, shelf: Shelf
) -> None:
    put(shelf, "kakiyo", some(4), table="a.csv")
    job = put(shelf, "kakiyo", some(4), table="b.csv", state=JobState.RUNNING)

    assert f'data-live="/uploads/{job.job_id}"' in client.get(f"/uploads/{job.job_id}").text


@pytest.mark.parametrize("bad", [[], [1]])
def test_a_destination_that_keeps_no_rows_has_them_in_its_file(
    client: FlaskClient, shelf: Shelf, bad: list[int]
) -> None:
    job = put(shelf, "kakiyo", some(4, refused=bad))
    put(shelf, "waalaxy", some(4, refused=[2]), row_items="none")

    for page in (section(client, job), client.get(f"/uploads/{job.job_id}/rows").text):
        assert "No rows at waalaxy are kept here" in plain(page)
        assert 'href="/jobs/spring-waalaxy-v1/files/results.csv"' in page
        assert 'data-of="waalaxy"' not in page


def test_where_no_destination_keeps_rows_none_is_said_to_be_fine(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", some(4, refused=[1]), row_items="none")

    part = section(client, job)

    assert "No rows at kakiyo are kept here" in plain(part)
    assert "No row is bad" not in plain(part)
    assert f'href="/uploads/{job.job_id}/rows"' not in part


def test_a_job_without_files_yet_promises_them(client: FlaskClient, shelf: Shelf) -> None:
    job = put(shelf, "kakiyo", some(4), row_items="none", state=JobState.RUNNING)

    part = section(client, job)

    assert "they will be in results.csv" in plain(part)
    assert "files/results.csv" not in part


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ({"reason": "invalid_email"}, "refused invalid_email"),
        ({"reason": "invalid_email", "reason_text": "Not valid."}, "refused Not valid."),
        ({"reason": "", "reason_text": "Nicht gültig."}, "refused Nicht gültig."),
        ({"reason": ""}, "refused"),
        ({"reason": "E42", "reason_text": "すでに存在します"}, "refused すでに存在します"),
    ],
)
def test_an_outcome_has_its_reason_in_words_if_there_are_any(
    client: FlaskClient, shelf: Shelf, words: dict[str, str], shown: str
) -> None:
    job = put(shelf, "kakiyo", some(1, refused=[1]), row=words)

    assert cells(section(client, job))[0][2] == shown


def test_at_one_destination_nothing_is_said_of_others(client: FlaskClient, shelf: Shelf) -> None:
    part = plain(section(client, put(shelf, "kakiyo", some(3, refused=[1]))))

    assert "1 row is bad." in part
    assert "A dash" not in part
    assert part.endswith("All rows")


def test_a_row_is_of_whom_the_destination_says_that_knows_it_best(
    client: FlaskClient, shelf: Shelf
) -> None:
    profile = "https://www.linkedin.com/in/mara-l"
    row = {"email": "", "linkedin_url": profile}
    put(shelf, "kakiyo", some(1, invalid=[1]), row=row | {"person": ""})
    job = put(shelf, "waalaxy", some(1), row=row | {"person": person_key(profile)})

    page = client.get(f"/uploads/{job.job_id}/rows?show=1").text

    assert cells(page)[0][1] == "linkedin.com/in/mara-l"


# ---------------------------------------------------------------- how much is read


def reads(shelf: Shelf, jobs: list[Job], clock: Any = None) -> tuple[Mock, Mock, Any]:
    ports = shelf.ports()
    records, figures = Mock(wraps=ports.records), Mock(wraps=ports.figures)
    return records, figures, across.some_bad(
        records, figures, clock or ManualClock(NOW), jobs, 20
    )  # fmt: skip


def test_only_destinations_with_bad_rows_are_asked_and_each_once(shelf: Shelf) -> None:
    jobs = [
        put(shelf, "kakiyo", some(900, refused=range(1, 500))),
        put(shelf, "saleshandy", some(900)),
        put(shelf, "waalaxy", some(900, invalid=[3], unknown=range(300, 900))),
        put(shelf, "which50", some(900, refused=[4])),
    ]

    records, figures, found = reads(shelf, jobs)

    assert [call.args[0].provider for call in records.rows.call_args_list] == [
        "kakiyo",
        "waalaxy",
        "which50",
    ]
    assert [call.args[3] for call in records.rows.call_args_list] == [20, 20, 1]
    # Of a destination with more, the rows that are shown and were not read are looked up at once.
    assert [call.args[0] for call in figures.rows.call_args_list] == [jobs[2].job_id]
    assert found.is_more


def test_of_a_destination_with_few_bad_rows_no_more_are_searched_for(shelf: Shelf) -> None:
    jobs = [put(shelf, "kakiyo", some(5_000, refused=[3, 9])), put(shelf, "waalaxy", some(5_000))]

    records, figures, found = reads(shelf, jobs)

    ((_, _, _, limit),) = (call.args for call in records.rows.call_args_list)
    assert limit == 2
    assert figures.rows.call_count == 0
    assert [row.row for row in found.rows] == [3, 9]
    assert not found.is_more


def test_where_searching_takes_long_the_rest_is_looked_up_by_number(shelf: Shelf) -> None:
    jobs = [put(shelf, f"p{number}", some(30, refused=[5, number + 6])) for number in range(6)]

    records, figures, found = reads(shelf, jobs, HurryingClock(NOW))

    assert 1 <= records.rows.call_count < 6
    assert figures.rows.call_count == 6 - records.rows.call_count
    assert found.rows[0].at.keys() == {job.job_id for job in jobs}
    assert found.is_more


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.PARTIAL])
def test_where_looking_up_finds_all_that_are_bad_there_are_no_more(
    shelf: Shelf, state: JobState
) -> None:
    jobs = [put(shelf, f"p{number}", some(30, refused=[5, 9]), state=state) for number in range(6)]

    records, _, found = reads(shelf, jobs, HurryingClock(NOW))

    assert records.rows.call_count < 6
    assert all(row.at.keys() == {job.job_id for job in jobs} for row in found.rows)
    assert not found.is_more


# ---------------------------------------------------------------- all rows


def test_all_rows_are_turned_over_with_what_became_of_them_everywhere(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", some(120, refused=[2]))
    put(shelf, "waalaxy", some(120, existing=[2], duplicate=[51]))
    at = f"/uploads/{job.job_id}/rows"

    first, second, last = (
        client.get(f"{at}{query}").text for query in ("", "?from=51", "?from=101")
    )

    assert [int(line[0]) for line in cells(first)] == list(range(1, 51))
    assert cells(first)[1] == ["2", "p…@example.com", "refused no_refused", "existing no_existing"]
    assert cells(second)[0][2:] == ["confirmed no_confirmed", "duplicate no_duplicate"]
    assert [int(line[0]) for line in cells(last)] == list(range(101, 121))
    assert "Rows 51 to 100 of 120." in plain(second)
    assert f'rel="next" href="{at}?from=51"' in first
    assert f'rel="next" href="{at}?from=101"' in second
    assert f'rel="prev" href="{at}?from=1"' in second
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in last


@pytest.mark.parametrize(("first", "back"), [(2, 1), (50, 1), (52, 2), (120, 70)])
def test_a_row_is_gone_to_by_its_number(
    client: FlaskClient, shelf: Shelf, first: int, back: int
) -> None:
    job = put(shelf, "kakiyo", some(120))

    page = client.get(f"/uploads/{job.job_id}/rows?from={first}").text

    assert cells(page)[0][0] == str(first)
    assert f'rel="prev" href="/uploads/{job.job_id}/rows?from={back}"' in page
    assert f'name="from" type="search" value="{first}"' in page


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "9" * 11, "²", "121", " 3", "1e2"])
def test_a_row_that_the_file_has_not_is_not_found(
    client: FlaskClient, shelf: Shelf, number: str
) -> None:
    job = put(shelf, "kakiyo", some(120))

    assert client.get(f"/uploads/{job.job_id}/rows?from={number}").status_code == 404
    assert client.get(f"/uploads/{job.job_id}/rows?from=").status_code == 200


def test_rows_of_an_upload_that_nobody_dropped_are_not_found(client: FlaskClient) -> None:
    assert client.get("/uploads/spring-kakiyo-none/rows").status_code == 404


def test_of_rows_that_are_not_kept_a_page_says_so(client: FlaskClient, shelf: Shelf) -> None:
    job = put(shelf, "kakiyo", some(120, refused=[3]), row_items="bad")
    at = f"/uploads/{job.job_id}/rows"

    first, second = client.get(at).text, client.get(f"{at}?from=51").text

    assert "Only bad rows at kakiyo are kept here" in plain(first)
    assert [line[0] for line in cells(first)] == ["3"]
    assert "None of these rows is kept here." in plain(second)
    assert f'rel="next" href="{at}?from=101"' in second


def test_a_row_without_an_outcome_at_a_destination_has_a_dash_there(
    client: FlaskClient, shelf: Shelf
) -> None:
    job = put(shelf, "kakiyo", some(3))
    other = put(shelf, "waalaxy", some(3), state=JobState.RUNNING)
    shelf.rows_of[other.job_id] = shelf.rows_of[other.job_id][:1]

    page = client.get(f"/uploads/{job.job_id}/rows").text

    assert [line[3] for line in cells(page)] == ["confirmed no_confirmed", DASH, DASH]
    assert "A dash: no outcome there yet." in plain(page)


def test_a_page_of_rows_is_small_however_many_are_bad(client: FlaskClient, shelf: Shelf) -> None:
    long = {"reason": "R" * 300, "reason_text": "T" * 500, "warning_text": "W" * 500}
    for number in range(6):
        job = put(shelf, f"provider{number}", some(50, refused=range(1, 51)), row=long)

    page = client.get(f"/uploads/{job.job_id}/rows?show=1")

    assert page.text.count('data-of="provider5"') == 50
    assert len(page.data) < MOST_BYTES


# ---------------------------------------------------------------- for whom


ADDRESSES = [
    {"email": "mara@example.com"},
    {"email": "MARA@Example.COM"},
    {"email": "", "linkedin_url": "https://www.linkedin.com/in/mara-l"},
    {"email": "mara@example.com", "person": ""},
    {"email": "mara@example.com", "reason": "mara@example.com is taken"},
    {"email": "mara@example.com", "reason_text": "Mara was here before: linkedin.com/in/mara-l"},
]


@pytest.mark.parametrize("given", ADDRESSES, ids=str)
def test_people_are_hidden_until_they_are_asked_for(
    client: FlaskClient, shelf: Shelf, given: dict[str, str]
) -> None:
    who = person_key(given["email"] or given.get("linkedin_url", ""))
    words = {"person": who, "linkedin_url": ""} | given
    job = put(shelf, "kakiyo", some(1, refused=[1]), row=words)

    for address in (f"/uploads/{job.job_id}", f"/uploads/{job.job_id}/rows"):
        assert "mara" not in client.get(address).text.lower(), address
        shown = client.get(f"{address}?show=1").text
        assert "mara" in shown.lower()
        assert ('href="/person?who=' in shown) is bool(words["person"])
        assert f'href="/uploads/{job.job_id}' in shown
    assert f'href="/uploads/{job.job_id}/rows?show=1"' in section(client, job, "?show=1")
    assert '<input type="hidden" name="show" value="1">' in shown


@pytest.mark.parametrize("role", list(Role))
def test_all_rows_are_for_everybody_who_may_look(shelf: Shelf, role: Role) -> None:
    job = put(shelf, "kakiyo", some(3, refused=[1]))
    client = create_app(shelf.ports(), Guard(visitor=somebody(role, "autumn"))).test_client()

    for address in (f"/jobs/{job.job_id}/rows", f"/uploads/{job.job_id}/rows"):
        assert client.get(address).status_code == 200
