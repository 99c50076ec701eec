from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from listdrop.cells.persons import MOST_OTHERS
from listdrop.cells.profiles import person_key
from listdrop.dashboard import finding
from listdrop.dashboard.adding import Tally, add_up
from listdrop.dashboard.app import create_app
from listdrop.dashboard.charts import BAR_WIDTH, balance_bar, day_chart
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.hiding import hidden, inert
from listdrop.dashboard.history import DAYS, History
from listdrop.dashboard.visitors import Visitor
from listdrop.models import (
    Container,
    Job,
    JobState,
    JobWarning,
    LastError,
    Outcome,
    ReasonCount,
    Session,
    StoredAccount,
    StoredRoute,
    TableInfo,
    Upload,
    no_counts,
)
from listdrop.notices.wording import duration, plural, share
from listdrop.wiring import dashboard as wiring
from tests.support.clock import ManualClock
from tests.support.dashboards import NOW, HurryingClock, Shelf, new_batch, new_job, new_row
from tests.support.functions import Context, function
from tests.unit.dashboard.office import WHO_ADMINISTERS, Office

ROOT = Path(__file__).parents[3]
ROUTE = '{"destinations": [{"provider": "kakiyo", "campaign_id": "camp_demo"}]}'


class Compiled(BytecodeCache):
    """Templates that were compiled once, for every app that is made here."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Compiled()


@pytest.fixture
def client(shelf: Shelf) -> FlaskClient:
    app = create_app(shelf.ports())
    app.jinja_env.bytecode_cache = TEMPLATES
    return app.test_client()


def text_of(answer: TestResponse) -> str:
    """What is on a page, as it is read: without tags."""
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


Read = Callable[[str], str]


@pytest.fixture
def read(client: FlaskClient) -> Read:
    return lambda address: text_of(client.get(address))


# ---------------------------------------------------------------- words and numbers


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "-"),
        (0, 10, "0%"),
        (1, 3, "33.3%"),
        (1, 2, "50%"),
        (10, 10, "100%"),
        (9_999, 10_000, "99.9%"),
        (999_999, 1_000_000, "99.9%"),
        (1, 10_000, "< 0.1%"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (59.4, "59 s"),
        (200, "3 min 20 s"),
        (3_600, "1 h"),
        (3_601, "1 h"),
        (3_660, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_its_two_largest_parts(seconds: float, shown: str) -> None:
    assert duration(timedelta(seconds=seconds)) == shown


def test_one_is_not_many() -> None:
    assert (plural(1, "row"), plural(1_200, "row")) == ("1 row", "1,200 rows")


# ---------------------------------------------------------------- addresses and tricks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mara.lindqvist@example.com", "m…@example.com"),
        ("<mara@example.com>: gone", "<m…@example.com>: gone"),
        ("mailto:mara@example.com?x", "mailto:m…@example.com?x"),
        ("a@x.example/b@y.example", "a…@x.example/b…@y.example"),
        ("who=mara%40example.com", "who=m…@example.com"),
        ("https://www.linkedin.com/in/mara-l/?x=1", "https://www.linkedin.com/in/m…/?x=1"),
        ("in/mara-l", "in/m…"),
        ("Åsa@exämple.se", "Å…@exämple.se"),
        ("nothing of the kind @ all", "nothing of the kind @ all"),
        ("missing_email", "missing_email"),
    ],
)
def test_addresses_and_profiles_are_hidden_wherever_they_are(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_names_of_a_rows_person_are_hidden_as_whole_words_only() -> None:
    assert hidden("Mara failed; Maranello did not", "mara") == "M… failed; Maranello did not"


def test_a_very_long_word_is_hidden_in_no_time() -> None:
    word = "a" * 300_000
    assert hidden(f"{word}@example.com") == "a…@example.com"
    assert hidden(word) == word


def test_control_characters_and_changes_of_direction_are_seen_and_do_nothing() -> None:
    assert inert("a\x00b\x1b[1m\u202egpj.exe\tz") == "a␀b␛[1m[U+202E]gpj.exe z"


def test_a_long_text_is_cut() -> None:
    assert inert("abcdef", 3) == "abc…"


# ---------------------------------------------------------------- adding up


def test_figures_of_a_day_are_added_up_by_provider_route_and_account(shelf: Shelf) -> None:
    shelf.put(new_job(1))
    shelf.put(new_job(2, provider="waalaxy", counts={"rows": 4, "existing": 3, "confirmed": 1}))
    shelf.put(new_job(3, route="fair", account="second", state=JobState.RUNNING))

    day = add_up(NOW.date(), shelf.ports().figures.jobs_of(NOW.date()))

    assert (day.total.jobs, day.total.rows, day.total.running) == (3, 24, 1)
    assert {name: tally.jobs for name, tally in day.providers.items()} == {
        "kakiyo": 2,
        "waalaxy": 1,
    }
    assert {name: tally.rows for name, tally in day.routes.items()} == {"spring": 14, "fair": 10}
    assert set(day.accounts) == {
        ("kakiyo", "default"),
        ("waalaxy", "default"),
        ("kakiyo", "second"),
    }


def test_settled_rows_count_neither_for_nor_against_success() -> None:
    tally = Tally()
    tally.outcomes.update({Outcome.ACCEPTED: 6, Outcome.UNKNOWN: 2, Outcome.DUPLICATE: 92})
    assert share(tally.good, tally.judged) == "75%"


def test_rows_that_were_not_fit_to_be_sent_had_no_chance() -> None:
    tally = Tally()
    tally.outcomes.update({Outcome.ACCEPTED: 3, Outcome.REFUSED: 1, Outcome.INVALID: 46})
    assert share(tally.good, tally.judged) == "75%"
    assert tally.bad == 47


def test_a_finished_day_is_read_again_only_after_a_while(shelf: Shelf) -> None:
    clock = ManualClock(NOW)
    history = History(shelf.ports().figures, clock)

    history.days()
    history.days()
    assert len(shelf.days_read) == DAYS + 1  # today twice
    clock.advance(6 * 60)
    history.days()

    yesterday = NOW.date() - timedelta(days=1)
    assert shelf.days_read[DAYS + 1 :] == [yesterday, NOW.date()]


def test_a_past_day_with_a_running_job_is_read_every_time(shelf: Shelf) -> None:
    old = new_job(1, state=JobState.RUNNING, created_at=NOW - timedelta(days=3))
    shelf.put(old)
    history = History(shelf.ports().figures, ManualClock(NOW))
    history.days()

    shelf.put(new_job(1, created_at=NOW - timedelta(days=3)))
    days = {day.day: day for day in history.days()}

    assert days[old.created_at.date()].total.states == {JobState.PARTIAL: 1}


def test_a_day_that_is_over_makes_room_for_the_next(shelf: Shelf) -> None:
    clock = ManualClock(NOW)
    history = History(shelf.ports().figures, clock)
    assert history.days()[-1].day == date(2026, 3, 2)
    clock.advance(24 * 3600)
    assert history.days()[-1].day == date(2026, 3, 3)


@pytest.mark.parametrize("highest", [0, 1, 4, 7, 99, 101, 24_321, 100_000, 1_500_001])
def test_the_chart_is_as_high_as_its_highest_day_and_little_more(highest: int) -> None:
    day = add_up(NOW.date(), [])
    day.total.outcomes[Outcome.CONFIRMED] = highest

    chart = day_chart([day])

    top = chart.lines[-1][1]
    assert highest <= top <= max(1, 2 * highest)
    assert 2 <= len(chart.lines) <= 6
    assert all(0 <= part.start <= chart.height for part in chart.bars[0].parts)


def test_the_pieces_of_a_balance_bar_fill_it() -> None:
    counts = no_counts() | {"rows": 7, "confirmed": 3, "unknown": 1}
    parts = balance_bar(counts)
    assert [(part.name, part.count) for part in parts] == [
        ("confirmed", 3), ("unknown", 1), ("open", 3),
    ]  # fmt: skip
    assert sum(part.length for part in parts) == pytest.approx(BAR_WIDTH, abs=0.1)


# ---------------------------------------------------------------- pages


PAGES = ["/", "/jobs", "/uploads", "/days/2026-03-02", "/routes/spring", "/routes", "/person",
         "/person?who=ada@example.com"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_there_before_anything_was_dropped(read: Read, address: str) -> None:
    assert "Listdrop" in read(address)


def test_the_overview_says_what_ran_today(shelf: Shelf, read: Read) -> None:
    shelf.put(new_job(1))
    slow = new_job(2, provider="saleshandy", created_at=NOW - timedelta(hours=3),
                   finished_at=NOW - timedelta(hours=1), state=JobState.SUCCEEDED,
                   counts={"rows": 40, "accepted": 40},
                   batches={"planned": 9, "sent": 9, "terminal": 9})  # fmt: skip
    shelf.put(slow)
    shelf.put(new_job(3, created_at=NOW - timedelta(days=2), counts={"rows": 7, "confirmed": 7}))
    shelf.budgets["saleshandy#default"] = NOW + timedelta(minutes=4)

    page = read("/")

    assert "Jobs 2 1 partial, 1 succeeded" in page or "Jobs 2 1 succeeded, 1 partial" in page
    assert "Rows 50 50 have an outcome" in page
    assert "Success 96% 48 good of 50 fit to send" in page
    assert "Slowest job 2 h people.csv , saleshandy" in page
    assert "57 rows in 3 jobs" in page
    # Nine batches, five seconds each, of fifteen and a half hours.
    assert "of its rate limit: saleshandy, default" in page
    assert "saleshandy, default 9 12 45 s < 0.1% in 4 min" in page


def test_a_day_is_turned_over_page_by_page(shelf: Shelf, client: FlaskClient) -> None:
    for number in range(60):
        shelf.put(new_job(number, created_at=NOW - timedelta(minutes=number)))

    first = client.get("/days/2026-03-02").text
    (following,) = re.findall(r'class="next"[^>]* href="([^"]*)"', first)
    second = client.get(html.unescape(following)).text

    seen = [set(re.findall(r"spring-kakiyo-[0-9a-f]{16}", page)) for page in (first, second)]
    assert ([len(each) for each in seen], seen[0] & seen[1]) == ([50, 10], set())
    assert 'class="next"' not in second


def test_a_job_shows_its_balance_reasons_batches_files_and_times(shelf: Shelf, read: Read) -> None:
    job = shelf.put(new_job(), batches=2)
    shelf.batches_of[job.job_id].append(new_batch(job, 3, raw_status="<b>quota</b>", attempts=4))
    shelf.reasons_of[job.job_id] = [
        ReasonCount("refused", "Already in a campaign", 2),
        ReasonCount("invalid", "missing_linkedin_url", 1),
    ]

    page = read(f"/jobs/{job.job_id}")

    assert "people.csv to kakiyo" in page
    assert "partial some rows need a look after 3 min 20 s" in page
    assert "confirmed 8 rows" in page
    assert "2 rows that are refused refused Already in a campaign" in page
    assert "invalid there is no LinkedIn profile (missing_linkedin_url)" in page
    assert "3 201 100 completed 4 <b>quota</b>" in page
    assert "results.csv every row" in page
    assert "First batch sent 2 Mar 2026, 13:30:03 +1 s" in page


def test_a_job_shows_where_it_comes_from_and_how_its_file_was_read(
    shelf: Shelf, client: FlaskClient
) -> None:
    table = TableInfo(
        container=Container.GZIP, encoding="utf-8", delimiter=";", header_line=3, width=2
    )
    upload = Upload(bucket="b", key="inbox/spring/people.csv.gz", version_id="v7", size=1_234)
    job = shelf.put(
        new_job(
            upload=upload,
            table=table,
            source="HubSpot",
            dropped_by="AWS:AIDA:ada",
            account="second",
            destination={"provider": "kakiyo", "campaign_id": "camp"},
        )
    )

    answer = client.get(f"/jobs/{job.job_id}")
    page = text_of(answer)

    assert "Upload inbox/spring/people.csv.gz Version v7" in page
    assert "Dropped by AWS:AIDA:ada Size 1,234 bytes Cost under 0.01 USD" in page
    assert "Account second" in page
    assert "Recognised as HubSpot" in page
    assert "Read as utf-8, header in line 3, gzip" in page
    assert 'Destination {"provider": "kakiyo", "campaign_id": "camp"}' in page
    assert 'href="/days/2026-03-02"' in answer.text
    assert 'href="/routes/spring"' in answer.text


@pytest.mark.parametrize(
    ("member", "label"),
    [("retry_of", "Sends again"), ("corrects", "Corrects"), ("duplicate_of", "Same content as")],
)
def test_a_job_leads_to_the_one_that_it_follows(
    shelf: Shelf, client: FlaskClient, member: str, label: str
) -> None:
    first = shelf.put(new_job(1))
    job = shelf.put(new_job(2, **{member: first.job_id}))

    answer = client.get(f"/jobs/{job.job_id}")

    assert f"{label} {first.job_id}" in text_of(answer)
    assert f'href="/jobs/{first.job_id}"' in answer.text


def test_a_job_leads_to_those_that_sent_it_again_and_corrected_it(shelf: Shelf, read: Read) -> None:
    job = shelf.put(new_job(1, created_at=NOW - timedelta(hours=2), to_correct=6))
    corrected = {"rows": 4, "confirmed": 4}
    fixed = shelf.put(new_job(2, corrects=job.job_id, counts=corrected))
    again = shelf.put(new_job(3, retry_of=job.job_id))

    page = read(f"/jobs/{job.job_id}")

    assert "Corrected 4 of 6 rows" in page
    assert f"Corrected by {fixed.job_id}" in page
    assert f"Sent again by {again.job_id}" in page


@pytest.mark.parametrize(
    ("members", "label"),
    [
        ({"state": JobState.REJECTED, "counts": {"rows": 0}}, "Correction, rejected"),
        ({"state": JobState.SKIPPED, "counts": {"rows": 6, "duplicate": 6}}, "Correction, skipped"),
        ({"state": JobState.FAILED, "counts": {"rows": 6, "refused": 6}}, "Correction, failed"),
        ({"state": JobState.PENDING, "counts": {"rows": 6}}, "Correction, pending"),
        ({"state": JobState.PARTIAL, "counts": {"rows": 6, "confirmed": 1}}, "Corrected by"),
        ({"state": JobState.SUCCEEDED, "counts": {"rows": 6, "existing": 6}}, "Corrected by"),
        ({"state": JobState.RUNNING, "counts": {"rows": 6, "accepted": 2}}, "Corrected by"),
        ({"state": JobState.CANCELLED, "counts": {"rows": 6, "accepted": 3}}, "Corrected by"),
    ],
)
def test_only_a_job_that_corrected_something_is_said_to_have_done_so(
    shelf: Shelf, read: Read, members: dict[str, Any], label: str
) -> None:
    job = shelf.put(new_job(1, created_at=NOW - timedelta(hours=2), to_correct=6))
    later = shelf.put(new_job(2, corrects=job.job_id, **members))

    page = read(f"/jobs/{job.job_id}")

    assert f"{label} {later.job_id}" in page
    assert ("Corrected by" in page) is (label == "Corrected by")
    assert ("Corrected 0 of" in page, " of 6 rows" in page) == (False, label == "Corrected by")


@pytest.mark.parametrize(
    ("state", "sending_since", "label"),
    [
        (JobState.REJECTED, None, "Sending again, rejected"),
        (JobState.SKIPPED, None, "Sending again, skipped"),
        (JobState.CANCELLED, None, "Sending again, cancelled"),
        (JobState.PENDING, None, "Sending again, pending"),
        (JobState.FAILED, NOW, "Sent again by"),
        (JobState.RUNNING, NOW, "Sent again by"),
        (JobState.CANCELLED, NOW, "Sent again by"),
        (JobState.SUCCEEDED, NOW, "Sent again by"),
    ],
)
def test_only_a_job_that_sent_something_is_said_to_have_sent_rows_again(
    shelf: Shelf, read: Read, state: JobState, sending_since: datetime | None, label: str
) -> None:
    job = shelf.put(new_job(1, created_at=NOW - timedelta(hours=2)))
    batches = {"planned": 1, "sent": int(sending_since is not None), "terminal": 0}
    later = new_job(2, retry_of=job.job_id, state=state, sending_since=sending_since,
                    counts={"rows": 3}, batches=batches)  # fmt: skip
    shelf.put(later)

    page = read(f"/jobs/{job.job_id}")

    assert f"{label} {later.job_id}" in page
    assert ("Sent again by" in page) is (label == "Sent again by")


def _corrected(number: int, job: Job, rows: int, **more: Any) -> Job:
    counts = {"rows": rows, "confirmed": rows}
    return new_job(number, corrects=job.job_id, counts=counts, to_send_again=0, **more)


NOTHING_TO_SEND = {"to_send_again": 0, "created_at": NOW - timedelta(hours=2)}


@pytest.mark.parametrize(
    ("to_correct", "corrected", "is_listed"),
    [
        (0, (), False),
        (6, (6,), False),
        (6, (4, 2), False),
        (1, (1,), False),
        (6, (), True),
        (6, (4,), True),
        (6, (0,), True),
        (6, (6, 4), False),
        (6, (4, 4), True),
    ],
)
def test_rows_to_correct_are_listed_while_some_are_left(
    shelf: Shelf, read: Read, to_correct: int, corrected: tuple[int, ...], is_listed: bool
) -> None:
    counts = {"rows": 10, "confirmed": 10 - to_correct, "invalid": to_correct}
    job = shelf.put(new_job(1, counts=counts, to_correct=to_correct, **NOTHING_TO_SEND))
    for number, rows in enumerate(corrected, 2):
        shelf.put(_corrected(number, job, rows))

    pages = [read(f"/{kind}/{job.job_id}") for kind in ("jobs", "uploads")]

    files = [page.partition("Result files")[2] or page for page in pages]
    assert [
        f"rejects.csv {word}" in page for page, word in zip(files, ("rows", "of"), strict=True)
    ] == [is_listed] * 2
    assert all("results.csv" in page for page in pages)


@pytest.mark.parametrize(
    ("members", "followed", "said"),
    [
        ({"to_correct": 6}, ("corrects",), "some rows needed a look, and were corrected since"),
        (
            {"to_correct": 6, "to_send_again": 3},
            ("corrects", "retry_of"),
            "some rows needed a look, and were corrected or sent again since",
        ),
        (
            {"to_correct": 0, "to_send_again": 6},
            ("retry_of",),
            "some rows needed a look, and were sent again since",
        ),
        (
            {"to_correct": 6, "state": JobState.FAILED},
            ("corrects",),
            "every row was bad, and they were corrected since",
        ),
        ({"to_correct": 6}, (), "some rows need a look"),
        ({"to_correct": 7}, ("corrects",), "some rows need a look"),
        ({"to_correct": 6, "to_send_again": 3}, ("corrects",), "some rows need a look"),
        ({"to_correct": 6, "state": JobState.FAILED}, (), "every row is bad"),
        ({"to_correct": 1, "to_send_again": 6}, ("retry_of",), "some rows need a look"),
    ],
)
def test_rows_need_no_look_once_they_were_corrected_or_sent_again(
    shelf: Shelf, read: Read, members: dict[str, Any], followed: tuple[str, ...], said: str
) -> None:
    counts = {"rows": 10, "invalid": 6}
    job = shelf.put(new_job(1, **{"counts": counts} | NOTHING_TO_SEND | members))
    for number, origin in enumerate(followed, 2):
        done = {"rows": 6, "confirmed": 6}
        shelf.put(new_job(number, counts=done, state=JobState.SUCCEEDED, to_correct=0,
                          to_send_again=0, **{origin: job.job_id}))  # fmt: skip

    page = read(f"/jobs/{job.job_id}")

    assert f" {said} after 3 min" in page


def test_a_job_leads_to_its_upload(shelf: Shelf, client: FlaskClient) -> None:
    job = shelf.put(new_job())

    assert (
        f'href="/uploads/{job.job_id}">all destinations' in client.get(f"/jobs/{job.job_id}").text
    )


def test_a_time_that_something_took_is_beside_it(shelf: Shelf, read: Read) -> None:
    job = shelf.put(new_job(notified_at=NOW - timedelta(hours=1)))

    page = read(f"/jobs/{job.job_id}")

    for said in ("Upload received", "Read and planned", "Workflow started", "Message published"):
        assert said in page
    assert "Deadline" not in page


def test_the_rows_of_a_reason_are_as_many_as_are_shown(shelf: Shelf, client: FlaskClient) -> None:
    reasons = ["missing_email", "invalid_email", "missing_email", "Don't & <b>ask</b>", " a\nb "]
    job = new_job(counts={"rows": 5, "invalid": 5})
    rows = [
        new_row(job, number, Outcome.INVALID, reason=reason)
        for number, reason in enumerate(reasons, 1)
    ]
    shelf.put(job, rows)
    shelf.reasons_of[job.job_id] = [
        ReasonCount("invalid", reason, reasons.count(reason)) for reason in dict.fromkeys(reasons)
    ]

    page = client.get(f"/jobs/{job.job_id}").text

    table = page.split('id="reasons"')[1].split("</table>")[0]
    links = re.findall(r'<a href="([^"]*)">(\d+)<', table)
    found = [rows_on(client.get(html.unescape(address)).text) for address, _ in links]
    assert found == [[1, 3], [2], [4], [5]]
    assert [int(shown) for _, shown in links] == list(map(len, found))


def test_a_reason_with_an_address_in_it_is_in_no_link_until_it_is_asked_for(
    shelf: Shelf, client: FlaskClient
) -> None:
    job = shelf.put(new_job())
    shelf.reasons_of[job.job_id] = [ReasonCount("refused", "mara@example.com is taken", 2)]

    hidden_page = client.get(f"/jobs/{job.job_id}").text
    shown_page = client.get(f"/jobs/{job.job_id}?show=1").text

    assert "mara" not in hidden_page
    assert f'href="/jobs/{job.job_id}/rows?outcome=refused"' in hidden_page
    assert "text=mara" in shown_page


def test_the_rows_to_send_again_are_with_the_command_that_sends_them(
    shelf: Shelf, read: Read
) -> None:
    job = shelf.put(new_job())

    assert (
        f"retry.csv rows worth sending again, to this provider only: listdrop retry {job.job_id}"
    ) in read(f"/jobs/{job.job_id}")


UNSENT = {"planned": 1, "sent": 0, "terminal": 1}


@pytest.mark.parametrize(
    ("members", "sent", "refused"),
    [
        (
            {"state": JobState.EXPIRED, "batches": UNSENT, "sending_since": None},
            "batches sent 0 of 1",
            "not sent",
        ),
        (
            {
                "state": JobState.CANCELLED,
                "stop_reason": "cancelled",
                "batches": {"planned": 3, "sent": 1, "terminal": 3},
            },
            "batches sent 1 of 3",
            "not sent, or the provider named it as failed",
        ),
        (
            {
                "state": JobState.FAILED,
                "provider": "which50",
                "stop_reason": "provider_auth",
                "session": Session(must_commit=True),
            },
            "batches sent 0 of 1",
            "not sent",
        ),
        ({"state": JobState.FAILED}, "batches sent 1 of 1", "the provider named it as failed"),
    ],
    ids=["expired", "cancelled", "never started", "sent"],
)
def test_an_ended_job_says_what_of_it_was_sent(
    shelf: Shelf, client: FlaskClient, members: dict[str, Any], sent: str, refused: str
) -> None:
    job = shelf.put(new_job(counts={"rows": 10, "refused": 10}, **members))

    said = text_of(client.get(f"/jobs/{job.job_id}"))

    assert sent in said
    assert "answered" not in said
    assert f"10 rows: {refused} " in said


def test_a_running_job_says_how_far_it_is_and_shows_no_files(
    shelf: Shelf, client: FlaskClient
) -> None:
    counts = {"rows": 10, "confirmed": 4}
    job = shelf.put(
        new_job(
            state=JobState.RUNNING,
            progress=0,
            counts=counts,
            sending_since=NOW - timedelta(minutes=2),
            progressed_at=NOW,
            batches={"planned": 10, "sent": 4, "terminal": 4},
        )
    )

    answer = client.get(f"/jobs/{job.job_id}")
    fragment = client.get(f"/jobs/{job.job_id}/live")

    assert "4 of 10 rows have an outcome; about 3 min left" in text_of(answer)
    assert "sending: 4 of 10 batches sent, 4 answered" in text_of(fragment)
    assert f'data-live="/jobs/{job.job_id}/live"' in answer.text
    assert "results.csv" not in answer.text
    assert "40% 4 of 10 rows" in text_of(fragment)
    assert "running 40%" in text_of(client.get("/"))
    assert "<html" not in fragment.text


def test_a_job_says_what_it_costs_and_that_its_deadline_leaves_too_little_time(
    shelf: Shelf, client: FlaskClient
) -> None:
    batches = {"planned": 100_000, "sent": 0, "terminal": 0}
    more: dict[str, Any] = {"provider": "kakiyo", "batches": batches, "planned_at": NOW}
    job = shelf.put(new_job(state=JobState.RUNNING, counts={"rows": 10_000_000}, **more))

    shown = text_of(client.get(f"/jobs/{job.job_id}"))

    assert "requests; 20" in shown
    assert "credits foreseen" in shown
    assert "Deadline The rate of Kakiyo allows this in no less than" in shown


def test_batches_are_turned_over(shelf: Shelf, read: Read) -> None:
    job = shelf.put(new_job(), batches=120)
    assert "Batches from 51" in read(f"/jobs/{job.job_id}")
    last = read(f"/jobs/{job.job_id}?batch=101")
    assert "From the first batch" in last
    assert "Batches from" not in last
    assert "101 10,001 100 completed" in last


def test_a_file_is_fetched_by_an_address_that_was_made_for_it(
    shelf: Shelf, client: FlaskClient
) -> None:
    job = shelf.put(new_job())
    answer = client.get(f"/jobs/{job.job_id}/files/retry.csv")
    assert answer.status_code == 303
    assert answer.location == f"https://files.example/{job.job_id}/retry.csv?signed"
    assert client.get(f"/jobs/{job.job_id}/files/parts/plan.jsonl").status_code == 404
    assert client.get(f"/jobs/{job.job_id}/files/plan.jsonl").status_code == 404


# ---------------------------------------------------------------- rows


@pytest.fixture
def job_with_rows(shelf: Shelf) -> str:
    job = new_job(counts={"rows": 5_000, "confirmed": 4_990, "refused": 10})
    rows = (
        new_row(job, number, Outcome.REFUSED if number % 500 == 0 else Outcome.CONFIRMED)
        for number in range(1, 5_001)
    )
    shelf.put(job, rows)
    return f"/jobs/{job.job_id}/rows"


def rows_on(page: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"of the file\">([\d,]+)<", page)]


def following(page: str) -> str:
    found = re.findall(r'class="next"[^>]* href="([^"]*)"', page)
    return html.unescape(found[0]) if found else ""


def test_a_job_shows_what_is_wrong_with_its_provider(shelf: Shelf, client: FlaskClient) -> None:
    error = LastError(
        text="the connection was refused",
        kind="unreachable",
        since=NOW - timedelta(minutes=9),
        attempts=35,
        next_at=NOW + timedelta(seconds=40),
    )
    running = shelf.put(new_job(1, state=JobState.RUNNING, last_error=error))
    expired = shelf.put(new_job(2, state=JobState.EXPIRED, last_error=error))

    now, after = (
        html.unescape(re.sub(r"<[^>]+>", "", client.get(f"/jobs/{job.job_id}").text))
        for job in (running, expired)
    )

    assert (
        "Wrong now Kakiyo cannot be reached: the connection was refused "
        "(35 tries since 2 Mar 2026, 15:21:00 UTC, the next in 40 s)."
    ) in now
    assert (
        "At the end Kakiyo could not be reached: the connection was refused "
        "(35 tries since 2 Mar 2026, 15:21:00 UTC)."
    ) in after
    assert "no estimate" not in now
    assert "min left" not in now


def test_a_rejected_job_says_what_was_not_usable_and_what_fixes_it(
    shelf: Shelf, read: Read
) -> None:
    refused = {"rows": 3, "refused": 3}
    said = "Kakiyo refused the API key or the subscription."
    key = shelf.put(new_job(1, state=JobState.REJECTED, counts=refused, to_send_again=3,
                            reason="provider_auth", reason_text=said))  # fmt: skip
    file = shelf.put(new_job(2, state=JobState.REJECTED, counts={}, to_send_again=0,
                             reason="empty_file", reason_text="The file is empty."))  # fmt: skip

    of_key, of_file = (read(f"/jobs/{job.job_id}").replace(" :", ":") for job in (key, file))

    assert f"Kakiyo refuses the key. {said} Store a key that works: " in of_key
    assert "listdrop account put kakiyo --account default" in of_key
    assert f"Then send the rows again: listdrop retry {key.job_id}" in of_key
    assert "retry.csv" in of_key
    assert of_file.count("The file is empty.") == 1
    assert "Export the list again. Then drop the file again." in of_file
    assert "retry" not in of_file


def test_an_expired_job_of_which_nothing_was_sent_says_nothing_else(
    shelf: Shelf, read: Read
) -> None:
    job = shelf.put(
        new_job(
            state=JobState.EXPIRED,
            counts={"rows": 3, "unknown": 3},
            batches={"planned": 1, "sent": 0, "terminal": 1},
            sending_since=None,
            to_send_again=3,
        )
    )

    page = read(f"/jobs/{job.job_id}")

    assert "expired the deadline passed, and nothing was sent" in page
    assert "3 rows: not sent before the deadline" in page
    assert "nobody can tell" not in page


def test_rows_are_turned_over_without_a_gap_or_a_repeat(
    client: FlaskClient, job_with_rows: str
) -> None:
    seen: list[int] = []
    address = job_with_rows
    while address:
        page = client.get(address).text
        seen += rows_on(page)
        address = following(page)
    assert seen == list(range(1, 5_001))


def test_rows_are_filtered_by_outcome_and_the_rest_is_kept(
    client: FlaskClient, job_with_rows: str
) -> None:
    page = client.get(f"{job_with_rows}?outcome=refused&outcome=unknown").text
    assert rows_on(page) == [500 * n for n in range(1, 11)]
    assert re.findall(r'value="(\w+)" checked', page) == ["refused", "unknown"]


def test_a_search_that_finds_little_says_so_and_can_go_on(shelf: Shelf, job_with_rows: str) -> None:
    ports = shelf.ports()._replace(clock=HurryingClock(NOW))
    client = create_app(ports).test_client()

    page = client.get(f"{job_with_rows}?text=person4500").text
    assert rows_on(page) == []
    assert "0 rows found so far; not all rows have been searched yet" in page
    turns = 1
    while not rows_on(page):
        page = client.get(following(page)).text
        turns += 1
    assert (rows_on(page), turns) == ([4_500], 5)


def test_a_whole_address_is_found_at_once(
    shelf: Shelf, client: FlaskClient, job_with_rows: str
) -> None:
    shelf.searched_rows = 1
    page = client.get(f"{job_with_rows}?text=Person4500@example.com").text
    assert rows_on(page) == [4_500]
    assert not following(page)


def test_an_address_that_the_rows_do_not_go_by_is_searched_for(
    shelf: Shelf, client: FlaskClient
) -> None:
    job = new_job(provider="waalaxy")
    row = new_row(job, 1, Outcome.CONFIRMED, person="LINKEDIN#ada", email="ada@example.com")
    shelf.put(job, [row])
    assert rows_on(client.get(f"/jobs/{job.job_id}/rows?text=ada@example.com").text) == [1]


@pytest.mark.parametrize(
    ("kept", "said"),
    [("bad", "The route keeps only bad rows here"), ("none", "keeps no rows here")],
)
def test_rows_that_are_not_kept_are_said_to_be_in_the_file(
    shelf: Shelf, read: Read, kept: str, said: str
) -> None:
    job = shelf.put(new_job(row_items=kept))
    page = read(f"/jobs/{job.job_id}/rows")
    assert said in page
    assert "Every row is in results.csv" in page


# ---------------------------------------------------------------- people


def test_a_person_is_found_by_address_and_by_the_profile_that_goes_with_it(
    shelf: Shelf, read: Read
) -> None:
    first, second = new_job(1), new_job(2, provider="waalaxy")
    profile = "https://www.linkedin.com/in/ada-l"
    both = {"email": "ada@example.com", "linkedin_url": profile}
    shelf.put(first, [new_row(first, 3, Outcome.CONFIRMED, **both)])
    shelf.put(second, [new_row(second, 5, Outcome.REFUSED, person=person_key(profile), **both)])

    page = read("/person?who=ADA@example.com")

    assert "ada@example.com" in page
    assert "More rows of the same person: linkedin.com/in/a…" in page
    assert first.job_id in page
    assert second.job_id in page


def test_rows_without_items_and_shared_names_are_told(shelf: Shelf, read: Read) -> None:
    job = new_job(1)
    profiles = [f"https://www.linkedin.com/in/ada-{n}" for n in range(MOST_OTHERS + 1)]
    both = [{"email": "ada@example.com", "linkedin_url": profile} for profile in profiles]
    shelf.put(job, [new_row(job, n, Outcome.CONFIRMED, **each) for n, each in enumerate(both, 1)])
    shelf.without_items["EMAIL#ada@example.com"] = [("spring-toy-0123456789abcdef", 3)]

    page = read("/person?who=ada@example.com")

    assert "Several people share a…@example.com" in page.replace("ada@", "a…@")
    assert "Rows without items" in page
    assert "spring-toy-0123456789abcdef" in page


@pytest.mark.parametrize("who", ["ada", "@", "https://www.linkedin.com/company/acme"])
def test_what_names_nobody_is_said_so(read: Read, who: str) -> None:
    assert "neither an e-mail address nor" in read(f"/person?who={who}")


def test_nobody_is_found_for_an_address_that_was_never_sent(read: Read) -> None:
    assert "No rows found" in read("/person?who=ada@example.com")


def test_a_row_shows_its_warnings_beside_its_reason(shelf: Shelf, read: Read) -> None:
    job = new_job()
    codes = "phone_left_out row_padded"
    shelf.put(
        job,
        [
            new_row(job, 1, Outcome.REFUSED, reason="no", warning=codes, warning_text="A. B."),
            new_row(job, 2, Outcome.CONFIRMED, warning=codes, warning_text="A. B."),
        ],
    )

    page = read(f"/jobs/{job.job_id}/rows")

    assert page.count(f"{codes} A. B.") == 2
    assert f"no {codes}" in page


# ---------------------------------------------------------------- addresses are hidden


def test_no_page_holds_an_address_until_it_is_asked_for(shelf: Shelf, client: FlaskClient) -> None:
    job = new_job(upload=new_job().upload.model_copy(
        update={"key": "inbox/spring/list of mara@example.com.csv"}))  # fmt: skip
    profile = "https://www.linkedin.com/in/mara-l"
    words = {
        "reason": "mara@example.com (mara-l) is taken",
        "reason_text": f"see {profile}",
        "raw_status": "mara: no",
        "provider_ref": "id-of-mara@example.com",
    }
    row = new_row(job, 1, Outcome.REFUSED, email="mara@example.com", linkedin_url=profile, **words)
    shelf.put(job, [row], batches=1)
    shelf.batches_of[job.job_id] = [new_batch(job, 1, raw_status="mara@example.com bounced")]
    pages = ["/", f"/jobs/{job.job_id}", f"/jobs/{job.job_id}/rows", "/days/2026-03-02",
             "/routes/spring", f"/jobs/{job.job_id}/live", "/routes"]  # fmt: skip

    for address in pages:
        assert "mara" not in client.get(address).text.lower(), address
    shown = client.get(f"/jobs/{job.job_id}/rows?show=1").text
    assert "mara@example.com (mara-l) is taken" in shown
    # From page to page they stay as they were asked for.
    assert f'href="/jobs/{job.job_id}?show=1"' in shown
    assert f'href="/jobs/{job.job_id}/rows"' in shown  # hides them again


# ---------------------------------------------------------------- jobs by what is asked for


def told(client: FlaskClient, query: str) -> set[str]:
    """The ids of the jobs that a list shows."""
    page = client.get(f"/jobs{query}")
    assert page.status_code == 200, page.text
    return set(re.findall(r"/jobs/(spring-[a-z0-9-]+)", page.text))


def test_the_list_has_the_jobs_of_the_last_24_hours_first_those_that_need_attention(
    shelf: Shelf, read: Read
) -> None:
    shelf.put(new_job(1, state=JobState.SUCCEEDED, created_at=NOW - timedelta(hours=1)))
    shelf.put(new_job(2, state=JobState.REJECTED, reason="bad_account", provider="waalaxy",
                      created_at=NOW - timedelta(hours=23)))  # fmt: skip
    shelf.put(new_job(3, provider="which50", created_at=NOW - timedelta(hours=25)))

    page = read("/jobs")

    rejected = page.index(
        "waalaxy people.csv rejected the account's key cannot be used (bad_account)"
    )
    assert rejected < page.index("kakiyo people.csv succeeded")
    assert "which50 people.csv" not in page
    assert "2 jobs since 1 Mar 2026, 15:30:00 UTC" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?since=3d", {1, 2, 3}),
        ("?since=3d&state=failed&state=partial", {1, 2}),
        ("?since=3d&state=failed", {2}),
        ("?since=3d&provider=waalaxy", {2}),
        ("?since=3d&route=spring", {1, 2, 3}),
        ("?since=3d&file=LEADS", {3}),
        ("?since=3d&dropped_by=ada", {3}),
        ("?since=2026-02-28&until=2026-02-28", {3}),
        ("?until=2026-03-01T16:00", {2}),
    ],
)
def test_the_list_is_filtered_by_what_the_form_asks_for(
    shelf: Shelf, client: FlaskClient, query: str, found: set[int]
) -> None:
    leads = replace_name(new_job(3), "inbox/spring/leads.csv")
    jobs = {
        1: new_job(1),
        2: new_job(2, provider="waalaxy", state=JobState.FAILED,
                   created_at=NOW - timedelta(days=1)),
        3: leads.model_copy(update={"created_at": NOW - timedelta(days=2), "dropped_by": "user/Ada",
                                    "state": JobState.SUCCEEDED}),
    }  # fmt: skip
    for job in jobs.values():
        shelf.put(job)

    assert told(client, query) == {jobs[number].job_id for number in found}


def replace_name(job: Job, key: str) -> Job:
    """A job of an upload with another key."""
    return job.model_copy(update={"upload": job.upload.model_copy(update={"key": key})})


def test_the_form_says_what_it_was_asked(client: FlaskClient) -> None:
    page = client.get('/jobs?since=7d&state=failed&provider=kakiyo&file="x"').text

    assert 'name="since" type="search" value="7d"' in page
    assert 'value="failed" checked' in page
    assert "<option selected>kakiyo</option>" in page
    assert 'value="&#34;x&#34;"' in page


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("?since=yesterday", 400, "&#39;yesterday&#39; is not a time"),
        ("?route=autumn", 404, "There is no such route."),
    ],
)
def test_a_list_that_cannot_be_had_keeps_the_form(
    client: FlaskClient, query: str, status: int, sentence: str
) -> None:
    answer = client.get(f"/jobs{query}")

    assert answer.status_code == status
    assert sentence in answer.text
    assert '<form method="get"' in answer.text


def test_a_list_says_how_far_it_goes(
    shelf: Shelf, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_READ", 5)
    monkeypatch.setattr(finding, "MOST_SHOWN", 3)
    for number in range(9):
        shelf.put(new_job(number))

    page = read("/jobs")

    assert "2 more are not shown" in page
    assert "Only the newest 5 of that time were looked at" in page


# ---------------------------------------------------------------- without AWS


@pytest.mark.parametrize(
    "address", ["/", "/jobs", "/days/2026-03-02", "/routes", "/person?who=a@b.co"]
)
def test_without_aws_a_page_is_a_sentence(shelf: Shelf, address: str) -> None:
    class GoneError(Exception):
        """Nobody answers."""

    class Away:
        def __getattr__(self, name: str) -> object:
            raise GoneError("http://127.0.0.1:4566 does not answer")

    away: Any = Away()
    ports = shelf.ports()._replace(records=away, figures=away, directory=away, outages=(GoneError,))
    app = create_app(ports)
    app.jinja_env.bytecode_cache = TEMPLATES

    answer = app.test_client().get(address)

    assert answer.status_code == 503
    assert "AWS does not answer" in answer.text
    assert "4566" not in answer.text


# ---------------------------------------------------------------- routes and accounts

NO_BATCHES = {"planned": 0, "sent": 0, "terminal": 0}


def test_routes_and_accounts_say_what_is_wrong_with_them(shelf: Shelf, read: Read) -> None:
    shelf.stored_routes = [
        StoredRoute("broken", '{"destinations": [{"provider": "kakiyo", "camp": 1}]}', NOW),
        StoredRoute("spring", ROUTE, NOW),
        StoredRoute("unfit", ROUTE.replace("}]", ', "account": "gone"}]'), NOW),
    ]
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    shelf.put(new_job(1))
    shelf.put(new_job(2, account="old", created_at=NOW - timedelta(hours=1),
                      state=JobState.REJECTED, reason="provider_auth"))  # fmt: skip

    page = read("/routes")

    assert "spring kakiyo fine 2 Mar 2026" in page
    assert "unknown key 'camp'" in page
    assert "No secret for kakiyo/gone." in page
    assert "kakiyo gone problem There is no such secret." in page


def test_an_account_whose_last_job_was_refused_its_key_is_a_problem(
    shelf: Shelf, read: Read
) -> None:
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    shelf.put(new_job(state=JobState.REJECTED, reason="provider_auth", created_at=NOW))

    page = read("/routes")

    assert (
        "kakiyo default problem Kakiyo refuses the key. Store a key that works: "
        "listdrop account put kakiyo --account default"
    ) in page


def test_a_key_that_was_changed_since_is_not_blamed(shelf: Shelf, read: Read) -> None:
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    shelf.put(new_job(state=JobState.REJECTED, reason="provider_auth"))

    assert "kakiyo default not used The key was changed since the last job" in read("/routes")


GONE = LastError(
    text="the connection was refused",
    kind="unreachable",
    since=NOW - timedelta(minutes=9),
    attempts=35,
    next_at=NOW + timedelta(seconds=40),
)


def test_an_account_that_cannot_be_reached_is_never_fine(shelf: Shelf, read: Read) -> None:
    shelf.stored_routes = [StoredRoute("spring", ROUTE, NOW)]
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    earlier = GONE.model_copy(update={"since": NOW - timedelta(minutes=20), "next_at": None})
    shelf.put(new_job(1, state=JobState.RUNNING, last_error=GONE))
    shelf.put(new_job(2, state=JobState.RUNNING, last_error=earlier))
    shelf.put(new_job(3, created_at=NOW, counts={}, state=JobState.SKIPPED, batches=NO_BATCHES))

    page = read("/routes")

    said = (
        "Kakiyo cannot be reached: the connection was refused "
        "(70 tries since 2 Mar 2026, 15:10:00 UTC, the next in 40 s)."
    )
    assert f"kakiyo default unreachable {said}" in page
    assert f"problem {said}" in page
    assert "fine" not in page


def test_an_account_stays_unreachable_until_somebody_has_reached_it(
    shelf: Shelf, read: Read
) -> None:
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    shelf.put(new_job(1, state=JobState.EXPIRED, last_error=GONE, batches=NO_BATCHES))
    shelf.put(new_job(2, created_at=NOW, counts={}, state=JobState.SKIPPED, batches=NO_BATCHES))

    before = read("/routes")
    shelf.put(new_job(3, created_at=NOW))
    after = read("/routes")

    assert "kakiyo default unreachable Kakiyo could not be reached: the connection" in before
    assert "Nobody has asked it since: listdrop account test kakiyo" in before
    assert "kakiyo default fine" in after


@pytest.mark.parametrize(("visitor", "is_led"), WHO_ADMINISTERS)
def test_those_who_may_are_led_to_the_page_that_tests_a_key_and_see_no_command(
    visitor: Visitor, is_led: bool
) -> None:
    office = Office()
    office.shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    office.put(1, state=JobState.EXPIRED, last_error=GONE, batches=NO_BATCHES)

    page = office.client(visitor).get("/routes").text

    link = 'since</bdi>: <a href="/accounts/kakiyo/default/test">test its key</a>.'
    assert (link in page) is is_led
    assert ("listdrop account test kakiyo" in page) is not is_led


def test_an_account_that_is_told_to_wait_is_not_unreachable(shelf: Shelf, read: Read) -> None:
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    busy = GONE.model_copy(update={"kind": "busy", "attempts": 2})
    shelf.put(new_job(1, state=JobState.RUNNING, last_error=busy))

    assert "kakiyo default told to wait Kakiyo asks to wait (2 tries since" in read("/routes")


def test_an_account_that_said_only_to_wait_until_the_deadline_is_not_fine(
    shelf: Shelf, read: Read
) -> None:
    shelf.stored_accounts = [StoredAccount("kakiyo", "default", NOW)]
    busy = GONE.model_copy(update={"kind": "busy", "attempts": 67})
    shelf.put(new_job(1, state=JobState.EXPIRED, last_error=busy))

    before = read("/routes")
    shelf.put(new_job(2, created_at=NOW, last_error=busy))

    assert "kakiyo default told to wait Kakiyo asked to wait (67 tries since" in before
    assert "kakiyo default fine" in read("/routes")


# ---------------------------------------------------------------- who may ask what


NO_PAGES = [
    "/jobs/spring-kakiyo-nobody", "/jobs/x/rows", "/jobs/x/live", "/jobs/x/files/results.csv",
    "/days/yesterday", "/days/2026-13-01", "/nothing", "/static/../app.py",
    "/days/2026-03-02?after=x",
]  # fmt: skip


@pytest.mark.parametrize("address", NO_PAGES)
def test_what_is_not_there_is_said_so_in_a_page(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "<h1>Not Found</h1>" in answer.text


def test_a_page_of_rows_that_nobody_offered_is_not_there(
    client: FlaskClient, job_with_rows: str
) -> None:
    for address in (f"{job_with_rows}?after=x", "/person?who=p1@example.com&after=x"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(client: FlaskClient, method: str) -> None:
    assert client.open("/", method=method).status_code == 405


@pytest.mark.parametrize("address", ["/", "/nothing", "/static/nothing", "/static/dashboard.css"])
def test_every_answer_forbids_the_browser_what_it_need_not_do(
    client: FlaskClient, address: str
) -> None:
    with client.get(address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    kept = "private, max-age=600" if address.endswith(".css") else "no-store"
    assert headers["Cache-Control"] == kept
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


def test_pages_have_no_script_or_style_of_their_own(shelf: Shelf, client: FlaskClient) -> None:
    job = shelf.put(new_job(), batches=2)
    for address in (*PAGES, f"/jobs/{job.job_id}", f"/jobs/{job.job_id}/rows"):
        page = client.get(address).text
        assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page)
        assert re.findall(r"<script[^>]*>[^<]*", page) == [
            '<script src="/static/dashboard.js" defer>'
        ]


def guarded(shelf: Shelf, rules: Guard) -> FlaskClient:
    return create_app(shelf.ports(), rules).test_client()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4580", "127.0.0.1:1", "localhost"])
def test_a_name_that_was_made_to_mean_this_machine_is_refused(shelf: Shelf, host: str) -> None:
    client = guarded(shelf, Guard(frozenset({"127.0.0.1:4580"})))
    assert client.get("/", headers={"Host": host}).status_code == 403
    assert client.get("/", headers={"Host": "127.0.0.1:4580"}).status_code == 200


def test_who_has_the_key_comes_in_and_it_leaves_the_address(shelf: Shelf) -> None:
    client = guarded(shelf, Guard(key="a-key"))
    assert client.get("/").status_code == 403
    assert client.get("/?key=wrong").status_code == 403

    entered = client.get("/routes?key=a-key")

    assert (entered.status_code, entered.location) == (303, "/routes")
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/").status_code == 200


def test_a_cookie_without_the_key_opens_nothing(shelf: Shelf) -> None:
    client = guarded(shelf, Guard(key="a-key"))
    client.get("/?key=a-key")
    (cookie,) = client._cookies.values()  # type: ignore[union-attr] # its jar has no other view

    for wrong in ("wrong", "", "a-key-"):
        client.set_cookie(cookie.key, wrong)
        assert client.get("/").status_code == 403


# ---------------------------------------------------------------- its function


def test_the_function_answers_a_request_of_its_url(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    shelf.stored_routes = [StoredRoute("spring", ROUTE, datetime(2026, 1, 1, tzinfo=UTC))]
    monkeypatch.setattr(wiring, "dashboard_ports", shelf.ports)
    monkeypatch.setattr(wiring, "sign_in", lambda: None)
    event = json.loads((ROOT / "events" / "dashboard-request.json").read_text("utf-8"))

    answer = function("dashboard").lambda_handler(event, Context())

    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] is False
    assert "<title>Routes and accounts · Listdrop</title>" in answer["body"]
    assert "spring" in answer["body"]


def test_the_function_logs_no_query(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wiring, "dashboard_ports", shelf.ports)
    monkeypatch.setattr(wiring, "sign_in", lambda: None)
    event = json.loads((ROOT / "events" / "dashboard-request.json").read_text("utf-8"))
    asked = {"rawPath": "/person", "rawQueryString": "who=ada@example.com"}

    function("dashboard").lambda_handler(event | asked, Context())

    assert [record.message for record in caplog.records] == ["shown"]
    assert "ada" not in str([vars(record) for record in caplog.records])


def test_a_job_shows_its_warnings_once(shelf: Shelf, read: Read) -> None:
    same = JobWarning(code="unsubscribed_list", text="The file is a list.")
    other = JobWarning(code="unclear_consent", text="The column <b> is vague.")
    job = shelf.put(
        new_job(reason="unsubscribed_list", reason_text=same.text, warnings=(same, other))
    )

    shown = read(f"/jobs/{job.job_id}")

    assert shown.count(same.text) == 1
    assert "unclear_consent The column <b> is vague." in shown
