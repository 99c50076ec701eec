"""Everything that people do in the hosted dashboard, with each call of its function checked.

Every act is done over the function's address, by somebody who has signed in with the least role for
it. Then each right of the function is taken away, and the act that it is for is refused.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
import requests

from listdrop.aws.items import job_item
from listdrop.aws.staging import AwsStaging
from listdrop.models import Job, JobState, Sent, Staged, Upload, job_id_for
from listdrop.providers.kakiyo import Kakiyo
from local.stack import LocalStack
from tests.e2e.test_iam import policy_with, role_of
from tests.support.dashboards import new_job
from tests.support.hosting import SECRET, Browser, Hosted, sign_in_parameters
from tests.support.identity import Issuer, running
from tests.support.routes import Item, Route, person, table_text
from tests.support.waiting import PATIENCE, until
from tools.expanded import as_list, statements, without_loops

# In one process with those of IAM: side by side, engines that check each call are too slow.
pytestmark = [pytest.mark.engine, pytest.mark.soak, pytest.mark.xdist_group("iam")]

TO = {"provider": "kakiyo", "campaign_id": "camp_demo"}
DASHBOARD = "DashboardFunction"
PEOPLE = table_text(person("ada"), person("bo"))
MAPPED = (
    b"Wer,Profil,Notiz\r\n"
    b"Ada Lovelace,https://www.linkedin.com/in/ada-kanarie,met\r\n"
    b"Bo Kanarie,,met\r\n"
)


@dataclass
class Office:
    """The hosted dashboard, and people with a role each."""

    hosted: Hosted

    @property
    def stack(self) -> Any:
        return self.hosted.stack

    @cached_property
    def people(self) -> dict[str, Browser]:
        """Who has signed in, by role."""
        found = {role: Browser(self.hosted) for role in ("drop:spring", "approve:spring", "admin")}
        for role, browser in found.items():
            browser.sign_in(role, name=role.partition(":")[0])
        return found

    @property
    def dropper(self) -> Browser:
        return self.people["drop:spring"]

    @property
    def approver(self) -> Browser:
        return self.people["approve:spring"]

    @property
    def admin(self) -> Browser:
        return self.people["admin"]

    def job(self, **members: Any) -> str:
        """Put a job there; returns its id."""
        bucket = self.stack.outputs["UploadsBucket"]
        upload = Upload(bucket=bucket, key="inbox/spring/a.csv", version_id=uuid.uuid4().hex)
        given: Item = {"upload": upload, "job_id": _job_id(upload)}
        given["created_at"] = datetime.now(UTC)
        job: Job = new_job(**(given | members))
        self.stack.table.put_item(Item=job_item(job))
        return job.job_id

    def held(self) -> str:
        """Put a job there that waits for an answer."""
        until = datetime.now(UTC) + timedelta(days=1)
        return self.job(state=JobState.HELD, plan_hash="0" * 16, held_until=until)

    def ended(self) -> str:
        """Put a job there with rows to correct and to send again."""
        counts = {"rows": 3, "confirmed": 1, "invalid": 1, "refused": 1}
        job_id = self.job(counts=counts, to_correct=1, to_send_again=1)
        self.stack.client("s3").put_object(
            Bucket=self.stack.outputs["ResultsBucket"],
            Key=f"jobs/{job_id}/retry.csv",
            Body=f"Email,listdrop_job\r\na@example.com,{job_id}\r\n".encode(),
        )
        return job_id

    def posted(self, browser: Browser, content: bytes = b"", name: str = "a.csv") -> str:
        """Post a file to the bucket, as the browser does; returns its page's address.

        Without content it has somebody new: nobody is sent twice, so nothing else would be left.
        """
        content = content or table_text(person(f"new{uuid.uuid4().hex[:8]}"))
        page = browser.ask("/drop")
        if page.status_code != 200:
            raise DeniedError(page)
        form = re.findall(r'<form method="post" action="([^"]+)"(.*?)</form>', page.text, re.DOTALL)
        ((address, inside),) = [each for each in form if "data-drop" in each[1]]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside))
        answer = requests.post(
            address,
            data=hidden,
            files={"file": (name, content)},
            allow_redirects=False,
            timeout=PATIENCE,
        )
        if answer.status_code != 303:
            raise DeniedError(answer)
        return str(re.findall(r"/drop/[0-9a-f]{32}", answer.headers["Location"])[0])

    def chosen(self, browser: Browser, columns: dict[str, str], content: bytes) -> str:
        """Post a file, and say what its columns are; returns its page's address."""
        address = self.posted(browser, content, "mapped.csv")
        fields: Item = {"route": "spring"}
        for number, (header, choice) in enumerate(columns.items(), 1):
            fields |= {f"header-{number}": header, f"column-{number}": choice}
        shown = browser.act(address, address, **fields)
        if "This is what would be sent" not in shown.text:
            raise DeniedError(shown)
        return address


