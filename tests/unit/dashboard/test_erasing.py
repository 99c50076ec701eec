"""A person is erased in a browser, which names them as seldom as it can."""

from __future__ import annotations

import pytest

from listdrop.dashboard.visitors import Role
from listdrop.models import Job
from tests.support.fallible import CrashError
from tests.support.world import World, csv_of
from tests.unit.dashboard.office import Office, act, fields_of, somebody

ASK = "/person/erase?who=p2@example.com"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def office(world: World) -> Office:
    return Office(jobs=world.jobs, files=world.files, uploads=world.uploads)


@pytest.fixture
def job(world: World) -> Job:
    return world.process(csv_of(3))


def test_it_says_where_the_person_is_and_erases_once_the_name_is_typed_again(
    office: Office, job: Job
) -> None:
    client = office.client()
    assert 'href="/person/erase?who=' in client.get("/person?who=p2@example.com").text
    asked = client.get(ASK)
    for said in (
        "1 row in 1 job",
        job.job_id,
        job.upload.key,
        "1 upload that has the rows is deleted entirely",
        "Files in staged/ that nobody sent are not searched: they go within two days.",
    ):
        assert said in asked.text, said

    page = act(client, ASK, again=" P2@Example.com")

    assert "Erased: 1 row in 1 job; deleted: 1 upload." in page.text
    assert (job.upload.key, job.upload.version_id) not in office.uploads.contents
    assert b"p2@example.com" not in office.files.content[job.job_id, "results.csv"]
    assert office.acts == [
        ("ada", "erase a person", subject, "") for subject in ("STACK", f"JOB#{job.job_id}")
    ]
    assert "erase a person" in client.get(f"/uploads/{job.job_id}").text
    assert "p2" not in repr(office.audit.acts)
    assert "Nothing was found" in client.get(ASK, follow_redirects=True).text


@pytest.mark.parametrize(
    "again", ["", "p1@example.com", "p2", "linkedin.com/in/p1", "p2@example.com, p1@example.com"]
)
def test_without_the_name_nothing_is_erased(office: Office, job: Job, again: str) -> None:
    page = act(office.client(), ASK, again=again)
    assert "Nothing was erased: what you typed is not this person" in page.text
    assert "Type the e-mail address or profile again" in page.text
    assert job.job_id in page.text
    assert (job.upload.key, job.upload.version_id) in office.uploads.contents
    assert not office.audit.acts


@pytest.mark.parametrize("who", ["a+b", "nobody", "ada-l", "LINKEDIN%23", ""])
def test_what_names_nobody_is_a_sentence(office: Office, who: str) -> None:
    page = office.client().get(f"/person/erase?who={who}", follow_redirects=True)
    assert "neither an e-mail address nor a LinkedIn profile" in page.text


READ = "Not searched, because they are being read now: the files of 1 job. Erase again later."


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_being_read_is_named_as_not_searched(
    office: Office, world: World, *, is_there: bool
) -> None:
    world.process(csv_of(3) if is_there else csv_of(3, first=50))
    client = office.client()
    assert READ not in client.get(ASK, follow_redirects=True).text
    upload = world.uploads.put("inbox/spring/b.csv", csv_of(2))
    world.tripwire.arm(4, "before")
    with pytest.raises(CrashError):
        world.submit(upload)

    assert READ in client.get(ASK, follow_redirects=True).text
    if is_there:
        assert READ in act(client, ASK, again="p2@example.com").text


def test_a_job_that_runs_is_waited_for(office: Office, world: World, job: Job) -> None:
    client = office.client()
    fields = fields_of(client.get(ASK)) | {"again": ["p2@example.com"]}
    running = world.drop(csv_of(3), "b.csv")

    for page in (
        client.get(ASK, follow_redirects=True),
        client.post("/person/erase", data=fields, follow_redirects=True),
    ):
        assert f"Job {running.job_id} has not ended" in page.text
    assert (job.upload.key, job.upload.version_id) in office.uploads.contents


@pytest.mark.parametrize("role", [Role.LOOK, Role.DROP, Role.APPROVE, Role.ADMIN])
def test_only_those_who_administer_everything_may(office: Office, job: Job, role: Role) -> None:
    client = office.client(somebody(role))
    client.application.config["WTF_CSRF_ENABLED"] = False
    fields = {"who": "p2@example.com", "again": "p2@example.com"}

    assert "/person/erase" not in client.get("/person?who=p2@example.com").text
    assert client.get(ASK).status_code == 403
    assert client.post("/person/erase", data=fields).status_code == 403
    assert (job.upload.key, job.upload.version_id) in office.uploads.contents
