"""A stack is set up, deleted and deployed again, as README and `docs/operations.md` say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from listdrop_cli.app import app
from local.deploy import deploy
from local.stack import LocalStack
from tests.e2e.pages import OPERATIONS, README
from tests.support.routes import Route, person, table_text

pytestmark = pytest.mark.engine


@pytest.mark.slow
def test_a_stack_that_was_deleted_comes_back_once_its_data_is_gone(tmp_path: Path) -> None:
    delete, empty, remove = OPERATIONS.commands("Uninstall, and come back")
    with LocalStack(home=tmp_path) as stack:
        route = Route(stack, "spring", {})
        outputs = dict(stack.outputs)
        stack.drop("inbox/nowhere/a.csv", b"Email\na@example.com\n")

        OPERATIONS.run(delete, route)

        s3 = stack.client("s3")
        assert s3.list_object_versions(Bucket=outputs["UploadsBucket"])["Versions"]  # it stayed
        for name in ("UploadsBucket", "ResultsBucket"):
            while s3.list_object_versions(Bucket=outputs[name]).get("Versions"):
                OPERATIONS.run(empty.replace("$UPLOADS", outputs[name]), route)
        OPERATIONS.run(remove, route)
        for name in ("UploadsBucket", "ResultsBucket"):
            with pytest.raises(ClientError):
                s3.list_objects_v2(Bucket=outputs[name])

        back = deploy(stack.url)

        assert back["UploadsBucket"] == outputs["UploadsBucket"]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack that nobody has prepared."""
    with LocalStack(home=tmp_path / "stack", wait_scale=0.02) as running:
        yield running


@pytest.mark.slow
def test_the_readme_s_deployment_is_followed_from_the_first_step_to_the_last(
    stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (steps,) = re.findall(
        r"## Deploy to AWS\n\n(.*?)\n\n\[Running it costs", README.text, re.DOTALL
    )
    commands = re.findall(r"`(listdrop [^`]+)`", steps)
    simulator = stack.simulators["kakiyo"].account()
    (tmp_path / "key.txt").write_text(simulator["api_key"])
    route = '{"destinations": [{"provider": "kakiyo", "campaign_id": "camp_demo"}]}'
    (tmp_path / "spring.json").write_text(route)
    for name in ("people.csv", "me.csv"):
        (tmp_path / name).write_bytes(table_text(person(name[:2])))
    monkeypatch.chdir(tmp_path)
    codes = {}
    for command in commands:
        # The vendors are not here, but their simulators are.
        if command.startswith("listdrop account put"):
            command = f"{command} --base-url {simulator['base_url']}"
        words, _, file = command.partition(" < ")
        given = None
        if file:
            file, *more = file.split()
            words, given = " ".join([words, *more]), (tmp_path / file).read_text()
        arguments = [*shlex.split(words)[1:], "--endpoint-url", stack.url]
        done = CliRunner().invoke(app, arguments, input=given)
        codes[command.split(" < ")[0]] = done.exit_code
        assert done.exit_code == 0 or command == "listdrop doctor", (command, done.output)

    assert len(codes) == 7
    assert "listdrop drop me.csv --route spring --wait" in codes
