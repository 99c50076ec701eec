from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from listdrop.cells.persons import MOST_OTHERS
from listdrop.errors import JobStillRunningError, NoPersonError
from listdrop.jobs.again import write_unknown
from listdrop.jobs.erasing import (
    STAGED_REST,
    ErasedJob,
    ErasePorts,
    Found,
    Person,
    erase_found,
    find_person,
    person_called,
)
from listdrop.jobs.holding import approve_job
from listdrop.jobs.settling import unpack
from listdrop.models import ERASED, Hold, Job, Json, Outcome, Prospect, RowResult, Turn
from listdrop.plans.blocks import sent_rows
from listdrop.providers.base import Batch, SendAnswer
from listdrop.providers.preparing import required_profile
from tests.support.fallible import CrashError
from tests.support.providers import ToyDestination, ToyProvider, received
from tests.support.world import World, is_balanced, route_to
from tests.unit.cli.faked_target import FakedTarget, run

ADA = "Ada.Kanarie+x@Example.com"
SLUG = "ada-kanarie-7"
HEADER = "Email,First name,Last name,LinkedIn URL,Notes"
OTHERS = (
    "bo@example.com,Bo,Berg,https://www.linkedin.com/in/bo-berg,a",
    "xada.kanarie+x@example.com,Xada,Other,https://www.linkedin.com/in/ada-kanarie-77,b",
    "ada.kanarie+x@example.com.au,Ana,Other,,c",
    "cy@example.com,Cy,Cole,,=1+1",
    ",No,Address,,d",
    "di@example.com,Di,Dorn,,e",
)
MINE = f'{ADA},Ada,Kanarie,https://www.linkedin.com/in/{SLUG.upper()}/?x=1,"met, kanarie\nthere"'
"""A row of Ada's, over two lines."""


def upload_of(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


PEOPLE = upload_of(OTHERS[0], MINE, *OTHERS[1:4], MINE.replace("Ada,", "ada,"), *OTHERS[4:])
"""Ada is in rows 2 and 6, of which the second repeats the first."""


def answered(batch: Batch) -> SendAnswer:
    """Name Ada in the reasons of her own row, and of Bo's."""
    results = {row.row: RowResult(Outcome.ACCEPTED) for row in batch.rows}
    quote = f"not after {ADA.lower()}"
    for row in batch.rows:
        if row.identity == ADA.lower():
            results[row.row] = RowResult(Outcome.UNKNOWN, quote, "Kanarie.", "kanarie-ref", "no")
        elif row.identity == "bo@example.com":
            results[row.row] = RowResult(Outcome.REFUSED, quote, f"See /in/{SLUG}.", "bo-ref")
    return SendAnswer(results=results)


def processed(content: bytes = PEOPLE, **options: object) -> tuple[World, Job]:
    world = World(route=route_to(**options))
    world.script.then_send = answered
    return world, world.process(content)


def find(world: World, person: Person | None = None, *, everywhere: bool = False) -> Found:
    wanted = person or person_called(ADA)
    return find_person(wanted, world.erase_ports(), world.clock.now(), everywhere=everywhere)


def erase(
    world: World, person: Person | None = None, *, everywhere: bool = False
) -> list[ErasedJob]:
    return [*erase_found(find(world, person, everywhere=everywhere), world.erase_ports())]


def everything(world: World) -> str:
    """Whatever is kept, as text."""
    uploads = [*world.uploads.contents.values()]
    kept = [world.files.content, world.jobs.rows, world.jobs.jobs, world.jobs.batch_items, uploads]
    batches = [each for items in world.jobs.batch_items.values() for each in items.values()]
    kept += [unpack(batch.told) for batch in batches if batch.told]
    return "\n".join(map(str, kept)).lower()


NAMESAKES = ("xada.kanarie", "ada-kanarie-77", "ada.kanarie+x@example.com.au")


def has_ada(world: World) -> bool:
    """Whether anything that is kept is hers, and not of those who are called alike."""
    text = everything(world)
    for name in NAMESAKES:
        assert name in text
        text = text.replace(name, "")
    return "kanarie" in text


def table(world: World, job: Job, name: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(world.result_file(job, name), newline=""))]


# ---------------------------------------------------------------- what is erased


def test_nothing_of_the_person_is_left_anywhere() -> None:
    world, _ = processed()
    assert has_ada(world)

    (erased,) = erase(world)

    assert not has_ada(world)
    assert (erased.rows, erased.items, erased.reasons) == (2, 2, 1)
    assert {name.split("/")[-1][:6]: count for name, count in erased.files.items()} == {
        "plan.j": 2,
        "batche": 2,
        "result": 3,
        "reject": 1,
        "retry.": 1,
    }
    assert erased.old_versions == len(erased.files) - 1  # batches are in the table
    assert erased.upload == "inbox/spring/a.csv"


