"""Which stack a command is about, and how to reach it: the options of the AWS CLI."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import typer

from listdrop_cli.output import aws_sentence, err, fail, plain_errors
from listdrop_cli.stacks import running

if TYPE_CHECKING:  # a command's help needs none of it
    import boto3
    from botocore.config import Config

    from listdrop.jobs.erasing import ErasePorts
    from listdrop.jobs.holding import AnswerPorts
    from listdrop.ports import Figures, OpenJobs, Records

STACK = "listdrop"
_LOCAL_REGION = "us-east-1"

StackOption = Annotated[
    str, typer.Option("--stack", envvar="LISTDROP_STACK", help="The stack's name.")
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        "--region", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="The stack's region."
    ),
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A profile of the AWS CLI; also AWS_PROFILE.")
]
EndpointOption = Annotated[
    str | None,
    typer.Option("--endpoint-url", envvar="AWS_ENDPOINT_URL", help="The address of a local stack."),
]

_HARMLESS = frozenset(
    {"AWS_PAGER", "AWS_CA_BUNDLE", "AWS_CLI_AUTO_PROMPT", "AWS_EC2_METADATA_DISABLED"}
)
"""Variables of AWS that choose no account and no place."""


@dataclass(frozen=True)
class Target:
    """A stack, and the clients and ports to reach it with the user's own credentials."""

    stack: str = STACK
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is a stack on this machine, which takes any credentials."""
        host = urlsplit(self.endpoint_url or "").hostname
        return host in ("127.0.0.1", "localhost", "::1")

    def client(self, name: str, config: Config | None = None) -> Any:
        """Return a client of a service."""
        return self._made("client", name, config)

    def table(self, config: Config | None = None) -> Any:
        """Return the table of jobs."""
        return self._made("resource", "dynamodb", config).Table(self.outputs["JobsTable"])

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs by name. Fails with a sentence where there is no such stack."""
        if self._description is None:
            hint = _hint(self)
            fail(f"There is no stack {self.stack} here: see --stack and --region.{hint}")
        outputs = self._description.get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    @cached_property
    def kept_days(self) -> int:
        """For how many days the stack keeps uploads; 0 if it is not deployed yet.

        A job's deadline may be no longer, see `parse_route`.
        """
        parameters = (self._description or {}).get("Parameters", [])
        found = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
        return int(found.get("RetentionDays", 0))

    def jobs(self) -> OpenJobs:
        """Return the port that changes jobs."""
        from listdrop.aws.jobs import DynamoJobs

        return DynamoJobs(self._table)

    def hold_ports(self) -> AnswerPorts:
        """Return what answers to held jobs work with."""
        from listdrop.aws.holding import DynamoHeldJobs
        from listdrop.aws.messaging import SfnExecutions, SystemClock
        from listdrop.jobs.holding import AnswerPorts

        machine = self.outputs["ImportStateMachine"]
        return AnswerPorts(
            DynamoHeldJobs(self._table),
            SfnExecutions(self.client("stepfunctions"), machine),
            SystemClock(),
        )

    def records(self) -> Records:
        """Return the port that answers questions."""
        from listdrop.aws.records import DynamoRecords

        return DynamoRecords(self._table)

    def figures(self) -> Figures:
        """Return the port that adds jobs up."""
        from listdrop.aws.figures import DynamoFigures

        return DynamoFigures(self._table)

    def caller(self) -> str:
        """Return who has the credentials, as AWS names them; empty where it does not say."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return str(self.client("sts").get_caller_identity()["Arn"])
        except (BotoCoreError, ClientError):
            return ""

    def erase_ports(self) -> ErasePorts:
        """Return what Erase works with."""
        from listdrop.aws.people import DynamoPeople
        from listdrop.aws.s3 import S3Archive
        from listdrop.jobs.erasing import ErasePorts

        archive = S3Archive(self.client("s3"), self.outputs["ResultsBucket"])
        return ErasePorts(self.jobs(), DynamoPeople(self._table), archive)

    @cached_property
    def _description(self) -> Mapping[str, Any] | None:
        """What CloudFormation says of the stack; `None` if there is no such stack."""
        from botocore.exceptions import ClientError

        try:
            found = self.client("cloudformation").describe_stacks(StackName=self.stack)
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None
        stack: Mapping[str, Any] = found["Stacks"][0]
        return stack

    @cached_property
    def _table(self) -> Any:
        return self.table()

    @cached_property
    def _session(self) -> boto3.Session:
        import boto3

        return boto3.Session(profile_name=self.profile, region_name=self.region)

    def _made(
        self, kind: Literal["client", "resource"], name: str, config: Config | None = None
    ) -> Any:
        local = {}
        if self.is_local:
            local = {"region_name": self._session.region_name or _LOCAL_REGION}
            if self._session.get_credentials() is None:
                local |= {"aws_access_key_id": "any", "aws_secret_access_key": "any"}  # nosec B105 - taken by the engine
        return getattr(self._session, kind)(
            name, endpoint_url=self.endpoint_url, config=config, **local
        )


def with_target(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name a stack, and the `Target` as its first argument.

    The `Target` of the context, which tests give, comes before the options.
    """
    signature = inspect.signature(command, eval_str=True)
    own = list(signature.parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    options = [
        inspect.Parameter(name, keyword, default=default, annotation=annotation)
        for name, default, annotation in (
            ("stack", STACK, StackOption),
            ("region", None, RegionOption),
            ("profile", None, ProfileOption),
            ("endpoint_url", None, EndpointOption),
        )
    ]
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    parameters = [each.replace(kind=keyword) for each in own] + [*options, context]

    @functools.wraps(command)
    def wrapper(**given: Any) -> None:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        chosen = {option.name: given.pop(option.name) for option in options}
        target = given.pop("context").obj or target_of(**chosen)
        with plain_errors():
            try:
                command(target, **given)
            except (ClientError, BotoCoreError, Boto3Error) as error:
                is_silent = isinstance(error, BotoCoreError)
                fail(f"{aws_sentence(error)}{_hint(target, is_silent=is_silent)}")

    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # read by typer
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    return wrapper


def target_of(
    stack: str, region: str | None, profile: str | None, endpoint_url: str | None
) -> Target:
    """Return the stack that options and environment name; else the one that runs on this machine.

    The latter only if nothing of AWS is configured in any way, and it says so.
    """
    _unset_what_is_empty(os.environ)
    target = Target(stack, region or None, profile or None, endpoint_url or None)
    if target != Target() or is_configured(os.environ):
        return target
    ports = sorted(running())
    if not ports:
        return target
    if len(ports) > 1:
        several = ", ".join(map(str, ports))
        fail(
            f"Several stacks are running on this machine, on ports {several}: choose one with "
            "--endpoint-url."
        )
    url = f"http://127.0.0.1:{ports[0]}"
    err.print(f"[dim]The stack on this machine: {url}[/dim]")
    return Target(endpoint_url=url)


def _unset_what_is_empty(environment: MutableMapping[str, str]) -> None:
    """Take away empty variables of AWS: botocore would make addresses with an empty region."""
    for name in [name for name, value in environment.items() if not value]:
        if name.startswith("AWS_"):
            del environment[name]


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether the user has told the AWS CLI anything about whom or where to ask."""
    if any(name.startswith("AWS_") for name in environment.keys() - _HARMLESS):
        return True
    import botocore.session

    return bool(botocore.session.Session().available_profiles)


def must_be_named(port: int) -> bool:
    """Whether a command has to name the stack on this port to mean it: see `target_of`."""
    return is_configured(os.environ) or any(other != port for other in running())


def _hint(target: Target, *, is_silent: bool = False) -> str:
    """Say where a stack runs on this machine, to somebody who may have meant it.

    `is_silent`: nobody was asked, or nobody answered.
    """
    here = [f"http://127.0.0.1:{port}" for port in sorted(running())]
    if target.endpoint_url in here or (target.is_local and not is_silent):
        return ""
    if here:
        return f" A stack is running on this machine: --endpoint-url {here[0]}"
    if target.is_local or not is_configured(os.environ):
        return " No stack is running on this machine: `listdrop up` starts one."
    return ""