class DeniedError(Exception):
    """A page was not as it should be: the answer."""


def said_by_the_function(office: Office) -> list[str]:
    """Return what the function has logged of AWS."""
    logs = office.stack.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="/aws/lambda/listdrop-dashboard"
    )
    texts = [event["message"] for page in pages for event in page["events"]]
    return [text for text in texts if "AWS" in text][-3:]


def _job_id(upload: Upload) -> str:
    return job_id_for(upload, "spring", Kakiyo.destination_model.model_validate(TO))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("hosted")
    with running(Issuer(secret="a-secret")) as issuer:
        more = sign_in_parameters(issuer)
        with LocalStack(home=home, wait_scale=0.02, as_in_prod=True, more=more) as stack:
            stack.client("secretsmanager").create_secret(Name=SECRET, SecretString=issuer.secret)
            for name in ("spring", "quiet"):
                stack.put_route(name, {"destinations": [TO]})
            widen(stack)
            yield Office(Hosted(stack, issuer))


def widen(stack: LocalStack) -> None:
    """Let `ListRoutes` be for any path: the engine never asks for the one it lists. AWS does."""
    change(stack, "ListRoutes", lambda statement: statement | {"Resource": "*"})


def change(stack: Any, sid: str, how: Callable[[Item], Item]) -> Item:
    """Change a statement of the function's role; returns it as it was."""
    iam, role = stack.client("iam"), role_of(stack, DASHBOARD)
    place = {"RoleName": role, "PolicyName": policy_with(stack, DASHBOARD, sid)}
    document = iam.get_role_policy(**place)["PolicyDocument"]
    (before,) = [each for each in document["Statement"] if each["Sid"] == sid]
    after = [how(each) if each["Sid"] == sid else each for each in document["Statement"]]
    iam.put_role_policy(**place, PolicyDocument=json.dumps(document | {"Statement": after}))
    return dict(before)


# ---------------------------------------------------------------- what people do


def drop(office: Office) -> requests.Response:
    address = office.posted(office.dropper)
    return office.dropper.act(address, f"{address}/send")


def send_the_rest(office: Office) -> requests.Response:
    address = office.posted(office.dropper)
    mark = re.findall(r'name="mark" value="([^"]+)"', office.dropper.ask(address).text)
    if not mark:
        raise DeniedError(office.dropper.last)
    outputs, client = office.stack.outputs, office.stack.client("s3")
    staging = AwsStaging(client, client, outputs["UploadsBucket"], office.stack.table)
    staged = new_staged(address.rpartition("/")[2], mark[0])
    staging.keep_sent(staged)
    return office.dropper.act(address, f"{address}/rest")


def new_staged(staged_id: str, mark: str) -> Staged:
    """Return a sending that was cut off an hour ago, before anything was copied."""
    return Staged(
        staged_id=staged_id,
        who="drop",
        routes=("spring",),
        mark=mark,
        sent=(Sent(route="spring", key="inbox/spring/a.csv"),),
        changed_at=datetime.now(UTC) - timedelta(hours=1),
    )


def drop_with_a_list(office: Office) -> requests.Response:
    bucket = office.stack.outputs["UploadsBucket"]
    key = "suppression/all.csv"
    office.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=table_text(person("zoe")))
    office.stack.put_route("listed", {"destinations": [TO], "suppression_list": key})
    address = office.posted(office.admin)
    office.admin.act(address, address, route="listed")
    return office.admin.act(address, f"{address}/send")


def drop_a_correction(office: Office) -> requests.Response:
    job_id = office.ended()
    person = "a@b.example,https://www.linkedin.com/in/a-b"
    content = f"listdrop_job,Email,LinkedIn URL\r\n{job_id},{person}\r\n".encode()
    address = office.posted(office.dropper, content, "rejects.csv")
    return office.dropper.act(address, f"{address}/send")


