"""Other rows of people who opted out, under another address or another profile."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listdrop.models import Job
from listdrop.plans import planning
from tests.support.containers import rows_as_csv, zipped
from tests.support.providers import Bulk, ByProfile, ToyProvider
from tests.support.world import World, outcomes_of, route_to

HEADER = ("First Name", "Email", "LinkedIn URL", "Unsubscribed")
SUPPRESSED, SENT, REPEATED = "suppressed", "confirmed", "duplicate"


def row(email: str, slug: str = "", said: str = "", name: str = "Mia") -> tuple[str, ...]:
    return (name, email, f"https://linkedin.com/in/{slug}" if slug else "", said)


def outcomes(*rows: Sequence[str], kind: type[ToyProvider] = ToyProvider) -> list[str]:
    world = World(kind)
    return outcomes_of(world.outcomes(world.process(rows_as_csv(*rows))))


MIA_OUT = row("mia@a.example", "mia", "Yes")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([MIA_OUT, row("mia@b.example", "mia")], [SUPPRESSED, SUPPRESSED]),
        ([row("mia@b.example", "mia"), MIA_OUT], [SUPPRESSED, SUPPRESSED]),
        ([MIA_OUT, row("mia@b.example", "Mia/?trk=1")], [SUPPRESSED, SUPPRESSED]),
        ([row("tim@a.example; tim@b.example", "", "Yes"), row("Tim@B.example")], [SUPPRESSED] * 2),
        ([row("tim@b.example"), row("tim@a.example, tim@b.example", "", "x")], [SUPPRESSED] * 2),
        (
            [row("mia@b.example", "mia"), row("mia@b.example"), MIA_OUT],
            [SUPPRESSED, REPEATED, SUPPRESSED],
        ),
        # A row that repeats another names the person, too.
        (
            [row("mia@b.example"), row("mia@b.example", "mia"), MIA_OUT],
            [SUPPRESSED, REPEATED, SUPPRESSED],
        ),
        # By way of a row that says nothing itself.
        (
            [row("mia@c.example", "mk"), row("mia@b.example", "mk"), row("mia@b.example", "mia"),
             MIA_OUT],
            [SUPPRESSED, SUPPRESSED, REPEATED, SUPPRESSED],
        ),
    ],
)  # fmt: skip
def test_an_opted_out_person_is_sent_in_no_row(
    rows: list[Sequence[str]], expected: list[str]
) -> None:
    assert outcomes(HEADER, *rows, row("bo@a.example", "bo")) == [*expected, SENT]


def test_profiles_are_found_by_the_address_too() -> None:
    rows = [row("mia@a.example", "mia-k"), MIA_OUT, row("bo@a.example", "bo")]
    assert outcomes(HEADER, *rows, kind=ByProfile) == [SUPPRESSED, SUPPRESSED, SENT]


def test_a_second_column_of_addresses_names_the_person_too() -> None:
    header = ("Email", "Secondary Email", "Opt out")
    rows = [("tim@a.example", "tim@b.example", "yes"), ("tim@b.example", "", "")]
    assert outcomes(header, *rows) == [SUPPRESSED, SUPPRESSED]


def test_people_below_a_line_opted_out_in_all_of_their_rows() -> None:
    mia = "https://linkedin.com/in/mia"
    others = [("mia@b.example", mia), ("bo@a.example", "")]
    rows = [*others, ("=== Opted out ===", ""), ("mia@a.example", mia)]
    found = outcomes(("Email", "LinkedIn URL"), *rows)
    assert (found[0], found[1], found[3]) == (SUPPRESSED, SENT, SUPPRESSED)


def test_a_row_says_that_another_one_suppressed_it() -> None:
    world = World()
    job = world.process(rows_as_csv(HEADER, MIA_OUT, row("mia@b.example", "mia")))
    second = world.outcomes(job)[2]
    assert (second.reason, second.reason_text) == (
        "opted_out", "Another row of the same person says so.",
    )  # fmt: skip


def test_a_person_is_found_however_far_away_the_rows_are() -> None:
    world = World(Bulk)
    others = [row(f"p{n}@a.example", f"p{n}") for n in range(3_000)]
    job = world.process(rows_as_csv(HEADER, row("mia@b.example", "mia"), *others, MIA_OUT))
    assert (job.counts["suppressed"], job.counts["confirmed"]) == (2, 3_000)


def test_who_is_on_the_route_s_list_is_found_in_the_same_way() -> None:
    world = World(route=route_to(suppression_list="suppression/all.csv"))
    world.uploads.put("suppression/all.csv", b"Email\r\nmia@a.example\r\n")
    job = world.process(
        rows_as_csv(HEADER, row("mia@b.example", "mia"), row("mia@a.example", "mia"))
    )
    assert outcomes_of(world.outcomes(job)) == [SUPPRESSED, SUPPRESSED]


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    "rows",
    [
        # A profile or an address of many people says nothing of them.
        [row("mia@a.example", "agency", "unsubscribed"),
         *(row(f"p{n}@a.example", "agency") for n in range(5))],
        [row("info@a.example; mia@a.example", "mia", "unsubscribed"),
         *(row("info@a.example", f"p{n}") for n in range(5))],
        [MIA_OUT, row("bo@a.example", "bo"), row("cy@a.example")],
        # An address that does not take mail says nothing of the person.
        [row("mia@a.example", "mia", "bounced"), row("mia@b.example", "mia")],
        [row("mia@b.example", "mia"), row("mia@a.example", "mia", "hard bounce")],
        [row("mia@a.example (assistant: eva@a.example)", "", "unsubscribed"), row("eva@a.example")],
    ],
)  # fmt: skip
def test_strangers_and_other_addresses_are_sent(rows: list[Sequence[str]]) -> None:
    said = [each[3] for each in rows]
    kind = ByProfile if "info@" in rows[0][1] else ToyProvider
    found = outcomes(("First Name", "Email", "LinkedIn URL", "Email status"), *rows, kind=kind)
    expected = [
        SUPPRESSED if each in ("unsubscribed", "bounced", "hard bounce") else SENT for each in said
    ]
    assert found == expected


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often a table is read."""
    reads: list[int] = []
    read_rows = planning.read_rows

    def counting(*args: object, **kwargs: object) -> object:
        reads.append(1)
        return read_rows(*args, **kwargs)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(planning, "read_rows", counting)
    return reads


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("mia@a.example", "mia"), row("bo@a.example", "bo")], 1),
        ([MIA_OUT, row("bo@a.example", "bo"), row("mia@a.example", "mia")], 1),
        ([MIA_OUT, row("mia@b.example", "mia")], 2),
    ],
)
def test_a_file_is_read_again_only_if_somebody_has_another_row(
    monkeypatch: pytest.MonkeyPatch, rows: list[Sequence[str]], expected: int
) -> None:
    reads = counted(monkeypatch)
    World().process(rows_as_csv(HEADER, *rows))
    assert len(reads) == expected


def test_rows_of_other_tables_are_found_through_a_list() -> None:
    world = World()
    tables = {
        "unsubscribed.csv": b"Email\r\nmia@a.example\r\n",
        "leads.csv": rows_as_csv(HEADER, row("mia@a.example", "mia"), row("mia@b.example", "mia")),
    }
    ids = world.submit(world.uploads.put("inbox/spring/both.zip", zipped(tables)))
    jobs: dict[str, Job] = {
        job.upload.table: job for job in (world.run(world.jobs.get(each)) for each in ids)
    }
    assert jobs["leads.csv"].counts["suppressed"] == 2
