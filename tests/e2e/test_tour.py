"""The acts by the command, against the deployed stack: drop, subscribe, query; and again."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import ROOT
from tests.support.leaks import CANARY
from tests.support.routes import Route, counted, person, table_text

pytestmark = pytest.mark.engine

LISTDROP = str(ROOT / ".venv" / "bin" / "listdrop")
README = (ROOT / "README.md").read_text("utf-8")


def environment(route: Route) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": route.stack.url,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def listdrop(route: Route, *arguments: str, code: int = 0, cwd: Path = ROOT) -> str:
    """Run a command in a pipe; returns what it printed."""
    done = subprocess.run(
        [LISTDROP, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(route),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def lines(printed: str) -> list[list[str]]:
    return [line.split("\t") for line in printed.splitlines()]


def on_a_terminal(
    route: Route, *arguments: str, columns: int = 110, cwd: Path = ROOT
) -> tuple[int, str]:
    """Run a command on a terminal; returns its exit code and what it drew, without colours."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [LISTDROP, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=environment(route) | {"COLUMNS": str(columns), "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # how Linux says that a terminal is closed
                break
            if not piece:
                break
            drawn += piece
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-LN-Za-ln-z]", "\n", drawn.decode())  # moves, and clears
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)  # colours
    return process.returncode, text.replace("\r", "\n")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Of three people, Kakiyo starts a chat with one, and cannot tell of another."""
    file = tmp_path / "people.csv"
    rows = person("ada"), person("bo", slug_marker="nochat"), person("cy", "refused")
    file.write_bytes(table_text(*rows))
    return file


@pytest.mark.slow
def test_the_three_acts_and_again(
    make_route: Callable[..., Route], people: Path, tmp_path: Path
) -> None:
    route = make_route("activecampaign", "kakiyo")
    sqs = route.stack.client("sqs")
    queue = sqs.create_queue(QueueName=f"tour-{route.name}")["QueueUrl"]

    # Subscribe.
    listdrop(route, "subscribe", f"tour-{route.name}", "--state", "failed", "--route", route.name)
    changed = ["--state", "partial", "--route", route.name, "--provider", "kakiyo"]
    told = json.loads(listdrop(route, "subscribe", queue, *changed, "--json"))
    assert told["filter_policy"] == {
        "kind": ["job"],
        "state": ["partial"],
        "provider": ["kakiyo"],
        "route": [route.name],
    }

    # Drop.
    printed = listdrop(route, "drop", str(people), "--route", route.name, "--wait", code=1)
    (campaign, kakiyo) = (line[0] for line in lines(printed))
    assert [line[1:3] for line in lines(printed)] == [["partial", "3"], ["partial", "3"]]

    # The message that was asked for, and no other.
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)
    assert [json.loads(each["Body"])["job_id"] for each in messages["Messages"]] == [kakiyo]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)

    # Query.
    assert {line[0] for line in lines(listdrop(route, "jobs", "--route", route.name))} == {
        campaign,
        kakiyo,
    }
    assert kakiyo in {line[0] for line in lines(listdrop(route, "jobs", "--all"))}
    assert ["state", "partial (100 %)"] in lines(listdrop(route, "job", kakiyo))
    bad = lines(listdrop(route, "rows", campaign, "--outcome", "refused"))
    assert [(row[0], row[2], row[5]) for row in bad] == [("3", "refused", "cy+refused@example.com")]
    found = json.loads(
        listdrop(route, "person", f"linkedin.com/in/bo-{CANARY}--nochat", "--json", "--all")
    )
    assert (kakiyo, "unknown") in {(row["job_id"], row["outcome"]) for row in found["rows"]}
    listdrop(route, "results", kakiyo, cwd=tmp_path)
    with (tmp_path / kakiyo / "results.csv").open(encoding="utf-8", newline="") as results:
        outcomes = [row["listdrop_outcome"] for row in csv.DictReader(results)]
    assert outcomes == ["confirmed", "unknown", "confirmed"]

    # Again: the other destination of the route has these rows already, and gets nothing.
    printed = listdrop(route, "retry", kakiyo, "--yes", "--wait", "--json", code=2)
    (again,) = json.loads(printed)["jobs"]
    assert (again["provider"], again["retry_of"], again["counts"]["rows"]) == ("kakiyo", kakiyo, 1)
    assert counted(again) == {"unknown": 1}
    printed = listdrop(route, "retry", kakiyo, "--batch", "1", "--yes", "--wait", code=2)
    assert [line[2] for line in lines(printed)] == ["1"]
    jobs = route.finished(4)
    assert [job["provider"] for job in jobs] == ["activecampaign", *["kakiyo"] * 3]
    assert [job.get("retry_of") for job in jobs] == [None, None, kakiyo, kakiyo]
    assert listdrop(route, "retry", kakiyo, code=2) == ""

    # Routes and accounts.
    assert [route.name, "activecampaign, kakiyo"] in [
        line[:2] for line in lines(listdrop(route, "route", "list"))
    ]
    assert "campaign_id" in listdrop(route, "route", "show", route.name)
    accounts = listdrop(route, "account", "list")
    assert ["kakiyo", route.name] in [line[:2] for line in lines(accounts)]


@pytest.mark.slow
def test_a_large_file_is_stored_in_parts_and_its_version_is_told(
    make_route: Callable[..., Route], tmp_path: Path
) -> None:
    route = make_route("waalaxy")
    file = tmp_path / "large.csv"
    file.write_bytes(table_text(person("ada")) + b"\r\n" * (6 << 20))
    assert file.stat().st_size > 12 << 20

    ((key, version),) = lines(listdrop(route, "drop", str(file), "--route", route.name))

    bucket = route.stack.outputs["UploadsBucket"]
    stored = route.stack.client("s3").head_object(Bucket=bucket, Key=key, VersionId=version)
    assert stored["ContentLength"] == file.stat().st_size
    assert stored["ETag"].strip('"').endswith("-2")
    (job,) = route.finished(1)
    assert (job["upload"]["version_id"], counted(job)) == (version, {"confirmed": 1})


@pytest.mark.parametrize("name", ["two.zip", pytest.param("broken.zip", marks=pytest.mark.slow)])
def test_the_jobs_of_an_archive_are_all_waited_for(
    make_route: Callable[..., Route], tmp_path: Path, name: str
) -> None:
    route = make_route("waalaxy")
    file = tmp_path / name
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("one.csv", table_text(person("ada")))
        archive.writestr("folder/two.csv", table_text(person("bo")))
    if name == "broken.zip":
        file.write_bytes(file.read_bytes()[:-30])

    is_broken = name == "broken.zip"
    printed = listdrop(
        route, "drop", str(file), "--route", route.name, "--wait", code=2 if is_broken else 0
    )

    states = [line[1] for line in lines(printed)]
    assert states == (["rejected"] if is_broken else ["succeeded", "succeeded"])


# ---------------------------------------------------------------- what the README shows


def blocks(heading: str) -> list[str]:
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```console\n(.*?)```", section, re.DOTALL)


JOB_ID = re.compile(r"[a-z0-9]+-(activecampaign|kakiyo|saleshandy|waalaxy|which50)-[0-9a-f]{16}")


def same(text: str) -> set[str]:
    """Lines as they are each time: without ids, versions and times."""
    text = JOB_ID.sub(r"JOB-\1", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "VERSION", text)
    text = re.sub(r"\d{1,2} [A-Z][a-z]{2} \d\d:\d\d", "TIME", text)
    text = re.sub(r"inbox/[a-z0-9]+/", "inbox/ROUTE/", text)
    return {" ".join(line.split()) for line in text.splitlines()}


@pytest.mark.slow
def test_the_acts_print_what_the_readme_shows(
    make_route: Callable[..., Route], tmp_path: Path
) -> None:
    demo = json.loads((ROOT / "events" / "demo-route.json").read_text("utf-8"))
    options = {each["provider"]: each for each in demo["destinations"]}
    route = make_route(*options, **options)
    (tmp_path / "events").symlink_to(ROOT / "events")
    acts = "".join(blocks("Four acts")).replace("\\\n", "")
    shown = re.split(r"^\$ ", acts, flags=re.M)[1:]
    ids: dict[str, str] = {}
    asked: dict[str, int] = {}

    for each in shown:
        command, _, expected = each.partition("\n")
        command = command.replace("--route demo", f"--route {route.name}")
        command = with_ids(command, ids)
        if not command.startswith("listdrop "):
            subprocess.run(["/bin/sh", "-c", command], check=True, cwd=tmp_path)
            asked = requests_of(route)
            continue
        code, printed = on_a_terminal(route, *command.split()[1:], cwd=tmp_path)
        assert code in (0, 1), printed
        ids = {found[1]: found[0] for found in JOB_ID.finditer(printed)} | ids
        missing = same(expected) - same(printed) - {"..."}
        assert not missing, printed
    assert len(shown) >= 7
    # Between the correction and the end, only one provider was asked anything.
    later = requests_of(route)
    assert {name for name, count in later.items() if count != asked[name]} == {"kakiyo"}


def with_ids(command: str, ids: dict[str, str]) -> str:
    return JOB_ID.sub(lambda found: ids.get(found[1], found[0]), command)


def requests_of(route: Route) -> dict[str, int]:
    return {name: len(each.ledger) for name, each in route.simulators.items()}
