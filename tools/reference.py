"""Writes `docs/commands.md` from the commands themselves: `python -m tools.reference`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from listdrop_cli.app import app
from local.engine import ROOT

PAGE = ROOT / "docs" / "commands.md"

_RIGHTS = {
    ("uploads", "upload", "jobs", "job", "rows", "person"): (
        "`dynamodb:GetItem` and `dynamodb:Query` on the table and its indexes; `person` also "
        "`dynamodb:BatchGetItem`; `uploads` and `jobs` with `--route` also `ssm:GetParameter`, or "
        "a missing route goes unnoticed"
    ),
    ("drop",): (
        "`ssm:GetParameter`, and `s3:PutObject` on the uploads bucket; with `--wait`, with "
        "`--corrects`, and for rows that name their jobs what `job` needs"
    ),
    ("retry",): "what `drop`, `job` and `results` need",
    ("results",): "what `job` needs, and `s3:GetObject` on the results bucket",
    ("cancel",): (
        "what `job` needs, and `dynamodb:UpdateItem`; for a job that is held also "
        "`states:StartExecution`"
    ),
    ("approve", "refuse"): "what `cancel` needs for a job that is held",
    ("dashboard",): (
        "what `person` and `results` need, `ssm:GetParametersByPath`, "
        "`secretsmanager:ListSecrets`; to act there, see "
        "[its acts](dashboard.md#what-aws-has-to-allow)"
    ),
    ("subscribe",): (
        "`sns:Subscribe`, `sns:SetSubscriptionAttributes`, `sns:ListSubscriptionsByTopic`; with "
        "`--route` `ssm:GetParameter`, or a missing route goes unnoticed; for a queue "
        "`sqs:GetQueueUrl`, `sqs:GetQueueAttributes`, `sqs:SetQueueAttributes`"
    ),
    ("unsubscribe",): "`sns:ListSubscriptionsByTopic` and `sns:Unsubscribe`",
    ("erase",): (
        "what `cancel` and `person` need; on the results bucket `s3:ListBucket`, "
        "`s3:ListBucketVersions`, `s3:GetObject`, `s3:PutObject`, `s3:DeleteObjectVersion`; on the "
        "uploads bucket `s3:ListBucket`, `s3:ListBucketVersions`, `s3:GetObjectVersion`, "
        "`s3:DeleteObjectVersion`"
    ),
    ("check",): (
        "`ssm:GetParameter`, and for rows that name their jobs what `job` needs and "
        "`s3:GetObject`, `s3:GetObjectVersion` on the uploads bucket; nothing at all if `--route` "
        "is a file"
    ),
    ("route show",): "`ssm:GetParameter` only",
    ("route list",): "`ssm:GetParametersByPath`",
    ("route put",): (
        "`ssm:PutParameter`; to be warned, what `account choices` and `jobs` need, and on the "
        "uploads bucket `s3:ListBucket` and, of `suppression/*`, `s3:GetObject`, without which the "
        "route is written all the same"
    ),
    ("route delete",): "`ssm:GetParameter`, `ssm:DeleteParameter`, and what `jobs` needs",
    ("account put",): (
        "`secretsmanager:GetSecretValue`, `secretsmanager:CreateSecret`, "
        "`secretsmanager:UpdateSecret` and `cloudformation:DescribeStackResource` only; to store a "
        "key again that is scheduled for deletion or was just deleted, "
        "`secretsmanager:RestoreSecret`"
    ),
    ("account list",): (
        "`secretsmanager:ListSecrets`; to see how accounts are also `dynamodb:Query` on the "
        "table's index `recent`"
    ),
    ("account test", "account choices"): "`secretsmanager:GetSecretValue` only",
    ("account delete",): (
        "`secretsmanager:DescribeSecret`, `secretsmanager:DeleteSecret`, "
        "`ssm:GetParametersByPath`, and what `jobs` needs"
    ),
    ("doctor",): (
        "`cloudformation:DescribeStackResource`, `s3:GetBucketNotification`, "
        "`s3:GetBucketVersioning`, `s3:ListBucket` on the uploads bucket, `s3:GetObject` on its "
        "`suppression/*`, `lambda:ListEventSourceMappings`, `lambda:GetAccountSettings`, "
        "`sqs:GetQueueAttributes`, `cloudwatch:DescribeAlarms`, `sns:ListSubscriptionsByTopic`, "
        "`sns:GetSubscriptionAttributes`, `ssm:GetParametersByPath`, `states:ListExecutions`, "
        "`states:DescribeExecution`, `dynamodb:GetItem`, and what `account test` needs; what may "
        "not be looked at is a problem"
    ),
}
"""What commands ask of AWS; where it says `only`, they do not ask about the stack itself."""

_HEAD = """\
# Commands

Written by `python -m tools.reference` from the commands' own help; `listdrop COMMAND --help` has
the options.

Commands that are about a stack take `--stack`, `--region`, `--profile` and `--endpoint-url`, as the
AWS CLI does, or `LISTDROP_STACK`, `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_PROFILE` and
`AWS_ENDPOINT_URL`. With none of these, and nothing of AWS configured, they use the stack that
`listdrop up` runs on this machine; it is noted in `~/.listdrop`, or in the folder that
`LISTDROP_HOME` names. `up`, `down` and `demo` need a checkout of the repository, and no other
command does.

On a terminal answers are tables, with fewer columns where it is narrow. In a pipe each row is a
line of tab-separated cells; only `check` prints the same everywhere. With `--json` the answer is
one JSON document. `listdrop --install-completion` sets up completion for your shell.

Exit codes: 0 is success; 1 is no, or that rows are bad; 2 is that it could not be done. `account
test` also exits with 3 if the provider's answer leaves it open, and with 4 if its keys can't be
tested. A command interrupted with Ctrl-C exits with 130, except `up` and `dashboard`, with 0.

On AWS you need `cloudformation:DescribeStacks`, and

| For | you also need |
|---|---|
{rights}
Where the stack has its own key (`Stage=prod`), you also need `kms:GenerateDataKey` and
`kms:Decrypt` on it, and for `account put` `kms:Encrypt`. To store an account again after the key
was turned off, you need `kms:Decrypt` on that key, too.

| Command | What it does | Example |
|---|---|---|
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its whole name, in the order of the help."""
    yield from _below("", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, below in children.items():
        yield from _below(f"{name} {child}".strip(), below)


def example_of(command: Any) -> str:
    """Return the example of a command's help. Raises `ValueError` if there is none."""
    lines = inspect.cleandoc(command.help or "").splitlines()
    examples = [line.removeprefix("Example: ") for line in lines if line.startswith("Example: ")]
    if len(examples) != 1:
        raise ValueError(f"{command.name} has {len(examples)} examples in its help")
    return examples[0]


def page() -> str:
    """Return the page."""
    rows = []
    for name, command in commands():
        sentence = inspect.cleandoc(command.help).split("\n\n", 1)[0].replace("\n", " ")
        rows.append(f"| `{name}` | {sentence} | `{example_of(command)}` |\n")
    rights = [
        f"| {', '.join(f'`{name}`' for name in names)} | {said} |\n"
        for names, said in _RIGHTS.items()
    ]
    return _HEAD.format(rights="".join(rights)) + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
