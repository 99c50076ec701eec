"""A second list of people beside the rows, in a column of people who opted out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listdrop.models import Job
from tests.support.containers import rows_as_csv, zipped
from tests.support.providers import ByProfile, ToyProvider
from tests.support.world import World, outcomes_of, route_to

SUPPRESSED, SENT, INVALID = "suppressed", "confirmed", "invalid"
ADA, BOB, CY = "ada@example.com", "bob@example.com", "cy@example.com"
EVA = "eva@example.com"


def job_of(*rows: Sequence[str], kind: type[ToyProvider] = ToyProvider) -> tuple[World, Job]:
    world = World(kind)
    return world, world.process(rows_as_csv(*rows))


def outcomes(*rows: Sequence[str], kind: type[ToyProvider] = ToyProvider) -> list[str]:
    world, job = job_of(*rows, kind=kind)
    return outcomes_of(world.outcomes(job))


def warnings(*rows: Sequence[str]) -> list[str]:
    return [warning.text for warning in job_of(*rows)[1].warnings]


@pytest.mark.parametrize(
    "header",
    ["Unsubscribed", "Opt-out", "Do not email", "Do not contact", "Unsubscribed Email", "DNC list",
     "Opted out emails", "Abgemeldet", "Abmeldungen", "Désabonnés", "Désinscrits", "Bajas",
     "Disiscritti", "Descadastrados", "Uitgeschreven", "Wypisani", "Отписались", "配信停止", "退订",
     "Suppressed", "Remove", "Bounced", "Hard bounces", "Unzustellbar"],
)  # fmt: skip
@pytest.mark.parametrize(
    "written",
    ["bob@example.com", "BOB@Example.com ", "mailto:bob@example.com", "Bob <bob@example.com>",
     "eva@example.org; bob@example.com", "'bob@example.com'"],
)  # fmt: skip
def test_who_is_named_there_is_sent_in_no_row(header: str, written: str) -> None:
    rows = [(ADA, "Ada", written), (BOB, "Bob", ""), (CY, "Cy", "")]
    found = outcomes(("Email", "Name", header), *rows)
    assert found == [SUPPRESSED, SUPPRESSED, SENT]
    found = outcomes(("Email", "Name", header), *reversed(rows))
    assert found == [SENT, SUPPRESSED, SUPPRESSED]


def test_a_profile_that_is_named_there_is_sent_in_no_row() -> None:
    url = "https://www.linkedin.com/in/"
    header = ("Email", "LinkedIn URL", "Unsubscribed")
    rows = [(ADA, f"{url}ada", "linkedin.com/in/Bob/"), (BOB, f"{url}bob", ""),
            (CY, f"{url}cy", "")]  # fmt: skip
    assert outcomes(header, *rows) == [SUPPRESSED, SUPPRESSED, SENT]
    assert outcomes(header, *rows, kind=ByProfile) == [SUPPRESSED, SUPPRESSED, SENT]


def test_an_address_of_many_rows_is_sent_in_none_of_them() -> None:
    info, url = "info@example.com", "https://www.linkedin.com/in/"
    header = ("Email", "LinkedIn URL", "Unsubscribed")
    rows = [(ADA, f"{url}ada", info), *((info, f"{url}p{number}", "") for number in range(6))]
    assert outcomes(header, *rows, kind=ByProfile) == [SUPPRESSED] * 7


def test_a_list_may_be_longer_than_the_rows_beside_it() -> None:
    rows = [(ADA, "Ada", CY), (BOB, "Bob", ""), (CY, "Cy", ""), ("", "", BOB), ("", "", EVA)]
    found = outcomes(("Email", "Name", "Unsubscribed"), *rows)
    assert found == [SUPPRESSED] * 5


def test_other_rows_of_who_is_named_there_are_not_sent_either() -> None:
    url = "https://www.linkedin.com/in/"
    header = ("Email", "LinkedIn URL", "Unsubscribed")
    rows = [(ADA, "", BOB), (BOB, f"{url}bob", ""), ("bob@example.org", f"{url}bob", ""),
            (CY, "", "")]  # fmt: skip
    assert outcomes(header, *rows) == [SUPPRESSED, SUPPRESSED, SUPPRESSED, SENT]


def test_another_address_of_who_is_named_as_bounced_is_sent() -> None:
    url = "https://www.linkedin.com/in/"
    header = ("Email", "LinkedIn URL", "Bounced")
    rows = [(ADA, "", BOB), (BOB, f"{url}bob", ""), ("bob@example.org", f"{url}bob", "")]
    assert outcomes(header, *rows) == [SUPPRESSED, SUPPRESSED, SENT]


def test_it_says_why() -> None:
    world, job = job_of(("Email", "Name", "Unsubscribed"), (ADA, "Ada", BOB), (BOB, "Bob", ""))
    second = world.outcomes(job)[2]
    assert (second.reason, second.reason_text) == (
        "opted_out", "Another row names the person in a column of people who opted out.",
    )  # fmt: skip


# ---------------------------------------------------------------- whose address it is


def test_a_row_with_its_own_address_there_speaks_of_itself() -> None:
    rows = [(ADA, "Ada", "ADA@example.com"), (BOB, "Bob", BOB), (CY, "Cy", "")]
    assert outcomes(("Email", "Name", "Unsubscribed"), *rows) == [SUPPRESSED, SUPPRESSED, SENT]
    assert warnings(("Email", "Name", "Unsubscribed"), *rows) == []


def test_a_row_with_a_further_address_of_its_own_speaks_of_itself() -> None:
    header = ("Email", "Secondary Email", "Unsubscribed")
    rows = [(ADA, EVA, EVA), (f"{BOB}; bob@example.org", "", "bob@example.org"), (CY, "", "")]
    assert outcomes(header, *rows) == [SUPPRESSED, SUPPRESSED, SENT]
    assert warnings(header, *rows) == []


def test_where_a_row_names_somebody_else_both_are_suppressed_and_it_is_told() -> None:
    header = ("Email", "Name", "Unsubscribed")
    (text,) = warnings(header, (ADA, "Ada", BOB), (CY, "Cy", EVA), ("", "", "fay@example.com"))
    assert text == (
        'The column "Unsubscribed" names other people than its own rows do, in 2 rows. Neither '
        "these people nor those of the rows are sent. If it is a separate list, add it to the "
        "route's suppression list, and drop the file without that column."
    )
    (text,) = warnings(header, (ADA, "Ada", BOB), (CY, "Cy", ""))
    assert "in one row. Neither" in text


def test_the_warning_names_nobody() -> None:
    header = ("Email", "Name", "Unsubscribed bob@example.com")
    (text,) = warnings(header, (ADA, "Ada", BOB))
    assert text.startswith("Column 3 names other people")
    assert "@" not in text


# ---------------------------------------------------------------- what names nobody


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Unsubscribed by", BOB), ("Unsubscribe reason", f"asked {BOB}"),
        ("Opt-out source", BOB), ("Unsubscribed", f"yes, per {BOB}"),
        ("Unsubscribed", f"entered by {BOB}"), ("Abgemeldet durch", BOB),
        ("Unsubscribed", "linkedin"), ("Unsubscribed", "@bob"),
        ("Unsubscribed", f"in a call he said that he wants nothing more, tell {BOB} of it"),
    ],
)  # fmt: skip
def test_who_only_noted_it_is_sent(header: str, value: str) -> None:
    rows = [(ADA, "Ada", value), (BOB, "Bob", "")]
    assert outcomes(("Email", "Name", header), *rows) == [SUPPRESSED, SENT]


@pytest.mark.parametrize(
    "header",
    ["Newsletter", "Opt-in", "Subscribed", "Owner", "Assistant Email", "Do not call", "Referred by",
     "Unsubscribe link", "Notes", "Manager"],
)  # fmt: skip
def test_addresses_in_other_columns_block_nobody(header: str) -> None:
    rows = [(ADA, "Ada", BOB), (BOB, "Bob", "")]
    assert outcomes(("Email", "Name", header), *rows) == [SENT, SENT]


def test_people_of_another_table_are_not_sent_either() -> None:
    world = World()
    tables = {
        "a.csv": rows_as_csv(("Email", "Name", "Unsubscribed"), (ADA, "Ada", BOB)),
        "b.csv": rows_as_csv(("Email", "Name"), (BOB, "Bob"), (CY, "Cy")),
    }
    ids = world.submit(world.uploads.put("inbox/spring/both.zip", zipped(tables)))
    jobs = {job.upload.table: job for job in (world.run(world.jobs.get(each)) for each in ids)}
    assert outcomes_of(world.outcomes(jobs["b.csv"])) == [SUPPRESSED, SENT]


def test_a_route_that_suppresses_what_is_unclear_changes_nothing() -> None:
    world = World(route=route_to(unclear_consent="suppress"))
    job = world.process(
        rows_as_csv(("Email", "Unsubscribed"), (ADA, BOB), (BOB, ""), (CY, ""), ("", EVA))
    )
    assert outcomes_of(world.outcomes(job)) == [SUPPRESSED, SUPPRESSED, SENT, SUPPRESSED]
