"""What is advised of a file that a destination could not use: never to send to others twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listdrop.models import Job, JobState, Upload
from listdrop.notices import email as email_notice
from listdrop.notices.advice import steps, to_do
from listdrop.notices.links import NO_LINKS, Links
from listdrop.notices.upload import text
from tests.support.notices import ended, rejected
from tests.support.providers import ToyDestination
from tests.support.world import World, csv_of, route_to
from tests.unit.notices.test_upload import job_to, told

AGAIN = "Then drop the file again."
ALONE = "Then drop the file for this destination alone: listdrop drop FILE --corrects "
PAGES = Links("", "https://prospects.example")
SAYS_TO_DROP = "It is a PDF. Export the list as CSV, and drop that."


def unusable(provider: str = "kakiyo", reason: str = "no_usable_column", **more: Any) -> Job:
    more.setdefault("reason_text", "Listdrop knows none of the columns.")
    return job_to(provider, JobState.REJECTED, 0, reason=reason, **more)


def advised(job: Job, *beside: Job, later: tuple[Job, ...] = ()) -> list[str]:
    return [step.said for step in steps(job, later, (job, *beside))]


JOB = unusable()


@pytest.mark.parametrize(
    "other",
    [
        job_to("waalaxy"),
        job_to("waalaxy", JobState.PARTIAL, invalid=3),
        job_to("waalaxy", JobState.RUNNING),
        job_to("waalaxy", JobState.HELD),
        job_to("waalaxy", JobState.SKIPPED),
        job_to("waalaxy", JobState.EXPIRED, unknown=10),
        job_to("waalaxy", JobState.REJECTED, refused=10, reason="provider_auth", to_send_again=10),
    ],
    ids=lambda job: f"{job.state} {job.reason}",
)
@pytest.mark.parametrize("reason_text", ["No column is known.", SAYS_TO_DROP])
def test_where_another_job_has_its_rows_the_file_goes_to_its_destination_alone(
    other: Job, reason_text: str
) -> None:
    job = unusable(reason_text=reason_text)

    found = advised(job, other, unusable("saleshandy"))

    assert found[-1] == f"{ALONE}{job.job_id}"
    assert AGAIN not in found


@pytest.mark.parametrize("reason", ["no_usable_column", "empty_file", "no_header", "not_text"])
def test_where_nothing_of_an_upload_was_usable_it_is_dropped_again_as_a_whole(reason: str) -> None:
    jobs = [
        unusable(each, reason, reason_text="It is of no use.")
        for each in ("kakiyo", "waalaxy", "which50", "activecampaign")
    ]

    (found,) = to_do((job, steps(job, (), jobs)) for job in jobs)

    assert [step.said for step in found.steps][-1] == AGAIN
    assert len(found.jobs) == 4
    assert text(told(*jobs)).count("Then drop the file again") == 1
    assert "--corrects" not in text(told(*jobs))


@pytest.mark.parametrize("origin", ["corrects", "retry_of"])
def test_a_file_that_went_to_one_destination_does_not_go_to_all_the_second_time(
    origin: str,
) -> None:
    job = unusable(**{origin: "spring-kakiyo-00000000000000aa"})

    assert advised(job)[-1] == f"{ALONE}{job.job_id}"


def test_without_its_upload_s_jobs_it_is_for_its_destination_alone() -> None:
    elsewhere = job_to("waalaxy").model_copy(
        update={"upload": Upload(bucket="uploads", key="inbox/spring/other.csv", version_id="v1")}
    )

    assert [step.said for step in steps(JOB)][-1] == f"{ALONE}{JOB.job_id}"
    assert [step.said for step in steps(JOB, (), [elsewhere])][-1] == f"{ALONE}{JOB.job_id}"


def test_an_upload_without_a_destination_is_dropped_again() -> None:
    job = rejected("unknown_route", "There is no route sprong.").model_copy(
        update={"destination": {}}
    )

    assert [step.said for step in steps(job)][-1] == AGAIN


def test_the_other_files_of_an_archive_are_not_dropped_again() -> None:
    def table(name: str) -> Upload:
        return Upload(bucket="uploads", key="inbox/spring/all.zip", version_id="v1", table=name)

    bad, beside = unusable(upload=table("a.csv")), unusable("waalaxy", upload=table("a.csv"))
    went = job_to("waalaxy", upload=table("a.csv"))
    other = job_to("kakiyo", upload=table("b.csv"))

    assert advised(bad, beside, other)[-1] == "Then drop that file of the archive alone again."
    assert advised(bad, went, other)[-1] == (
        "Then drop that file of the archive for this destination alone: "
        f"listdrop drop FILE --corrects {bad.job_id}"
    )


# ---------------------------------------------------------------- after it was corrected


def following(state: JobState, rows: int = 5, **more: Any) -> Job:
    job_id = "spring-kakiyo-00000000000000bb"
    counts = {} if state is JobState.REJECTED else more
    job = ended(state, rows, job_id=job_id, corrects=JOB.job_id, **counts)
    return job.model_copy(update={"created_at": JOB.created_at + timedelta(hours=1)})


@pytest.mark.parametrize(
    ("later", "asks"),
    [
        (following(JobState.SUCCEEDED), []),
        (following(JobState.SKIPPED), []),
        (following(JobState.RUNNING), ["what became of it"]),
        (following(JobState.PARTIAL, invalid=2, to_correct=2), ["what became of it"]),
        (following(JobState.PARTIAL, refused=2, to_send_again=2), ["what became of it"]),
        (following(JobState.REJECTED, 0), ["what became of it"]),
    ],
    ids=lambda each: str(getattr(each, "state", "")),
)
def test_a_file_that_was_corrected_is_not_asked_for_again(later: Job, asks: list[str]) -> None:
    found = advised(JOB, job_to("waalaxy"), later=(later,))

    assert len(found) == len(asks)
    assert all(f"{asks[0]}: listdrop job {later.job_id}" in said for said in found)


def test_the_newest_correction_counts() -> None:
    first, second = following(JobState.REJECTED, 0), following(JobState.SUCCEEDED)
    second = second.model_copy(update={"created_at": first.created_at + timedelta(hours=1)})

    assert advised(JOB, later=(second, first)) == []


@pytest.mark.parametrize(
    "later",
    [
        following(JobState.SUCCEEDED).model_copy(update={"corrects": ""}),
        following(JobState.SUCCEEDED).model_copy(update={"corrects": "spring-toy-1"}),
        following(JobState.REJECTED, 0).model_copy(update={"corrects": "spring-kakiyo-2"}),
        following(JobState.SUCCEEDED).model_copy(update={"corrects": "", "retry_of": "x"}),
    ],
)
def test_a_correction_of_another_job_changes_nothing(later: Job) -> None:
    assert advised(JOB, job_to("waalaxy"), later=(later,))[-1] == f"{ALONE}{JOB.job_id}"


# ---------------------------------------------------------------- e-mails


@pytest.mark.parametrize("links", [NO_LINKS, PAGES], ids=["commands", "pages"])
def test_the_upload_s_e_mail_keeps_the_file_from_destinations_that_had_it(links: Links) -> None:
    said = text(told(JOB, job_to("waalaxy"), reasons=()), links)

    assert "Then drop the file again" not in said
    assert "- Then drop the file for Kakiyo only:" in said
    is_command = f"  listdrop drop FILE --corrects {JOB.job_id}\n" in said
    assert is_command is not bool(links.dashboard)
    if is_command:
        assert f"/inbox/spring/ --metadata listdrop-corrects={JOB.job_id}\n" in said


@pytest.mark.parametrize("links", [NO_LINKS, PAGES], ids=["commands", "pages"])
def test_a_job_s_e_mail_does_not_know_the_others_and_names_its_destination(links: Links) -> None:
    said = email_notice.text(JOB, [], links=links)

    assert "Then drop the file again" not in said
    assert "- Then drop the file for Kakiyo only:" in said


def test_what_is_dropped_so_goes_to_that_destination_alone() -> None:
    accounts = (ToyDestination(provider="toy", account=name) for name in ("default", "two"))
    world = World(route=route_to(*accounts))
    made = map(world.jobs.get, world.submit(world.uploads.put("inbox/spring/a.csv", b"")))
    job, other = sorted(map(world.run, made), key=lambda each: each.account)

    fixed = world.uploads.put("inbox/spring/b.csv", csv_of(2), corrects=job.job_id)
    (corrected,) = (world.run(world.jobs.get(each)) for each in world.submit(fixed))

    assert (corrected.account, corrected.corrects) == ("default", job.job_id)
    assert corrected.counts["confirmed"] == 2
    assert steps(other, (), [job, other])[-1].said == AGAIN
    assert steps(other, [corrected], [job, other])[-1].said == f"{ALONE}{other.job_id}"
    assert steps(job, [corrected], [job, job_to("waalaxy")]) == []