def test_nothing_is_left_in_the_pieces_of_a_report_that_was_interrupted() -> None:
    world = World()
    world.piece_bytes = 1
    world.script.then_send = answered
    world.process(PEOPLE)
    assert any("report/" in name for _, name in world.files.content)
    assert has_ada(world)

    erase(world)

    assert not has_ada(world)
    replaced = len(world.archive.replaced)
    erase(world)
    assert len(world.archive.replaced) == replaced


def test_rows_keep_their_numbers_and_outcomes_and_the_balance_holds() -> None:
    world, job = processed()
    before = {row[-6]: row[-5] for row in table(world, job, "results.csv")}

    erase(world)

    after = table(world, job, "results.csv")
    assert {row[-6]: row[-5] for row in after} == before
    assert [row for row in after if row[-6] in ("2", "6")] == [
        ["", "", "", "", "", "2", "unknown", ERASED, "", "", ""],
        ["", "", "", "", "", "6", "duplicate", ERASED, "", "", ""],
    ]
    assert is_balanced(world.jobs.get(job.job_id))
    assert {row: result.outcome.value for row, result in world.outcomes(job).items()} == {
        int(number): outcome for number, outcome in before.items() if number.isdigit()
    }


def test_rows_of_others_are_byte_for_byte_what_they_were() -> None:
    world, job = processed()
    with_quote, alone = processed(upload_of(*OTHERS[1:]))
    expected = with_quote.result_file(alone, "results.csv").splitlines()[1:]

    erase(world)

    text = world.result_file(job, "results.csv")
    for line in expected:
        cells = line.rsplit(",", 6)[0]
        assert f"\r\n{cells}," in text


def test_anothers_reason_that_quotes_the_person_is_erased_and_nothing_else_of_it() -> None:
    world, job = processed()

    erase(world)

    (bo,) = [row for row in table(world, job, "results.csv") if row[-6] == "1"]
    assert bo[0] == "bo@example.com"
    assert bo[-5:] == ["refused", ERASED, "", "", "bo-ref"]
    planned, result = world.jobs.rows[job.job_id][1]
    assert (planned.email, result.reason, result.reason_text) == ("bo@example.com", ERASED, "")


def test_the_line_to_send_again_is_gone() -> None:
    world, job = processed()
    assert len(table(world, job, "retry.csv")) == 2

    erase(world)

    assert table(world, job, "retry.csv") == [[*HEADER.split(","), "listdrop_job"]]


def test_an_erased_row_of_a_batch_is_not_sent_again() -> None:
    world, job = processed()
    results = io.StringIO(world.result_file(job, "results.csv"), newline="")
    assert write_unknown(results, range(1, 99), io.StringIO()) == 1

    erase(world)

    results = io.StringIO(world.result_file(job, "results.csv"), newline="")
    assert write_unknown(results, range(1, 99), io.StringIO()) == 0


def test_batches_still_find_their_part_of_the_plan() -> None:
    world, job = processed()
    before = {b.number: sent_rows(world.files, b) for b in world.batches(job)}

    erase(world)

    for batch in world.batches(job):
        kept = [row for row in before[batch.number] if row.identity != ADA.lower()]
        assert sent_rows(world.files, batch) == kept
    assert sum(map(len, before.values())) == len(OTHERS)  # without the invalid row, with Ada's


def test_a_job_can_be_finished_again_as_its_plan_and_outcomes_agree() -> None:
    world, job = processed()
    erase(world)
    stored = world.jobs.jobs[job.job_id]
    world.jobs.jobs[job.job_id] = stored.model_copy(update={"notified_at": None})

    world.finish(Turn(job_id=job.job_id, provider="toy", next="finish"))

    assert "kanarie" not in world.notices.published[-1].message
    assert world.jobs.get(job.job_id).counts == job.counts


def test_a_second_run_finds_nothing() -> None:
    world, _ = processed()
    erase(world)

    assert find(world).jobs == []
    assert erase(world, everywhere=True) == []


@pytest.mark.parametrize("writes", range(4))
def test_what_broke_off_is_completed_by_another_run(writes: int) -> None:
    world, job = processed()
    world.archive.fails_after = writes
    with pytest.raises(CrashError):
        erase(world)
    world.archive.fails_after = None

    erase(world)

    unbroken, same = processed()
    erase(unbroken)
    assert world.jobs.rows[job.job_id] == unbroken.jobs.rows[same.job_id]
    assert world.files.content == {
        (job.job_id, name): content for (_, name), content in unbroken.files.content.items()
    }
    assert same.job_id == job.job_id


