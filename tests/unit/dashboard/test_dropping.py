from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from listdrop.costs.job_costs import cost_of_plan, sum_of
from listdrop.costs.usage import Rows
from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.visitors import Role, Visitor, looker, owner
from listdrop.jobs.staged_sending import COPYING
from listdrop.models import StoredRoute, Upload, content_key, job_id_for
from listdrop.providers import REGISTRY
from listdrop.providers.base import Rates
from tests.support.accounts import MemoryRouteBook
from tests.support.clock import ManualClock
from tests.support.containers import zipped
from tests.support.dashboards import NOW, MemoryAudit, Shelf, new_job
from tests.support.jobs import MemoryJobs
from tests.support.staging import MemoryStaging
from tests.unit.dashboard.office import Office

ADA = owner("ada")
ID = "0123456789abcdef" * 2
KAKIYO = {"provider": "kakiyo", "campaign_id": "camp_demo"}
PEOPLE = (
    b"First Name,Last Name,Email,LinkedIn URL\r\n"
    b"Ada,Lovelace,ada@example.com,https://www.linkedin.com/in/ada-lovelace\r\n"
    b"Bob,Babbage,bob@example.com,https://www.linkedin.com/in/bob-babbage\r\n"
    b"Cy,Cantor,cy@example.com,\r\n"
    b"Bob,Babbage,bob@example.com,https://www.linkedin.com/in/bob-babbage\r\n"
)


@dataclass
class Counter:
    """A dashboard in which somebody drops files, and what comes of it."""

    shelf: Shelf = field(default_factory=Shelf)
    staging: MemoryStaging = field(default_factory=MemoryStaging)
    jobs: MemoryJobs = field(default_factory=MemoryJobs)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    book: MemoryRouteBook = field(default_factory=MemoryRouteBook)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    kept_days: int = 0

    def route(self, name: str = "spring", **route: Any) -> None:
        """Write a route."""
        route = {"destinations": [KAKIYO]} | route
        kept = (each for each in self.shelf.stored_routes if each.name != name)
        self.shelf.stored_routes = [*kept, StoredRoute(name, json.dumps(route), NOW)]

    def client(self, visitor: Visitor = ADA) -> FlaskClient:
        """Return the browser of somebody."""
        office = Office(self.shelf, self.jobs, self.audit, routes=self.book)
        self.book.texts = {each.name: each.text for each in self.shelf.stored_routes}
        acts = office.ports()._replace(kept_days=self.kept_days)
        ports = office.served()._replace(staging=self.staging, clock=self.clock, acts=acts)
        return create_app(ports, Guard(visitor=visitor)).test_client()

    def post(self, content: bytes = PEOPLE, name: str = "people.csv") -> str:
        """Upload a file, as a browser does; returns the address of its page."""
        self.staging.post(ID, name, content)
        return f"/drop/{ID}"


@pytest.fixture
def counter() -> Counter:
    counter = Counter()
    counter.route()
    return counter


