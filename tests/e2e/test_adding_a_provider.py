"""`docs/adding-a-provider.md`, followed word for word in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from local.deploy import STACK, client, outputs, session
from local.engine import ROOT, free_port
from tests.support.routes import Item, assert_balanced, counted
from tests.support.waiting import PATIENCE, until

# One copy for all of them, in one process.
pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("copy")]

PAGE = (ROOT / "docs" / "adding-a-provider.md").read_text("utf-8")
COPIED = (
    "docs", "events", "functions", "layers", "listdrop_cli", "local", "tests", "tools",
    "requirements", "Makefile", "README.md", "pyproject.toml", "template.yaml",
)  # fmt: skip
COMMANDS = {
    "listdrop": "from listdrop_cli.app import main; main()",
    "pytest": "import pytest, sys; sys.exit(pytest.main())",
}
FILES = dict(re.findall(r"`([\w/.]+)`:\n\n```(?:python|json)\n(.*?)```", PAGE, re.DOTALL))
DIFFS = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
TESTS, DROP = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, with what the page says."""
    folder = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    install(folder)
    for name, text in FILES.items():
        assert not (folder / name).exists(), name
        (folder / name).write_text(text, "utf-8")
    for diff in DIFFS:
        # What is near may have moved since the page was written; what it changes must be there.
        run(folder, ["git", "apply", "-C1", "-"], given=diff)
    return folder


def install(folder: Path) -> None:
    """Install the copy as `make setup` would, with the packages that are installed here."""
    (folder / ".venv-engine").symlink_to(ROOT / ".venv-engine")
    venv.create(folder / ".venv", symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder / ".venv")})
    ours = (folder, folder / "layers" / "shared", sysconfig.get_path("purelib"))
    Path(packages, "copy.pth").write_text("\n".join(map(str, ours)), "utf-8")
    for name, code in COMMANDS.items():
        script = folder / ".venv" / "bin" / name
        script.write_text(f"#!{folder}/.venv/bin/python\n{code}\n", "utf-8")
        script.chmod(0o755)
    for stamp in (".local", ".dev"):  # of what is installed here
        (folder / ".venv" / stamp).touch()


def environment(copy: Path, **more: str) -> dict[str, str]:
    """What a reader's shell has."""
    folders = (copy / ".venv", ROOT / ".venv", ROOT / ".venv-sam")
    binaries = [str(folder / "bin") for folder in folders]
    return {
        "PATH": os.pathsep.join([*binaries, os.environ["PATH"]]),
        "HOME": str(copy),
        "GIT_CEILING_DIRECTORIES": str(copy.parent),
        **more,
    }


def run(copy: Path, command: list[str], given: str = "", code: int = 0) -> str:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        input=given,
        cwd=copy,
        env=environment(copy),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def endpoint(copy: Path) -> Iterator[str]:
    """The copy's local stack, started by the command."""
    port = free_port()
    command = ["listdrop", "up", "--port", str(port)]
    log = copy / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=copy,
            env=environment(copy, LISTDROP_WAIT_SCALE="0.02"),
        )

    def said() -> str:
        return log.read_text("utf-8")

    try:
        until(lambda: "ready:" in said() or process.poll() is not None, said)
        assert process.poll() is None, said()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def test_the_page_s_tests_pass_and_none_misses_anything(copy: Path) -> None:
    said = run(copy, ["/bin/sh", "-euc", TESTS])

    assert re.search(r"\d+ passed", said)


def test_a_provider_without_its_line_in_a_list_is_named_by_a_test(copy: Path) -> None:
    template = copy / "template.yaml"
    whole = template.read_text("utf-8")
    template.write_text(whole.replace("[acme, ", "["), "utf-8")
    try:
        done = subprocess.run(
            [".venv/bin/pytest", "-q", "tests/unit/test_architecture.py"],
            check=False,
            capture_output=True,
            text=True,
            cwd=copy,
            env=environment(copy),
        )
    finally:
        template.write_text(whole, "utf-8")

    assert done.returncode == 1
    assert "test_every_provider_has_its_functions_in_the_template" in done.stdout
    assert "acme" in done.stdout


def test_tests_that_choose_their_providers_need_not_know_the_new_one(copy: Path) -> None:
    simulated = ["tests/simulation/test_simulation.py", "-k", "faults_that_may_not_happen"]
    said = run(copy, [".venv/bin/pytest", "-q", *simulated])
    collected = run(copy, [".venv/bin/pytest", "-q", "--collect-only", "tests/e2e", "tests/soak"])

    assert re.search(r"\d+ passed", said)
    assert "test_iam.py" in collected
    assert not re.search(r"test_iam.py.*acme", collected)


def test_the_page_s_code_is_formatted_clean_and_typed_as_ours(copy: Path) -> None:
    code = [name for name in FILES if name.endswith(".py")]
    assert len(code) == 3

    run(copy, ["ruff", "format", "--check", *code])
    run(copy, ["ruff", "check", *code])
    run(copy, ["mypy", *code])


def test_a_file_goes_through_the_new_provider_to_the_end(copy: Path, endpoint: str) -> None:
    run(copy, ["/bin/sh", "-euc", DROP], code=1)

    names = outputs(client("cloudformation", endpoint), STACK)
    table: Any = session().resource("dynamodb", endpoint_url=endpoint).Table(names["JobsTable"])
    (job,) = finished(table)
    assert (job["provider"], job["state"]) == ("acme", "partial")
    assert_balanced(job)
    assert counted(job) == {"accepted": 1, "refused": 1, "invalid": 1}
    rows = Key("pk").eq(f"JOB#{job['job_id']}#0000")
    found = {int(row["row"]): row for row in table.query(KeyConditionExpression=rows)["Items"]}
    assert [found[row]["outcome"] for row in (1, 2, 3)] == ["accepted", "refused", "invalid"]
    assert found[2]["reason"] == "The contact is blocked."


def finished(table: Any) -> list[Item]:
    """Wait until the route's job is terminal and notified."""

    def over() -> list[Item]:
        key = Key("route").eq("acme")
        jobs: list[Item] = table.query(IndexName="by_route", KeyConditionExpression=key)["Items"]
        return jobs if all("notified_at" in job for job in jobs) else []

    return until(over, "the job is not over")
