"""Measures how long functions take to start, against a function by the book in the same run.

    python3.13 -m tools.benchmarks.cold_start

"By the book" is a handler with five clients of boto3, Powertools and a pydantic model with
`EmailStr`, its packages installed as `sam build` does by default: as sources. Ours are the handlers
of this repository on layers made by `layers/build.py`, but with packages for this machine. Each
figure is the median of processor time, user and system, of fresh processes that take turns.
`imported` is the handler alone; `ready` is that and the clients that most events need, which ours
make at the first event. "Bare imports" are those of four packages, compiled and untrimmed. The
levers are the Send function with one of them less.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("submit", "send", "status", "finish", "sweep", "dashboard")

_BY_THE_BOOK = """
import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parser import event_parser
from pydantic import BaseModel, EmailStr
clients = [boto3.client(name) for name in ("s3", "dynamodb", "sqs", "sns", "ssm")]
logger, metrics = Logger(service="book"), Metrics(namespace="book")
class Row(BaseModel):
    email: EmailStr
    first_name: str = ""
    last_name: str = ""
@event_parser(model=Row)
def lambda_handler(event: Row, context): return event.email
"""
_BARE = "import aws_lambda_powertools, boto3, pydantic, requests"
_READY = """
import app
from listdrop.wiring import {module}
from listdrop.wiring.shared import client
{module}.{ports}_ports()
for service in {services}:
    client(service).meta
"""
_PORTS = {"send": "turn", "status": "turn"}
_MODULES = {"send": "turns", "status": "turns"}
_SERVICES = {
    "submit": ["s3", "ssm", "stepfunctions"],
    "send": ["s3", "secretsmanager"],
    "status": ["s3", "secretsmanager", "dynamodb"],
    "finish": ["s3", "sns", "dynamodb"],
    "sweep": ["s3"],
}
"""Of which services most events need a client, beside the table's."""
_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_LAMBDA_FUNCTION_NAME": "listdrop-any",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "PYDANTIC_DISABLE_PLUGINS": "true",
    "STACK_NAME": "listdrop",
    "STAGE": "test",
    "TABLE_NAME": "listdrop",
    "UPLOADS_BUCKET": "uploads",
    "RESULTS_BUCKET": "results",
    "SUBMIT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/submit",
    "RESULTS_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:results",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:import",
}


@dataclass(frozen=True)
class Start:
    """A program that does what a function does before its first event, and where it finds it."""

    name: str
    program: str
    path: tuple[Path, ...]


def main() -> None:
    """Build the layers, measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        starts = list(_starts(Path(folder)))
        taken: dict[str, list[float]] = {start.name: [] for start in starts}
        for _ in range(runs):
            for start in starts:
                taken[start.name].append(_processor_time(start))
    figures = {name: median(times) for name, times in taken.items()}
    reference = figures["by the book"]
    for name, seconds in figures.items():
        print(f"{name:34} {seconds * 1_000:6.0f} ms  {seconds / reference:5.2f}")


def _starts(folder: Path) -> Iterator[Start]:
    layers = layer_builder()
    whole = folder / "whole"  # Lambda puts all layers of a function into one folder, too
    for name in ("dependencies", "web", "shared"):
        layers.build(ROOT / "layers" / name, folder / name, platforms=())
        shutil.copytree(folder / name / "python", whole, dirs_exist_ok=True)
    sources, book, bare = folder / "sources", folder / "book", folder / "bare"
    layers.fill(ROOT / "layers" / "dependencies", sources, platforms=())
    shutil.copytree(sources, book)
    shutil.copytree(sources, bare)
    layers.compile_all(bare, folder)
    # What `EmailStr` needs, and Listdrop does not.
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile")
    needed = ("email-validator", "dnspython")
    subprocess.run([*pip, f"--target={book}", *needed], check=True)  # noqa: S603 # our own words
    layers.fill(ROOT / "layers" / "shared", sources, platforms=())
    yield Start("by the book", _BY_THE_BOOK, (book,))
    yield Start("bare imports", _BARE, (bare,))
    for function in FUNCTIONS:
        handler = ROOT / "functions" / function
        yield Start(f"{function}, imported", "import app", (handler, whole))
        yield Start(f"{function}, ready", _ready(function), (handler, whole))
    yield from _levers(layers, folder, sources, whole)


def _levers(layers: Any, folder: Path, sources: Path, whole: Path) -> Iterator[Start]:
    """Yield the start of Send without one of the levers, and without any of them."""
    send = ROOT / "functions" / "send"
    ready = _ready("send")
    plain = folder / "plain"
    shutil.copytree(sources, plain)
    layers.trim(plain)
    yield Start("send, ready, without bytecode", ready, (send, plain))
    untrimmed = folder / "untrimmed"
    shutil.copytree(sources, untrimmed)
    layers.compile_all(untrimmed, folder)
    yield Start("send, ready, without trimming", ready, (send, untrimmed))
    collecting = f"import gc; gc.disable = gc.freeze = lambda: None\n{ready}"
    yield Start("send, ready, with collection", collecting, (send, whole))
    yield Start("send, ready, without any", collecting, (send, sources))


def _ready(function: str) -> str:
    """Return a program that imports a handler, and makes what most of its events need."""
    return _READY.format(
        module=_MODULES.get(function, function),
        ports=_PORTS.get(function, function),
        services=_SERVICES.get(function, []),
    )


def layer_builder() -> Any:
    """Load `layers/build.py`, which is a program and in no package."""
    spec = spec_from_file_location("layers_build", ROOT / "layers" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _processor_time(start: Start) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 # our own programs
        [sys.executable, "-Sc", start.program], check=True, env=_environment(start)
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _environment(start: Start) -> Mapping[str, str]:
    """Return the environment; nothing may be compiled into the folders, as on AWS."""
    path = os.pathsep.join(map(str, start.path))
    return {**_ENVIRONMENT, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    main()