def remember(office: Office) -> requests.Response:
    address = office.chosen(office.admin, {"Profil": "linkedin_url"}, MAPPED)
    return office.admin.act(address, f"{address}/remember", route="spring")


def cancel(office: Office) -> requests.Response:
    batches = {"planned": 2, "sent": 1, "terminal": 0}
    return office.dropper.act(f"/jobs/{office.job(state=JobState.RUNNING, batches=batches)}/cancel")


def cancel_held(office: Office) -> requests.Response:
    return office.dropper.act(f"/jobs/{office.held()}/cancel")


def approve(office: Office) -> requests.Response:
    return office.approver.act(f"/jobs/{office.held()}/approve")


def refuse(office: Office) -> requests.Response:
    return office.approver.act(f"/uploads/{office.held()}/refuse")


def send_again(office: Office) -> requests.Response:
    return office.dropper.act(f"/jobs/{office.ended()}/retry", sure="1")


def correct(office: Office) -> requests.Response:
    file = ("rejects.csv", PEOPLE)
    return office.dropper.act(f"/jobs/{office.ended()}/correct", file=file)


def test_a_key(office: Office) -> requests.Response:
    return office.admin.act("/accounts/kakiyo/default/test")


test_a_key.__test__ = False  # type: ignore[attr-defined] # an act, which is called so


def write_a_route(office: Office) -> requests.Response:
    name = f"r{uuid.uuid4().hex[:8]}"
    text = json.dumps({"destinations": [TO]})
    return office.admin.act(f"/routes/{name}/edit?provider=kakiyo", text=text)


def ask_an_account(office: Office) -> requests.Response:
    return office.admin.act("/routes/quiet/edit", ask="0")


def delete_a_route(office: Office) -> requests.Response:
    name = f"r{uuid.uuid4().hex[:8]}"
    office.stack.put_route(name, {"destinations": [TO]})
    return office.admin.act(f"/routes/{name}/delete")


def subscribe(office: Office) -> requests.Response:
    return office.admin.act("/subscriptions/new", email=f"{uuid.uuid4().hex}@example.com")


def subscribe_again(office: Office) -> requests.Response:
    email = f"{uuid.uuid4().hex}@example.com"
    office.stack.client("sns").subscribe(
        TopicArn=office.stack.outputs["ResultsTopic"], Protocol="email", Endpoint=email
    )
    return office.admin.act("/subscriptions/new", email=email, problems="1")


def unsubscribe(office: Office) -> requests.Response:
    sqs, name = office.stack.client("sqs"), f"q{uuid.uuid4().hex[:8]}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    made = office.stack.client("sns").subscribe(
        TopicArn=office.stack.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=found["Attributes"]["QueueArn"],
    )
    name = made["SubscriptionArn"]
    return office.admin.act(f"/subscriptions/end?name={name}", "/subscriptions/end", name=name)


def erase(office: Office) -> requests.Response:
    name = f"p{uuid.uuid4().hex[:8]}"
    route = Route(office.stack, f"t{uuid.uuid4().hex[:8]}", {})
    office.stack.put_route(route.name, {"destinations": [TO]})
    route.drop(table_text(person(name)))
    route.finished(1)
    who = f"{name}@example.com"
    return office.admin.act(f"/person/erase?who={who}", "/person/erase", who=who, again=who)


Act = Callable[[Office], requests.Response]
ACTS: dict[Act, str] = {
    drop: "The file is sent.",
    send_the_rest: "The rest is sent.",
    drop_with_a_list: "The file is sent.",
    drop_a_correction: "The file is sent.",
    remember: "The route spring knows these columns from now on.",
    cancel: "Cancelled: no more is sent.",
    cancel_held: "Cancelled: what waited is not sent.",
    approve: "Approved: it is sent now.",
    refuse: "Refused: what waited is not sent.",
    send_again: "1 row is sent again.",
    correct: "The corrected file is dropped.",
    test_a_key: "The provider accepts the key.",
    write_a_route: "is written.",
    ask_an_account: "kakiyo has",
    delete_a_route: "is deleted.",
    subscribe: "Subscribed.",
    subscribe_again: "Subscribed.",
    unsubscribe: "Unsubscribed.",
    erase: "Erased: 1 row in 1 job; deleted: 1 upload.",
}
"""Each act, and what the page says of it afterwards."""


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_an_act_is_done_by_who_has_the_role(office: Office, act: Act) -> None:
    assert ACTS[act] in act(office).text, said_by_the_function(office)


