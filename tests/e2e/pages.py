"""Pages of the documentation, and their commands run as a reader would."""

from __future__ import annotations

import os
import re
import subprocess

from local.engine import ROOT
from tests.support.routes import Route


class Page:
    """A page; `variables` are those that its commands use, with the stack's output for each."""

    def __init__(self, path: str, **variables: str) -> None:
        self.text = (ROOT / path).read_text("utf-8")
        self._variables = variables
        parts = re.split(r"^## (.*)$", self.text, flags=re.MULTILINE)
        self._sections = dict(zip(["", *parts[1::2]], parts[::2], strict=True))

    def blocks(self, heading: str = "") -> list[tuple[str, str]]:
        """Return the blocks below a heading, or before the first, each with its language."""
        return re.findall(r"```(\w+)\n(.*?)```", self._sections[heading], re.DOTALL)

    def commands(self, heading: str = "") -> list[str]:
        """Return the shell blocks below a heading, or before the first."""
        return [block for language, block in self.blocks(heading) if language == "sh"]

    @property
    def headings(self) -> list[str]:
        """Return all headings, in order."""
        return list(self._sections)[1:]

    def outputs(self, route: Route) -> dict[str, str]:
        """Return the values for the page's variables."""
        return {name: route.stack.outputs[output] for name, output in self._variables.items()}

    def run(self, command: str, route: Route, **variables: str) -> str:
        """Run a command with the page's variables and those that the reader sets."""
        return shell(command, route, **self.outputs(route), **variables)


README = Page("README.md")
USING = Page("docs/using.md", TOPIC="ResultsTopic")
OPERATIONS = Page(
    "docs/operations.md",
    UPLOADS="UploadsBucket",
    RESULTS="ResultsBucket",
    TABLE="JobsTable",
    WORKFLOW="ImportStateMachine",
    DEAD="SubmitDeadLetterQueue",
)
NOTIFICATIONS = Page(
    "docs/notifications.md", TOPIC="ResultsTopic", ALARMS="AlarmsTopic", RESULTS="ResultsBucket"
)
QUERIES = Page("docs/queries.md", TABLE="JobsTable")
ATHENA = Page("docs/queries-athena.md", TABLE="JobsTable")


def shell(command: str, route: Route, **variables: str) -> str:
    """Run a command with the AWS CLI and `listdrop` on the path; returns what it prints."""
    binaries = [str(ROOT / folder / "bin") for folder in (".venv", ".venv-sam")]
    # The pinned command line asks AWS for queues, whatever AWS_ENDPOINT_URL says.
    command = command.replace("aws sqs ", f"aws sqs --endpoint-url {route.stack.url} ")
    done = subprocess.run(
        ["/bin/sh", "-euc", command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            "PATH": os.pathsep.join([*binaries, os.environ["PATH"]]),
            "AWS_ENDPOINT_URL": route.stack.url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            **variables,
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