def test_every_job_of_the_upload_is_erased_and_the_upload_told_once() -> None:
    destinations = [ToyDestination(provider="toy", list_id=number) for number in (1, 2)]
    world = World(route=route_to(*destinations, row_items="bad"))
    first, second = world.submit(world.uploads.put("inbox/spring/a.csv", PEOPLE))
    for job_id in (first, second):
        world.script.then_send = answered if job_id == first else received
        world.run(world.jobs.get(job_id))

    erased = erase(world)

    # The second has no item of her: there she is accepted.
    assert sorted(job.job_id for job in erased) == sorted([first, second])
    assert sorted(job.upload for job in erased) == ["", "inbox/spring/a.csv"]
    assert world.archive.asked_for == ["inbox/spring/a.csv"]
    assert not has_ada(world)


# ---------------------------------------------------------------- who is found


class ProfileProvider(ToyProvider):
    """Upserts by profile."""

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        slug = required_profile(prospect)
        return slug.lower(), {"slug": slug}


@pytest.mark.parametrize("name", [ADA, f"linkedin.com/in/{SLUG}", f" in/{SLUG.upper()} "])
def test_the_other_name_beside_the_given_one_is_found_as_well(name: str) -> None:
    world = World(ProfileProvider)
    by_profile = world.process(PEOPLE)
    world.providers.kind = ToyProvider
    by_address = world.process(PEOPLE + b"ed@example.com,Ed,Ek,,\r\n", "b.csv")

    found = find(world, person_called(name))

    assert {job.job_id for job in found.jobs} == {by_profile.job_id, by_address.job_id}
    assert len(found.beside) == 1


@pytest.mark.parametrize("name", [ADA, f"linkedin.com/in/{SLUG}"])
@pytest.mark.parametrize("kind", [ToyProvider, ProfileProvider])
def test_of_a_job_the_person_is_found_by_the_name_that_its_provider_does_not_go_by(
    kind: type[ToyProvider], name: str
) -> None:
    world = World(kind)
    job = world.process(PEOPLE)

    (erased,) = erase(world, person_called(name))

    assert (erased.job_id, erased.rows, erased.items) == (job.job_id, 2, 2)
    assert not has_ada(world)


@pytest.mark.parametrize("name", [ADA, f"linkedin.com/in/{SLUG}"])
@pytest.mark.parametrize("row_items", ["none", "bad"])
def test_rows_that_no_item_was_kept_of_are_found_by_each_name(row_items: str, name: str) -> None:
    world = World(route=route_to(row_items=row_items))
    world.process(PEOPLE)

    (erased,) = erase(world, person_called(name))

    assert (erased.rows, erased.items) == (2, 0)
    assert not has_ada(world)


def test_names_are_followed_from_row_to_row() -> None:
    world = World(ProfileProvider)
    steps = ["one@example.com,A,B,in/ada-1", "two@example.com,A,B,in/ada-1", "two@example.com,A,B,"]
    for number, row in enumerate(steps):
        world.process(upload_of(row, OTHERS[0]), f"{number}.csv")

    found = find(world, person_called("one@example.com"))

    assert [len(job.rows) for job in found.jobs] == [1, 1, 1]
    assert found.beside == {"LINKEDIN#ada-1", "EMAIL#two@example.com"}


@pytest.mark.parametrize("row_items", ["all", "none"])
def test_a_name_that_several_people_share_leads_to_nobody_else(row_items: str) -> None:
    world = World(route=route_to(row_items=row_items))
    rows = [f"info@example.com,P{n},Q,in/person-{n}" for n in range(MOST_OTHERS + 1)]
    world.process(upload_of(*rows))

    one = find(world, person_called("in/person-3"))
    all_of_them = find(world, person_called("info@example.com"))

    assert [job.rows for job in one.jobs] == [{4}]
    assert [job.rows for job in all_of_them.jobs] == [set(range(1, MOST_OTHERS + 2))]
    assert (one.beside, all_of_them.beside) == (frozenset(), frozenset())
    assert one.shared == all_of_them.shared == {"EMAIL#info@example.com"}


def test_nothing_leads_to_a_person_who_was_erased() -> None:
    world, _ = processed()
    erase(world)

    assert find(world).jobs == []
    assert [world.jobs.marked(key) for key in find(world).person.keys] == [[]]


