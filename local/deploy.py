"""Deploys `template.yaml` to the engine.

The template is used as it is, except for what a laptop does not have. Functions run on this
environment's interpreter with AWS's own runtime client, so `Runtime` is a custom runtime with a
`bootstrap`. The packages of the layers are those of this environment.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from local import starter
from local.engine import REGION, ROOT, EngineError

STACK = "listdrop"
_CODE_BUCKET = "listdrop-code"
_WORKERS = 2 * (os.cpu_count() or 1)
_PATIENCE = {"Delay": 1, "MaxAttempts": 60}
_SOURCES = ("CodeUri", "ContentUri", "DefinitionUri")

_WITHOUT_TLS = '"aws:SecureTransport": "false"'
_WITH_TLS = '"aws:SecureTransport": "true"'

_BOOTSTRAP = f"""#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT:{ROOT / "layers" / "shared"}" AWS_ENDPOINT_URL="{{endpoint}}"
exec "{sys.executable}" -IS "{starter.__file__}" "$_HANDLER"
"""
_BOOTSTRAP_OF_LAYERS = f"""#!/bin/sh
export PYTHONPATH="$LAMBDA_TASK_ROOT:{{layers}}" AWS_ENDPOINT_URL="{{endpoint}}"
exec "{sys.executable}" -S -m awslambdaric "$_HANDLER"
"""
"""`-S` leaves out this environment's packages."""


@cache
def session() -> boto3.Session:
    """Return a session with the engine's region. The engine accepts any credentials.

    It is always the same one, because each session loads the services' descriptions again.
    """
    return boto3.Session("test", "test", region_name=REGION)


def client(name: str, endpoint: str, *, read_timeout: float = 60) -> Any:
    """Return a client of the engine."""
    config = Config(
        s3={"addressing_style": "path"}, retries={"max_attempts": 2}, read_timeout=read_timeout
    )
    return session().client(name, endpoint_url=endpoint, config=config)  # type: ignore[call-overload] # any service


_SECONDS_UNTIL_AGAIN = 180
_TIMES = 20
"""How often an upload comes again whose Submit died. One that is at work may take an hour."""