def test_who_only_looks_is_refused_each_page_and_each_act(office: Office) -> None:
    viewer = Browser(office.hosted)
    viewer.sign_in("look", name="vic")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', viewer.ask("/person").text)[0]
    ended, waiting = office.ended(), office.held()
    addresses = [
        *(f"/jobs/{ended}/{word}" for word in ("retry", "correct")),
        *(f"/jobs/{waiting}/{word}" for word in ("cancel", "approve", "refuse")),
        *(f"/routes/quiet/{word}" for word in ("edit", "delete")),
        "/accounts/kakiyo/default/test",
        "/subscriptions/new",
        "/subscriptions/end",
        "/person/erase",
        f"/drop/{'0' * 32}",
    ]
    assert {each: viewer.ask(each).status_code for each in ("/drop", *addresses)} == dict.fromkeys(
        ("/drop", *addresses), 403
    )
    sent = [*addresses, *(f"/drop/{'0' * 32}/{word}" for word in ("send", "rest", "remember"))]
    answers = {each: viewer.ask(each, "POST", csrf_token=token).status_code for each in sent}
    assert answers == dict.fromkeys(sent, 403)


# ---------------------------------------------------------------- whose it is


@pytest.fixture
def told(office: Office) -> Iterator[Callable[[], list[Item]]]:
    """What is published on the results topic from now on."""
    sqs, sns = office.stack.client("sqs"), office.stack.client("sns")
    queue = sqs.create_queue(QueueName=f"told-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    name = sns.subscribe(
        TopicArn=office.stack.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=found["Attributes"]["QueueArn"],
    )["SubscriptionArn"]
    messages: list[Item] = []
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})

    def read() -> list[Item]:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        messages.extend(json.loads(json.loads(each["Body"])["Message"]) for each in found)
        return messages

    yield read
    sns.unsubscribe(SubscriptionArn=name)


def test_a_mapped_file_is_sent_as_mapped_and_everything_is_of_who_did_it(
    office: Office, told: Callable[[], list[Item]]
) -> None:
    name = f"t{uuid.uuid4().hex[:8]}"
    office.stack.put_route(name, {"destinations": [TO]})
    route = Route(office.stack, name, {})
    dora, carl = Browser(office.hosted), Browser(office.hosted)
    for who, browser in (("dora", dora), ("carl", carl)):
        browser.sign_in(f"drop:{name}", name=who)
    address = office.posted(dora, MAPPED, "mapped.csv")
    columns = {"Wer": "full_name", "Profil": "linkedin_url", "Notiz": "-"}
    fields: Item = {}
    for number, (header, choice) in enumerate(columns.items(), 1):
        fields |= {f"header-{number}": header, f"column-{number}": choice}
    shown = dora.act(address, address, route=name, **fields)
    assert "1 row to send" in re.sub(r"<[^>]+>", "", shown.text)
    assert "The file is sent." in dora.act(address, f"{address}/send").text

    (job,) = route.finished(1)
    (sent,) = [row for row in route.rows(job) if row["outcome"] != "invalid"]
    assert sent["linkedin_url"].endswith("/in/ada-kanarie")
    assert "Notiz" in job["columns"]["unused"]
    rejects = route.file(job, "rejects.csv")
    rejects[0]["Profil"] = "https://www.linkedin.com/in/bo-kanarie"
    text = table_text(*(tuple(each.values()) for each in rejects), header=",".join(rejects[0]))

    done = carl.act(f"/jobs/{job['job_id']}/correct", file=("rejects.csv", text))

    assert "The corrected file is dropped." in done.text
    first, second = sorted(route.finished(2), key=lambda each: str(each["created_at"]))
    assert (first["dropped_by"], second["dropped_by"]) == ("dora", "carl")
    assert second["corrects"] == first["job_id"]
    assert [row["linkedin_url"][-11:] for row in route.rows(second)] == ["/bo-kanarie"]
    ours = {first["job_id"], second["job_id"]}

    def of_ours() -> dict[tuple[str, str], str]:
        return {
            (str(each["event"] if "event" in each else each.get("kind")), str(each)): str(
                each.get("dropped_by")
            )
            for each in told()
            if any(job_id in json.dumps(each) for job_id in ours)
        }

    until(lambda: len(of_ours()) >= 4, lambda: str(told()))
    assert sorted(of_ours().values()) == ["carl", "carl", "dora", "dora"]
    for item, who in ((first, "dora"), (second, "carl")):
        page = dora.ask(f"/uploads/{item['job_id']}").text
        assert f"by <bdi>{who}</bdi>" in page