@pytest.mark.parametrize("is_old", [True, False])
def test_without_items_and_marks_a_person_is_found_by_reading_everything(is_old: bool) -> None:
    world, job = processed()
    world.jobs.marks.clear()
    world.jobs.rows.clear()
    if is_old:  # the job is older than marks
        world.jobs.jobs[job.job_id] = world.jobs.get(job.job_id).model_copy(
            update={"has_marks": False}
        )
    else:  # the table forgets items after a while, and keeps files for longer
        world.jobs.jobs.clear()
    nothing = find(world)
    assert (nothing.jobs, *nothing.unsearched) == ([], job.job_id)

    (erased,) = erase(world, everywhere=True)

    assert (erased.job_id, erased.rows, erased.items) == (job.job_id, 2, 0)
    assert erased.upload == "inbox/spring/a.csv"
    assert not has_ada(world)


def test_nobody_else_is_found() -> None:
    world, _ = processed(upload_of(*OTHERS))

    assert find(world, everywhere=True).jobs == []


class Erasable(FakedTarget):
    """A target of which somebody can be erased."""

    def erase_ports(self) -> ErasePorts:
        world: World = vars(self)["world"]
        return world.erase_ports()


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("in/nope", "linkedin.com/in/nope"),
        ("linkedin.com/in/Nope", "linkedin.com/in/nope"),
        ("Nope@Example.com", "nope@example.com"),
    ],
)
def test_of_whom_nothing_was_found_is_said(text: str, called: str) -> None:
    shown = run(Erasable(World()), "erase", text)

    assert shown.exit_code == 1
    assert shown.output.startswith(f"Nothing was found about {called}.\n")
    assert STAGED_REST in " ".join(shown.output.split())


@pytest.mark.parametrize("text", ["nobody", "Ada", "ada-l", "adaexample.com", "josé", "", "a/b"])
def test_a_mistyped_name_does_not_look_like_somebody_of_whom_nothing_is_kept(text: str) -> None:
    erased, looked_up = (run(Erasable(World()), verb, text) for verb in ("erase", "person"))

    assert (erased.exit_code, erased.output) == (2, looked_up.output)
    assert "is neither an e-mail address nor a LinkedIn profile" in " ".join(erased.output.split())


def test_what_could_not_be_searched_and_who_is_not_followed_is_told() -> None:
    world = World()
    rows = [f"info@example.com,P{n},Q,in/person-{n}" for n in range(MOST_OTHERS + 1)]
    world.process(upload_of(*rows))
    old = world.process(upload_of(*OTHERS), "old.csv")
    del world.jobs.jobs[old.job_id]

    shown = run(Erasable(world), "erase", "linkedin.com/in/person-3", "--yes")

    assert shown.exit_code == 0
    assert "Several people share info@example.com" in shown.stderr
    assert "the files of 1 job." in shown.stderr
    assert "--everywhere" in shown.stderr


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_job_that_has_not_ended_is_left_alone(*, everywhere: bool) -> None:
    world = World()
    job = world.drop(PEOPLE)
    before = everything(world)

    with pytest.raises(JobStillRunningError, match=f"{job.job_id}.*cancel it, or wait") as error:
        erase(world, everywhere=everywhere)

    assert everything(world) == before
    assert "kanarie" not in str(error.value).lower()


@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("at", range(2, 9))
def test_a_file_that_is_being_read_is_not_passed_over_in_silence(
    at: int, *, everywhere: bool
) -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", PEOPLE)
    world.tripwire.arm(at, "after")
    with suppress(CrashError):
        world.submit(upload)
    known = list(world.jobs.jobs)

    if any("plan" in name for _, name in world.files.content):  # in which she is
        with pytest.raises(JobStillRunningError, match=known[0]):
            find(world, everywhere=everywhere)
    else:
        assert sorted(find(world, everywhere=everywhere).unread) == known


@pytest.mark.parametrize("is_other", [True, False])
def test_who_was_erased_while_another_file_is_read_is_told_of_that(*, is_other: bool) -> None:
    world, job = processed()
    upload = world.uploads.put("inbox/spring/b.csv", upload_of(OTHERS[0]) if is_other else PEOPLE)
    world.tripwire.arm(4, "before")
    with pytest.raises(CrashError):
        world.submit(upload)
    (begun,) = set(world.jobs.jobs) - {job.job_id}

    found = find(world)

    assert found.unread == {begun}
    assert [each.job_id for each in erase_found(found, world.erase_ports())] == [job.job_id]


