"""A note to the right of the last header: a no in it is one, and no reason to correct the row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listdrop.models import Job
from listdrop.models.files import REJECTS
from tests.support.containers import rows_as_csv, zipped
from tests.support.world import World, outcomes_of

HEADER = ("Email", "Name", "Company")
ADA = ("ada@example.com", "Ada", "Acme")
BOB = ("bob@example.com", "Bob", "Brook")
SUPPRESSED, SENT, INVALID, REPEATED = "suppressed", "confirmed", "invalid", "duplicate"


def outcomes(*rows: Sequence[str], header: Sequence[str] = HEADER) -> list[str]:
    world = World()
    return outcomes_of(world.outcomes(world.process(rows_as_csv(header, *rows))))


@pytest.mark.parametrize(
    "note",
    ["Do not contact", "DO NOT EMAIL", "unsubscribed", "Opted out 2024-03-01", "DNC per Bob",
     "please remove me", "abgemeldet", "Bitte nicht mehr kontaktieren", "désabonnée",
     "Ne plus contacter", "dado de baja", "disiscritto", "uitgeschreven", "отписан", "配信停止",
     "已退订", "bounced", "hard bounce", "Spoke in May. Unsubscribed"],
)  # fmt: skip
@pytest.mark.parametrize("before", [(), ("",), ("", ""), ("met at a fair",)])
def test_a_no_beyond_the_header_suppresses(note: str, before: tuple[str, ...]) -> None:
    assert outcomes((*ADA, *before, note), BOB) == [SUPPRESSED, SENT]


@pytest.mark.parametrize(
    "note",
    ["met at a fair", "yes", "no", "not unsubscribed", "Subscribed", "call back", "Inc.",
     "2024-03-01", "do not call", "not interested", "ja", "eva@example.com",
     "Unsubscribe rates", "Stopped by"],
)  # fmt: skip
def test_a_row_that_is_too_long_otherwise_stays_invalid(note: str) -> None:
    world = World()
    job = world.process(rows_as_csv(HEADER, (*ADA, note), BOB))
    first, second = world.outcomes(job).values()
    assert (first.outcome, first.reason) == (INVALID, "row_too_long")
    assert second.outcome == SENT


def test_it_is_not_offered_for_correction() -> None:
    world = World()
    job = world.process(rows_as_csv(HEADER, (*ADA, "Do not contact"), (*BOB, "x")))
    first = world.outcomes(job)[1]
    assert (first.outcome, first.reason) == (SUPPRESSED, "opted_out")
    rejects = world.files.content[job.job_id, REJECTS]
    assert b"bob@example.com" in rejects
    assert b"ada@example.com" not in rejects


@pytest.mark.parametrize("turned", [False, True])
def test_other_rows_of_the_person_are_not_sent_either(turned: bool) -> None:
    url = "https://www.linkedin.com/in/ada"
    header = ("Email", "LinkedIn URL")
    rows = [("ada@example.com", url, "Do not contact"), ("ada@example.org", url),
            ("bob@example.com", "")]  # fmt: skip
    found = outcomes(*(reversed(rows) if turned else rows), header=header)
    assert found == ([SENT, SUPPRESSED, SUPPRESSED] if turned else [SUPPRESSED, SUPPRESSED, SENT])


def test_a_repeated_row_of_the_person_is_not_sent_either() -> None:
    assert outcomes(ADA, (*ADA, "unsubscribed"), BOB) == [SUPPRESSED, SUPPRESSED, SENT]


def test_another_address_of_who_bounced_is_sent() -> None:
    url = "https://www.linkedin.com/in/ada"
    rows = [("ada@example.com", url, "bounced"), ("ada@example.org", url)]
    assert outcomes(*rows, header=("Email", "LinkedIn URL")) == [SUPPRESSED, SENT]


def test_a_no_that_a_comma_has_moved_beyond_the_header_suppresses() -> None:
    content = b"Email,Company,Status\nada@example.com,Acme, Inc,Unsubscribed\n"
    content += b"bob@example.com,Brook, Ltd,Active\n"
    world = World()
    assert outcomes_of(world.outcomes(world.process(content))) == [SUPPRESSED, INVALID]


@pytest.mark.parametrize("company", ["Do not contact", "opted out", "Abgemeldet", "Désabonné"])
def test_a_clear_no_within_a_row_that_is_too_long_suppresses(company: str) -> None:
    url = "https://www.linkedin.com/in/ada"
    rows = [("ada@example.com", company, url, "x"), ("ada@example.org", "Acme", url)]
    assert outcomes(*rows, header=("Email", "Company", "LinkedIn URL")) == [SUPPRESSED] * 2


@pytest.mark.parametrize("company", ["Bounce", "Unsubscribe", "Stop, Inc", "Opt Out"])
def test_a_name_within_a_row_that_is_too_long_says_nothing(company: str) -> None:
    assert outcomes(("ada@example.com", "Ada", company, "x"), BOB) == [INVALID, SENT]


def test_people_of_another_table_are_not_sent_either() -> None:
    world = World()
    tables = {
        "a.csv": rows_as_csv(HEADER, (*ADA, "do not contact"), BOB),
        "b.csv": rows_as_csv(HEADER, ADA, ("cy@example.com", "Cy", "Clay")),
    }
    ids = world.submit(world.uploads.put("inbox/spring/both.zip", zipped(tables)))
    jobs: dict[str, Job] = {
        job.upload.table: job for job in (world.run(world.jobs.get(each)) for each in ids)
    }
    assert outcomes_of(world.outcomes(jobs["b.csv"])) == [SUPPRESSED, SENT]