def deploy(
    endpoint: str,
    *,
    stack: str = STACK,
    wait_scale: float = 1.0,
    as_in_prod: bool = False,
    layers: Path | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Create or update the stack and return its outputs. Raises `EngineError`.

    `more` are parameters of the template beside those that the other arguments are for.

    Functions see the packages of this environment; with `layers`, a folder of packages, only those.

    With `as_in_prod`, the stack has its own KMS key and the dashboard's function; use it with an
    engine that enforces policies. The engine speaks only plain http, so the statements that deny
    plain http are then turned to deny TLS.
    """
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket=_CODE_BUCKET)
    template = load_template(ROOT / "template.yaml")
    function = template["Globals"]["Function"]
    function |= {"Runtime": "provided.al2023", "Architectures": ["x86_64"]}
    del template["Parameters"]["SignInIssuer"]["AllowedPattern"]  # nothing here speaks TLS
    # On a busy machine the engine ends functions that start slowly: nobody waits an hour for that.
    queue = template["Resources"]["SubmitQueue"]["Properties"]
    queue["VisibilityTimeout"] = _SECONDS_UNTIL_AGAIN
    queue["RedrivePolicy"]["maxReceiveCount"] = _TIMES
    start = (_BOOTSTRAP_OF_LAYERS if layers else _BOOTSTRAP).format(
        endpoint=endpoint, layers=layers
    )
    for properties in _with_sources(template):
        for name in _SOURCES:
            source = properties.get(name)
            if isinstance(source, str):
                key, content = _packed(ROOT / source, start)
                s3.put_object(Bucket=_CODE_BUCKET, Key=key, Body=content)
                properties[name] = f"s3://{_CODE_BUCKET}/{key}"
    body = json.dumps(template)
    if as_in_prod:
        body = body.replace(_WITHOUT_TLS, _WITH_TLS)
    # A request takes 51,200 bytes, so `sam deploy`, too, puts the template into a bucket.
    s3.put_object(Bucket=_CODE_BUCKET, Key="template.json", Body=body.encode())
    cloudformation = client("cloudformation", endpoint)
    parameters = {
        "Stage": "local",
        "WaitScale": str(wait_scale),
        "CustomerManagedKey": "yes" if as_in_prod else "no",
        "Dashboard": "yes" if as_in_prod else "no",
        **more,
    }
    asked = {
        "StackName": stack,
        "TemplateURL": f"https://s3.amazonaws.com/{_CODE_BUCKET}/template.json",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    }
    if is_deployed(endpoint, stack):
        _update(cloudformation, asked)
    else:
        cloudformation.create_stack(**asked)
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig=_PATIENCE
        )
    _bound_workers(endpoint, stack)
    return outputs(cloudformation, stack)


def is_deployed(endpoint: str, stack: str = STACK) -> bool:
    """Whether the engine has the stack already, from the last time."""
    try:
        found = client("cloudformation", endpoint).describe_stacks(StackName=stack)["Stacks"]
    except ClientError:
        return False
    return bool(found) and found[0]["StackStatus"] != "DELETE_COMPLETE"


def _update(cloudformation: Any, asked: dict[str, Any]) -> None:
    """Update a stack whose data was kept to what the template and the functions are now."""
    try:
        cloudformation.update_stack(**asked)
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName=asked["StackName"], WaiterConfig=_PATIENCE
        )
    except (ClientError, WaiterError) as error:
        if "No updates" not in str(error):
            raise EngineError(
                "the data of the last run does not fit this version any more; `make clean-data` "
                f"forgets it: {error}"
            ) from error


def _bound_workers(endpoint: str, stack: str) -> None:
    """Let no function have more workers than the machine can start at once.

    A call over the limit is throttled, as on AWS, and the workflow retries. A throttled message of
    Submit would stay hidden for the queue's whole visibility timeout, so Submit is limited by its
    event source instead, which waits.
    """
    functions = client("lambda", endpoint)
    for function in functions.get_paginator("list_functions").paginate().search("Functions[]"):
        name = function["FunctionName"]
        if name.startswith(f"{stack}-") and name != f"{stack}-submit":
            functions.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=_WORKERS
            )
    for source in functions.list_event_source_mappings(FunctionName=f"{stack}-submit")[
        "EventSourceMappings"
    ]:
        functions.update_event_source_mapping(
            UUID=source["UUID"], ScalingConfig={"MaximumConcurrency": min(_WORKERS, 10)}
        )


def outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """Return a stack's outputs by name."""
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def load_template(path: Path) -> dict[str, Any]:
    """Read a template and expand the short forms of intrinsic functions."""
    document = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 # nosec B506 - a SafeLoader
    return json.loads(json.dumps(document))  # type: ignore[no-any-return] # aliases become copies


def _intrinsic(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


# Written in C where libyaml is there, which takes a tenth of the time.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # one or the other
    """A safe loader that also knows the short forms."""


_Loader.add_multi_constructor("!", _intrinsic)


def _with_sources(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in the template that has a source."""
    if isinstance(value, dict):
        if any(name in value for name in _SOURCES):
            yield value
        for member in value.values():
            yield from _with_sources(member)
    elif isinstance(value, list):
        for member in value:
            yield from _with_sources(member)


def _packed(source: Path, start: str) -> tuple[str, bytes]:
    """Return a source's key and content: a definition as it is, a folder as a ZIP archive.

    `start` is the `bootstrap` of functions.
    By its key an update sees whether a source has changed.
    """
    name = source.relative_to(ROOT).as_posix()
    if source.is_file():
        content = source.read_bytes()
        return f"{name}/{_digest(content)}.json", content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(source))
        if (source / "app.py").exists():
            bootstrap = zipfile.ZipInfo("bootstrap")
            bootstrap.external_attr = 0o755 << 16
            archive.writestr(bootstrap, start)
    content = buffer.getvalue()
    # Functions read the shared layer where it lies, so a copy that is old does no harm.
    version = f"/{_digest(content)}" if (source / "app.py").exists() else ""
    return f"{name}{version}.zip", content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