@pytest.mark.parametrize("person", ["p@example.com", "linkedin.com/in/person-3"])
def test_the_command_says_that_a_file_is_being_read(person: str) -> None:
    world = World()
    world.clock.wait_until(datetime.now(UTC))  # as the command reads the time by itself
    upload = world.uploads.put("inbox/spring/b.csv", PEOPLE)
    world.tripwire.arm(4, "before")
    with pytest.raises(CrashError):
        world.submit(upload)

    shown = run(Erasable(world), "erase", person, "--yes")

    assert "being read now: the files of 1 job." in " ".join(shown.output.split())


def test_nothing_is_unread_once_every_file_is() -> None:
    world, _ = processed()
    world.drop(upload_of(*OTHERS), "others.csv")
    world.process(b"", "empty.csv")

    assert find(world).unread == frozenset()


def test_a_job_that_runs_without_the_person_does_not_matter() -> None:
    world, _ = processed()
    world.drop(upload_of(*OTHERS), "others.csv")

    assert len(erase(world)) == 1


def test_an_upload_is_not_taken_from_a_job_that_needs_it() -> None:
    destinations = [ToyDestination(provider="toy", list_id=number) for number in (1, 2)]
    world = World(route=route_to(*destinations))
    first, second = world.submit(world.uploads.put("inbox/spring/a.csv", PEOPLE))
    world.run(world.jobs.get(first))

    with pytest.raises(JobStillRunningError, match=second):
        erase(world)


def test_a_job_that_began_a_month_ago_may_still_run() -> None:
    world = World(route=route_to(deadline_minutes=43_200))
    world.drop(PEOPLE)
    world.clock.advance(timedelta(days=30).total_seconds())

    with pytest.raises(JobStillRunningError):
        erase(world)


LONG = {"hold": Hold(above_rows=0), "hold_hours": 720, "deadline_minutes": 43_200}
"""What lets a job last for two months."""


@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("is_approved", [True, False])
def test_a_job_that_waited_a_month_is_left_alone(*, is_approved: bool, everywhere: bool) -> None:
    world = World(route=route_to(**LONG))
    job = world.drop(PEOPLE)
    world.clock.advance(timedelta(days=29).total_seconds())
    if is_approved:
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
    world.clock.advance(timedelta(days=10).total_seconds())
    before = everything(world)

    with pytest.raises(JobStillRunningError, match=job.job_id):
        erase(world, everywhere=everywhere)

    assert everything(world) == before


def test_an_upload_is_not_taken_from_a_job_that_waited_for_a_month() -> None:
    destinations = [ToyDestination(provider="toy", list_id=number) for number in (1, 2)]
    world = World(route=route_to(*destinations, **LONG))
    first, second = world.submit(world.uploads.put("inbox/spring/a.csv", PEOPLE))
    world.clock.advance(timedelta(days=29).total_seconds())
    for job_id in (first, second):
        approve_job(job_id, world.jobs.get(job_id).plan_hash, world.hold_ports())
    world.run(world.jobs.get(first))
    world.clock.advance(timedelta(days=10).total_seconds())

    with pytest.raises(JobStillRunningError, match=second):
        erase(world)


def test_of_a_job_that_waited_for_a_month_and_has_ended_a_person_is_erased() -> None:
    world = World(route=route_to(**LONG))
    job = world.drop(PEOPLE)
    world.clock.advance(timedelta(days=29).total_seconds())
    approve_job(job.job_id, job.plan_hash, world.hold_ports())
    world.run(world.jobs.get(job.job_id))
    world.clock.advance(timedelta(days=10).total_seconds())

    assert [each.job_id for each in erase(world)] == [job.job_id]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" Ada@Example.com ", "EMAIL#ada@example.com"),
        ("https://de.linkedin.com/in/Ada-L/?x=1", "LINKEDIN#ada-l"),
        ("https://www.linkedin.com/in/zo%C3%AB", "LINKEDIN#zoë"),
        ("in/ada-l", "LINKEDIN#ada-l"),
        ("LINKEDIN#Ada-L", "LINKEDIN#ada-l"),
        ("EMAIL#Ada@Example.com", "EMAIL#ada@example.com"),
    ],
)
def test_a_person_is_named_by_address_profile_or_key(text: str, key: str) -> None:
    assert person_called(text).keys == {key}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "Ada Lovelace", "@example.com", "linkedin.com/company/acme", "a/b"),
        *("nobody", "ada-l", "josé", "LINKEDIN#", "EMAIL#", "EMAIL#ada-l", "LINKEDIN#a/b"),
    ],
)
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(NoPersonError):
        person_called(text)


def test_a_person_is_never_shown() -> None:
    shown: list[Callable[[object], str]] = [repr, str]
    assert not [show for show in shown if ADA.lower() in show(person_called(ADA)).lower()]
