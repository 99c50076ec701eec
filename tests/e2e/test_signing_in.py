"""The deployed dashboard where people sign in: its address, session, rights and acts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from listdrop.aws import keys
from listdrop.aws.items import job_item
from listdrop.models import JobState
from local.deploy import client, deploy
from local.engine import Engine
from local.stack import Stack
from tests.support.dashboards import new_job
from tests.support.hosting import SECRET, Browser, Hosted, sign_in_parameters, tokens
from tests.support.identity import Issuer, running

# In one process with those of IAM: side by side, two engines that check each call are too slow.
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("iam")]


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with (
        running(Issuer(secret="a-secret")) as issuer,
        Engine(tmp_path_factory.mktemp("engine"), enforce_iam=True) as engine,
    ):
        client("secretsmanager", engine.url).create_secret(Name=SECRET, SecretString=issuer.secret)
        outputs = deploy(engine.url, as_in_prod=True, more=sign_in_parameters(issuer))
        yield Hosted(Stack(engine.url, outputs), issuer)


def test_nobody_sees_anything_before_a_sign_in(hosted: Hosted) -> None:
    browser = Browser(hosted)

    assert browser.ask("/routes").status_code == 303
    assert browser.last.headers["Location"] == "/sign-in?next=/routes"
    assert browser.last.headers["X-Frame-Options"] == "DENY"
    assert browser.ask("/jobs/a/cancel", "POST").status_code == 403


def test_who_has_a_role_sees_every_page(hosted: Hosted) -> None:
    browser = Browser(hosted)

    assert browser.sign_in("look").headers["Location"] == "/"
    # Not those that list routes: the engine decides about that as if it were about all paths.
    assert [browser.ask(page).status_code for page in ("/jobs", "/person")] == [200, 200]


def test_who_has_none_sees_nothing(hosted: Hosted) -> None:
    browser = Browser(hosted)

    assert browser.sign_in("boss").status_code == 403
    assert browser.ask("/").status_code == 303


def test_an_act_is_done_by_who_may_and_is_recorded(hosted: Hosted) -> None:
    job = new_job(job_id=uuid.uuid4().hex, state=JobState.RUNNING)
    hosted.stack.table.put_item(Item=job_item(job))
    viewer, dropper = Browser(hosted), Browser(hosted)
    viewer.sign_in("look", "drop:autumn")
    dropper.sign_in("drop:spring")
    address = f"/jobs/{job.job_id}/cancel"

    assert viewer.ask(address).status_code == 403
    *_, token = tokens(dropper.ask(address))
    done = dropper.ask(address, "POST", csrf_token=token)

    assert done.status_code == 303, done.text
    item = hosted.stack.table.get_item(Key=keys.job(job.job_id))["Item"]
    assert item["stop_reason"] == "cancelled"
    assert "Who did what" in dropper.ask(f"/jobs/{job.job_id}").text


def test_signing_out_ends_the_session(hosted: Hosted) -> None:
    browser = Browser(hosted)
    browser.sign_in("look")
    token, *_ = tokens(browser.ask("/person"))

    assert browser.ask("/sign-out", "POST", csrf_token=token).status_code == 200
    assert browser.ask("/").status_code == 303