def fields_of(page: TestResponse, action: str) -> dict[str, Any]:
    """Return what a browser would post with one of a page's forms, as it is."""
    (form,) = (
        each
        for each in re.findall(r"<form.*?</form>", page.text, re.DOTALL)
        if f'action="{action}"' in each
    )
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]+>", form):
        name, value = (re.search(rf'{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and value and ("checkbox" not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(html.unescape(value[1]))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<\n]*)', options)
        found[name] = [html.unescape(chosen[1] or chosen[2]) if chosen else ""]
    return found


def submit(client: FlaskClient, address: str, action: str = "", **changes: Any) -> TestResponse:
    """Open a page, and press the button of the form with this action."""
    action = action or address
    fields = fields_of(client.get(address), action) | changes
    return client.post(action, data=fields, follow_redirects=True)


def send(client: FlaskClient, address: str) -> TestResponse:
    """Press Send on a file's page."""
    return submit(client, address, f"{address}/send")


def copies(counter: Counter) -> list[str]:
    """Return the keys of what was sent."""
    return [key for key, _ in counter.staging.uploads.contents if key.startswith("inbox/")]


def plain(page: TestResponse) -> str:
    """Return a page's text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


# ---------------------------------------------------------------- the file


def test_the_form_is_posted_to_the_bucket_and_ends_in_the_file(counter: Counter) -> None:
    client = counter.client()

    page = client.get("/drop")

    assert 'action="https://uploads.s3.example/"' in page.text
    form = page.text.split("data-drop", 1)[1].split("</form>", 1)[0]
    assert form.rindex('type="file"') > form.rindex('type="hidden"')
    assert 'name="success_action_redirect" value="http://localhost/drop/' in page.text
    assert "csrf_token" not in form  # the bucket takes no field that it does not know
    assert 'href="/drop"' in client.get("/").text


def test_only_the_page_with_the_form_may_post_to_the_bucket(counter: Counter) -> None:
    client = counter.client()
    address = counter.post()

    policy = client.get("/drop").headers["Content-Security-Policy"]

    assert "form-action 'self' https://uploads.s3.example/;" in policy
    assert "connect-src 'self' https://uploads.s3.example/;" in policy
    for other in ("/", address, "/drop/nonsense"):
        assert "s3.example" not in client.get(other).headers["Content-Security-Policy"]


def test_two_pages_are_two_places(counter: Counter) -> None:
    client = counter.client()
    places = {re.search(r"staged/(\w+)/", client.get("/drop").text)[1] for _ in range(2)}  # type: ignore[index] # it is there
    assert len(places) == 2


@pytest.mark.parametrize("visitor", [looker("eve"), Visitor("eve")], ids=["looks", "nothing"])
def test_who_may_not_drop_sees_nothing_of_it(counter: Counter, visitor: Visitor) -> None:
    client = counter.client(visitor)
    address = counter.post()

    assert 'href="/drop"' not in client.get("/routes").text
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/drop").status_code == 403
    assert client.get(address).status_code == 403
    assert client.post(address, data={"route": "spring"}).status_code == 403
    assert client.post(f"{address}/send").status_code == 403
    assert not counter.staging.decided
    assert not copies(counter)


def test_a_dashboard_without_staging_has_no_such_page(counter: Counter) -> None:
    client = create_app(counter.shelf.ports(), Guard(visitor=ADA)).test_client()
    assert client.get("/drop").status_code == 404
    assert 'href="/drop"' not in client.get("/").text


def test_a_file_that_did_not_arrive_is_not_there(counter: Counter) -> None:
    page = counter.client().get(f"/drop/{ID}")
    assert page.status_code == 404
    assert "There is no file here" in page.text
    assert counter.client().get("/drop/../../etc").status_code == 404


# ---------------------------------------------------------------- the preview


def test_a_preview_says_what_each_provider_gets_and_what_not(counter: Counter) -> None:
    page = counter.client().get(counter.post())

    said = plain(page)
    assert "2 rows to send , 1 duplicate , 1 invalid ." in said
    assert "missing_linkedin" in said
    assert "Sending takes 1 request." in said
    assert "header in line 1" in said
    assert not copies(counter)


def test_that_nothing_has_been_sent_is_said_once(counter: Counter) -> None:
    client = counter.client()
    said = plain(submit(client, counter.post()))

    assert "Nothing has been sent yet. This is what would be sent." in said
    assert said.count("what would be") == said.lower().count("nothing has been sent") == 1
    assert "is sent yet" not in said


def test_of_a_file_that_would_be_rejected_nothing_is_said_to_be_sent(counter: Counter) -> None:
    said = plain(counter.client().get(counter.post(b"")))

    assert "It would be rejected" in said
    assert "This is what would be sent" not in said


def test_a_preview_says_what_sending_costs_as_check_does(counter: Counter) -> None:
    rows = Rows(4, 1, "all")
    words = cost_of_plan("kakiyo", 1, rows).words
    said = plain(counter.client().get(counter.post()))
    assert f"It costs {words}, including status checks" in said
    assert "in all" not in said

    counter.route("spring", destinations=[KAKIYO, KAKIYO | {"campaign_id": "other"}])
    both = sum_of([cost_of_plan("kakiyo", 1, rows)] * 2).words
    said = plain(counter.client().get(f"/drop/{ID}"))
    assert f"as shown here, and costs {both} in all." in said


def test_a_deadline_that_is_too_short_is_said(counter: Counter) -> None:
    counter.route("spring", deadline_minutes=0.01)
    said = plain(counter.client().get(counter.post()))
    assert "The rate of Kakiyo allows this in no less than" in said


@pytest.mark.parametrize(("kept_days", "is_short"), [(0, False), (90, False), (1, True)])
def test_a_plan_that_needs_longer_than_it_is_kept_is_said(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, kept_days: int, *, is_short: bool
) -> None:
    monkeypatch.setattr(REGISTRY["kakiyo"], "rates", Rates(send_gap=20 * 3600, poll_gap=1))
    counter.kept_days = kept_days
    said = plain(counter.client().get(counter.post()))
    assert ("the deadline is after 1,440 min" in said) == is_short


def test_addresses_and_names_are_hidden_until_asked_for(counter: Counter) -> None:
    client, address = counter.client(), counter.post()

    hidden, shown = client.get(address).text, client.get(f"{address}?show=1").text

    for text in ("ada@example.com", "ada-lovelace", "Lovelace"):
        assert text not in hidden
        assert text in shown


@pytest.mark.parametrize(
    "address",
    [
        "ada(at)example.com",
        "ada lovelace",
        "a.lovelace [ät] beispiel.de",
        "ada·example·com",
        "アダ",
    ],
)
@pytest.mark.parametrize("header", ["E-Mail", "LinkedIn"])
def test_what_should_be_an_address_is_hidden_too(
    counter: Counter, header: str, address: str
) -> None:
    content = f"{header},Firma\n{address},Größe & Söhne\n"
    client, page = counter.client(), counter.post(content.encode())

    hidden, shown = client.get(page).text, client.get(f"{page}?show=1").text

    assert address not in hidden
    assert address in shown
    assert "Größe &amp; Söhne" in hidden


def test_of_several_routes_the_visitor_chooses(counter: Counter) -> None:
    counter.route("autumn", destinations=[{"provider": "saleshandy", "step_id": "stepDemo01"}])
    client, address = counter.client(), counter.post()
    first = client.get(address)
    assert "to send" not in first.text

    page = submit(client, address, route=["spring", "autumn"])

    assert "kakiyo" in page.text
    assert "saleshandy" in page.text
    assert counter.staging.decided[ID].routes == ("autumn", "spring")


def test_routes_of_others_are_not_there(counter: Counter) -> None:
    counter.route("autumn")
    mine = Visitor("bob", {"spring": frozenset({Role.DROP})})
    client, address = counter.client(mine), counter.post()
    assert "autumn" not in client.get(address).text

    submit(client, address, route=["spring", "autumn"])
    assert counter.staging.decided[ID].routes == ("spring",)

    submit(counter.client(), address, route=["autumn"])
    assert client.get(address).status_code == 403


def test_what_was_sent_before_is_said(counter: Counter) -> None:
    counter.route(destinations=[KAKIYO])
    client, address = counter.client(), counter.post()
    destination = REGISTRY["kakiyo"].destination_model.model_validate(KAKIYO)
    job = new_job(1)
    counter.jobs.jobs[job.job_id] = job
    content = content_key(hashlib.sha256(PEOPLE).hexdigest(), destination)
    counter.staging.claims[content] = job.job_id

    page = client.get(address)

    assert "The same content was dropped before" in page.text
    assert f'href="/jobs/{job.job_id}"' in page.text
    assert f'action="{address}/send"' not in page.text


# ---------------------------------------------------------------- the mapping


def test_a_column_is_mapped_and_the_preview_follows(counter: Counter) -> None:
    table = b"Wer,Seite\r\nAda,https://www.linkedin.com/in/ada\r\n"
    client, address = counter.client(), counter.post(table)
    before = client.get(address)
    assert "It would be rejected" in before.text
    assert f'action="{address}/send"' not in before.text

    page = submit(client, address, **{"column-2": "linkedin_url", "column-1": "first_name"})

    assert "1 row to send" in plain(page)
    assert counter.staging.decided[ID].columns == {"Wer": "first_name", "Seite": "linkedin_url"}
    assert fields_of(page, address)["column-2"] == ["linkedin_url"]


def test_a_column_is_left_out_or_keeps_its_own_name(counter: Counter) -> None:
    client, address = counter.client(), counter.post()

    submit(client, address, **{"column-1": "-", "column-3": "="})
    assert counter.staging.decided[ID].columns == {"First Name": None, "Email": "Email"}

    submit(client, address, **{"column-1": ""})
    assert counter.staging.decided[ID].columns == {"Email": "Email"}


def remember(counter: Counter, chosen: dict[str, str], **route: Any) -> str:
    """Map columns, and have the route remember that; returns what the next page says."""
    counter.route(**route)
    client, address = counter.client(), counter.post(b"Wer,Seite,emial\r\nAda,x,y\r\n")
    submit(client, address, **chosen)
    page = submit(client, address, f"{address}/remember", route="spring")
    return plain(page)


def test_a_route_remembers_what_was_chosen_beside_its_own(counter: Counter) -> None:
    columns = {"Other": "notes", "wer": "company"}
    said = remember(
        counter, {"column-1": "first_name", "column-2": "-"}, columns=columns, retention_days=3
    )

    assert "The route spring knows these columns from now on." in said
    written = json.loads(counter.book.texts["spring"])
    assert written["columns"] == {"Other": "notes", "Wer": "first_name", "Seite": None}
    assert written["retention_days"] == 3
    assert [(each.what, each.subject) for each in counter.audit.acts] == [
        ("write the route", "ROUTE#spring")
    ]


def test_what_cannot_be_meant_is_not_remembered(counter: Counter) -> None:
    said = remember(counter, {"column-1": "first_name", "column-3": "="})
    assert "did you mean email?" in said
    assert "columns" not in json.loads(counter.book.texts["spring"])
    assert not counter.audit.acts


def test_only_an_administrator_has_a_route_remember(counter: Counter) -> None:
    bob = Visitor("bob", {"*": frozenset({Role.DROP})})
    client, address = counter.client(bob), counter.post()
    submit(client, address, **{"column-1": "-"})
    before = counter.book.texts["spring"]

    assert "Remember it" not in client.get(address).text
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"{address}/remember", data={"route": "spring"}).status_code == 403
    assert counter.book.texts["spring"] == before


# ---------------------------------------------------------------- sending


def test_sending_copies_the_file_as_it_was_looked_at(counter: Counter) -> None:
    client, address = counter.client(), counter.post()

    page = send(client, address)

    assert copies(counter) == ["inbox/spring/people.csv"]
    (sent,) = counter.staging.decided[ID].sent
    assert (sent.route, sent.version_id) == ("spring", "c2")
    assert counter.staging.decided[ID].who == "ada"
    assert "being read" in page.text
    acts = [(each.who, each.what, each.subject.partition("-")[0]) for each in counter.audit.acts]
    assert acts == [("ada", "drop", f"STAGED#{ID}"), ("ada", "drop", "JOB#spring")]


@pytest.mark.parametrize("table", ["", "lists/first.csv"], ids=["file", "archive"])
def test_what_is_sent_is_recorded_for_the_jobs_that_submit_makes_of_it(
    counter: Counter, table: str
) -> None:
    content = zipped({table: PEOPLE, "second.csv": PEOPLE}) if table else PEOPLE
    client, address = counter.client(), counter.post(content, "people.zip" if table else "a.csv")

    send(client, address)

    (sent,) = counter.staging.decided[ID].sent
    upload = Upload(bucket="uploads", key=sent.key, version_id=sent.version_id, table=table)
    kakiyo = REGISTRY["kakiyo"].destination_model.model_validate(KAKIYO)
    job_id = job_id_for(upload, "spring", kakiyo)
    assert counter.audit.acts[-1].subject == f"JOB#{job_id}"
    counter.shelf.put(new_job(job_id=job_id, upload=upload))
    assert client.get(address).location == f"/uploads/{job_id}"


def test_the_page_of_what_is_sent_leads_to_the_upload(counter: Counter) -> None:
    client, address = counter.client(), counter.post()
    send(client, address)
    job_id = counter.audit.acts[-1].subject.removeprefix("JOB#")
    copy = Upload(bucket="uploads", key="inbox/spring/people.csv", version_id="c2")
    counter.shelf.put(new_job(job_id=job_id, upload=copy))

    page = client.get(address)

    assert page.status_code == 303
    assert page.location == f"/uploads/{job_id}"


def test_nothing_is_sent_twice(counter: Counter) -> None:
    client, address = counter.client(), counter.post()
    fields = fields_of(client.get(address), f"{address}/send")
    for _ in range(2):
        client.post(f"{address}/send", data=fields)
    assert len(copies(counter)) == 1
    page = client.post(address, data=fields | {"route": "spring"}, follow_redirects=True)
    assert "sent already" in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda counter: counter.post(PEOPLE[:-40]), "another file was uploaded in its place"),
        (lambda counter: counter.route(retention_days=3), "the route spring was changed"),
        (
            lambda counter: submit(counter.client(), f"/drop/{ID}", **{"column-1": "-"}),
            "the mapping of its columns was changed",
        ),
    ],
    ids=["file", "route", "mapping"],
)
def test_what_changed_since_the_look_is_not_sent(counter: Counter, change: Any, said: str) -> None:
    client, address = counter.client(), counter.post()
    fields = fields_of(client.get(address), f"{address}/send")

    change(counter)
    page = client.post(f"{address}/send", data=fields, follow_redirects=True)

    assert f"Nothing was sent: since you looked, {said}." in plain(page)
    assert not copies(counter)
    assert send(client, address)
    assert len(copies(counter)) == 1


def test_other_routes_than_those_looked_at_get_nothing(counter: Counter) -> None:
    counter.route("autumn")
    client, address = counter.client(), counter.post()
    page = submit(client, address, route=["spring"])
    fields = fields_of(page, f"{address}/send")
    submit(client, address, route=["spring", "autumn"])

    page = client.post(f"{address}/send", data=fields, follow_redirects=True)

    assert "other routes were chosen" in page.text
    assert not copies(counter)


def test_a_form_of_another_site_sends_nothing(counter: Counter) -> None:
    client, address = counter.client(), counter.post()
    for action in (address, f"{address}/send"):
        fields = fields_of(client.get(address), action) | {"csrf_token": "made-up"}
        assert client.post(action, data=fields).status_code == 400
    assert not copies(counter)


def cut_off(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, error: Exception, at: str
) -> tuple[FlaskClient, str, int]:
    """Send a file to two routes, which breaks off at one; returns also the answer's status."""
    counter.route("autumn")
    client, address = counter.client(), counter.post()
    submit(client, address, route=["spring", "autumn"])
    fields = fields_of(client.get(address), f"{address}/send")
    copy = counter.staging.copy

    def broken(upload: Upload, staged_id: str, key: str) -> str:
        if at in key:
            raise error
        return copy(upload, staged_id, key)

    with monkeypatch.context() as patched:
        patched.setattr(counter.staging, "copy", broken)
        status = client.post(f"{address}/send", data=fields).status_code
    return client, address, status


def test_where_the_first_copy_is_refused_nothing_is_claimed(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address, status = cut_off(counter, monkeypatch, PermissionError(), "inbox/")
    assert status == 403
    assert [each.outcome for each in counter.audit.acts] == ["", "failed"]
    send(client, address)
    assert len(copies(counter)) == 2


def test_a_sending_that_was_cut_off_is_said_and_goes_on(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address, status = cut_off(counter, monkeypatch, OSError("no answer"), "spring")
    assert status == 500
    assert "being sent…" in plain(client.get(address))
    assert f"{address}/rest" not in client.get(address).text
    counter.clock.advance(COPYING.total_seconds())

    page = client.get(address)

    assert "cut off before the file reached spring" in plain(page)
    assert "autumn: being read… spring: not sent" in plain(page).replace(" :", ":")
    counter.audit.acts.clear()
    assert "The rest is sent." in plain(submit(client, address, f"{address}/rest"))
    assert copies(counter) == ["inbox/autumn/people.csv", "inbox/spring/people.csv"]
    whole, job = counter.audit.acts
    assert (whole.subject, whole.detail) == (f"STAGED#{ID}", "the rest")
    assert job.subject.startswith("JOB#spring-")
    assert f"{address}/rest" not in client.get(address).text


def test_a_rest_that_is_not_what_was_looked_at_is_not_sent(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address, _ = cut_off(counter, monkeypatch, OSError("no answer"), "spring")
    counter.clock.advance(COPYING.total_seconds())
    counter.route("autumn", row_items="bad")
    client = counter.client()
    fields = fields_of(client.get(address), f"{address}/rest")

    page = client.post(f"{address}/rest", data=fields, follow_redirects=True)
    assert "since the file was sent, the route autumn was changed" in plain(page)
    assert len(copies(counter)) == 1

    assert counter.client(looker("eve")).get(address).status_code == 403
    monkeypatch.setattr(counter.staging, "file", lambda _: None)
    page = client.post(f"{address}/rest", data=fields, follow_redirects=True)
    assert "The file is gone" in plain(page)
    assert len(copies(counter)) == 1


# ---------------------------------------------------------------- hostile files

EVIL = "<script>alert(1)</script>"


def test_headers_and_cells_are_text(counter: Counter) -> None:
    table = f'Email,"{EVIL}","a""b"\r\nada@example.com,{EVIL},"{EVIL}"\r\n'.encode()
    page = counter.client().get(f"{counter.post(table)}?show=1")
    assert EVIL not in page.text
    assert html.escape(EVIL) in page.text


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("../../etc/passwd", "inbox/spring/passwd"),
        ("..", "inbox/spring/upload"),
        ("a\x00b\x1f\u202e.csv", "inbox/spring/a_b__.csv"),
        ("C:\\lists\\mine.csv", "inbox/spring/mine.csv"),
        ("x" * 900 + ".csv", "inbox/spring/" + "x" * 160 + "…" + "x" * 35 + ".csv"),
        (EVIL, "inbox/spring/script>"),
    ],
    ids=["up", "dots", "control", "windows", "long", "script"],
)
def test_a_name_is_made_harmless(counter: Counter, name: str, key: str) -> None:
    client, address = counter.client(), counter.post(name=name)
    assert EVIL not in client.get(address).text
    send(client, address)
    assert copies(counter) == [key]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "empty_file"),
        (b"%PDF-1.7 \x00\x01", "a.pdf", "unsupported_file"),
        (b"PK\x03\x04broken", "a.xlsx", "bad_archive"),
        (b"\x1f\x8bbroken", "a.csv.gz", "bad_archive"),
        (b"\x00\x01\x02\xff" * 99, "a.csv", "not_text"),
        (PEOPLE, ".DS_Store", "unsupported_file"),
        (b'Email\r\n"open', "a.csv", "unreadable_quoting"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_used_is_explained(
    counter: Counter, content: bytes, name: str, reason: str
) -> None:
    client, address = counter.client(), counter.post(content, name)

    page = client.get(address)

    assert page.status_code == 200
    assert f"It would be rejected: <bdi>{reason}" in page.text.replace("</strong>", "")
    assert f'action="{address}/send"' not in page.text


def test_a_route_that_cannot_be_used_is_explained(counter: Counter) -> None:
    counter.shelf.stored_routes = [StoredRoute("spring", "{", NOW)]
    page = counter.client().get(counter.post())
    assert "bad_route" in page.text


MOST_BYTES = 150_000
"""Of a page; its style and its script come to it."""


def test_a_page_stays_small_however_wide_and_bad_the_file(counter: Counter) -> None:
    header = ",".join(f"Column {number} {'x' * 99}" for number in range(1_900))
    rows = "".join(f"no{number},{'y' * 99}\r\n" for number in range(400))
    destinations = [KAKIYO | {"campaign_id": f"c{number}"} for number in range(6)]
    counter.route(destinations=destinations)

    page = counter.client().get(counter.post(f"Email,{header}\r\n{rows}".encode()))

    assert page.status_code == 200
    assert len(page.data) < MOST_BYTES


@pytest.mark.parametrize("routes", [1, 60])
def test_a_page_stays_small_however_many_routes_and_long_headers(
    counter: Counter, routes: int
) -> None:
    names = [f"route{number}" for number in range(routes)]
    counter.shelf.stored_routes = []
    for name in names:
        counter.route(name)
    header = ",".join(f"Column {number} {'<' * 180}" for number in range(200))
    rows = "".join(f"no{number},{'y' * 99}\r\n" for number in range(400))
    client, address = (
        counter.client(),
        counter.post(f"Email,Profile URL,{header}\r\n{rows}".encode()),
    )

    page = submit(client, address, route=names)

    assert page.status_code == 200
    assert "more, which are used as they are found" in page.text
    assert len(page.data) < 200_000