# ---------------------------------------------------------------- no right can be spared


NEEDED: dict[tuple[str, str], Act] = {
    ("CancelAnswerAndRecord", "dynamodb:UpdateItem"): cancel,
    ("CancelAnswerAndRecord", "dynamodb:PutItem"): cancel,
    ("StartOrEndHeldJobs", "states:StartExecution"): approve,
    ("DropFiles", "s3:PutObject"): correct,
    ("StageFiles", "s3:PutObject"): drop,
    ("StageFiles", "s3:GetObject"): drop,
    ("StageFiles", "s3:GetObjectVersion"): drop,
    ("FindFiles", "s3:ListBucket"): drop,
    ("FindFiles", "s3:ListBucketVersions"): send_the_rest,
    ("LookUpUploads", "s3:GetObjectVersion"): drop_a_correction,
    ("EditRoutes", "ssm:GetParameter"): write_a_route,
    ("EditRoutes", "ssm:PutParameter"): write_a_route,
    ("EditRoutes", "ssm:DeleteParameter"): delete_a_route,
    ("TestKeys", "secretsmanager:GetSecretValue"): test_a_key,
    ("SubscribeAddresses", "sns:ListSubscriptionsByTopic"): subscribe,
    ("SubscribeAddresses", "sns:Subscribe"): subscribe,
    ("ChangeSubscriptions", "sns:Unsubscribe"): unsubscribe,
    ("ErasePeopleFromResults", "s3:PutObject"): erase,
    ("ErasePeopleFromResults", "s3:DeleteObjectVersion"): erase,
    ("FindResultsOfPeople", "s3:ListBucket"): erase,
    ("FindResultsOfPeople", "s3:ListBucketVersions"): erase,
    ("ErasePeopleFromUploads", "s3:DeleteObjectVersion"): erase,
    ("PreviewWithSuppressionLists", "s3:GetObject"): drop_with_a_list,
}
"""Each right of the function beside those to look, and an act that is not done without it."""

SAID = {
    ("PreviewWithSuppressionLists", "s3:GetObject"),
    ("TestKeys", "secretsmanager:GetSecretValue"),
}
"""Rights whose lack is said in a sentence on the page, as it may have other reasons."""

UNCHECKED: dict[tuple[str, str], str] = {
    ("ReadSessionKey", "secretsmanager:GetSecretValue"): "it is read once, before anybody asks",
    ("ReadClientSecret", "secretsmanager:GetSecretValue"): "the same",
    ("ChangeSubscriptions", "sns:SetSubscriptionAttributes"): "no e-mail address confirms here",
}
"""Rights whose lack is not seen here, and why."""


def rights() -> set[tuple[str, str]]:
    """Return each right that the function has where people sign in."""
    properties = without_loops()["Resources"][DASHBOARD]["Properties"]
    looking = {each["Sid"] for each in statements(properties, signs_in=False)}
    return {
        (each["Sid"], action)
        for each in statements(properties)
        if each["Sid"] not in looking and "Decrypt" not in each["Sid"]
        for action in as_list(each["Action"])
    }


def test_every_right_is_of_an_act() -> None:
    assert rights() == NEEDED.keys() | UNCHECKED.keys()


@pytest.mark.parametrize(("sid", "action"), sorted(NEEDED))
def test_an_act_is_not_done_without_its_right(office: Office, sid: str, action: str) -> None:
    act = NEEDED[sid, action]
    assert office.people  # they have signed in before

    def less(statement: Item) -> Item:
        kept = [each for each in as_list(statement["Action"]) if each != action]
        return statement | {"Action": kept or ["s3:GetBucketWebsite"]}

    before = change(office.stack, sid, less)
    try:
        page = act(office)
    except DeniedError as denied:
        page = denied.args[0]
    finally:
        change(office.stack, sid, lambda _: before)
    assert ACTS[act] not in page.text
    assert page.status_code == (200 if (sid, action) in SAID else 403), page.text
