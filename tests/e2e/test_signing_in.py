"""The deployed dashboard where people sign in: its address, session, rights and acts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from listdrop.aws import keys
from listdrop.aws.items import job_item
from listdrop.models import JobState
from local.deploy import client, deploy, session
from local.engine import Engine
from tests.support.dashboards import new_job
from tests.support.identity import CLIENT, Issuer, running
from tests.support.waiting import PATIENCE

# In one process with those of IAM: side by side, two engines that check each call are too slow.
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("iam")]

COOKIE = "__Host-listdrop"


@dataclass
class Hosted:
    """A stack with a public dashboard, on an engine that checks every call."""

    url: str
    outputs: dict[str, str]
    issuer: Issuer

    @property
    def table(self) -> Any:
        resource = session().resource("dynamodb", endpoint_url=self.url)
        return resource.Table(self.outputs["JobsTable"])


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with (
        running(Issuer(secret="a-secret")) as issuer,
        Engine(tmp_path_factory.mktemp("engine"), enforce_iam=True) as engine,
    ):
        client("secretsmanager", engine.url).create_secret(
            Name="sign-in-client", SecretString=issuer.secret
        )
        more = {
            "SignInIssuer": issuer.url,
            "SignInClient": CLIENT,
            "SignInClientSecret": "sign-in-client",
            "SignInRolesClaim": "roles",
        }
        yield Hosted(engine.url, deploy(engine.url, as_in_prod=True, more=more), issuer)


@dataclass
class Browser:
    """Asks the dashboard's address, with no signature, and keeps the session."""

    hosted: Hosted
    session: str = ""
    last: requests.Response = field(init=False)

    @property
    def site(self) -> str:
        return self.hosted.outputs["DashboardUrl"].rstrip("/")

    def ask(self, path: str, method: str = "GET", **fields: str) -> requests.Response:
        self.last = requests.request(
            method,
            self.hosted.url + path.removeprefix(self.site),
            data=fields or None,
            headers={
                "Host": urlsplit(self.site).netloc,
                "Cookie": f"{COOKIE}={self.session}",
                "Referer": f"{self.site}/",
                "X-Forwarded-Host": "evil.example",
            },
            allow_redirects=False,
            timeout=PATIENCE,
        )
        cookie = re.search(rf"{COOKIE}=([^;]*)", self.last.headers.get("Set-Cookie", ""))
        self.session = cookie[1] if cookie else self.session
        return self.last

    def sign_in(self, *roles: str) -> requests.Response:
        """Open the first page, and go where that leads."""
        self.hosted.issuer.claims["roles"] = list(roles)
        on = self.ask(self.ask("/").headers["Location"]).headers["Location"]
        back = requests.get(on, allow_redirects=False, timeout=PATIENCE).headers["Location"]
        assert back.startswith(f"{self.site}/sign-in/back?")
        return self.ask(back)


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
    hosted.table.put_item(Item=job_item(job))
    viewer, dropper = Browser(hosted), Browser(hosted)
    viewer.sign_in("look", "drop:autumn")
    dropper.sign_in("drop:spring")
    address = f"/jobs/{job.job_id}/cancel"

    assert viewer.ask(address).status_code == 403
    *_, token = tokens(dropper.ask(address))
    done = dropper.ask(address, "POST", csrf_token=token)

    assert done.status_code == 303, done.text
    item = hosted.table.get_item(Key=keys.job(job.job_id))["Item"]
    assert item["stop_reason"] == "cancelled"
    assert "Who did what" in dropper.ask(f"/jobs/{job.job_id}").text


def tokens(page: requests.Response) -> list[str]:
    """Return the tokens of a page's forms."""
    return re.findall(r'name="csrf_token" value="([^"]+)"', page.text)


def test_signing_out_ends_the_session(hosted: Hosted) -> None:
    browser = Browser(hosted)
    browser.sign_in("look")
    token, *_ = tokens(browser.ask("/person"))

    assert browser.ask("/sign-out", "POST", csrf_token=token).status_code == 200
    assert browser.ask("/").status_code == 303
