"""Functions work with what is in the layers, and with nothing that only a laptop has.

The layers are built as `sam build` does, but for this machine. The runtime client, which Lambda
has, is beside them.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from local.engine import ROOT
from local.stack import DEMO_ROUTE, LocalStack
from tests.support.containers import workbook
from tests.support.waiting import until
from tools.benchmarks.cold_start import layer_builder

LAYER = layer_builder()

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.xdist_group("layers"),
    pytest.mark.skipif(
        sys.version_info[:2] != LAYER.RUNTIME, reason="layers are of Lambda's Python"
    ),
]

PEOPLE = (ROOT / "events" / "prospects.csv").read_bytes()
EXPECTED = json.loads((ROOT / "events" / "prospects.expected.json").read_bytes())
LAYERS = ("dependencies", "shared")
RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
ON_A_LAPTOP_ONLY = ("typer", "yaml", "lxml", "defusedxml", "openpyxl", "flask")


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the packages of all layers, and the runtime client's."""
    folder = tmp_path_factory.mktemp("layers")
    for layer in LAYERS:
        built = tmp_path_factory.mktemp(layer)
        LAYER.build(ROOT / "layers" / layer, built, platforms=())
        copytree(built / "python", folder, dirs_exist_ok=True)
    for package in RUNTIME:
        for file in files(package) or ():
            if ".." not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(Path(str(file.locate())).read_bytes())
    return folder


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the packages that only the dashboard has."""
    built = tmp_path_factory.mktemp("web")
    LAYER.build(ROOT / "layers" / "web", built, platforms=())
    return built / "python"


@pytest.fixture(scope="module")
def stack(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of its own, whose functions see only these packages."""
    home = tmp_path_factory.mktemp("stack")
    with LocalStack(home=home, wait_scale=0.02, layers=layers) as running:
        yield running


@pytest.mark.parametrize("package", ON_A_LAPTOP_ONLY)
def test_a_function_does_not_find_what_only_a_laptop_has(layers: Path, package: str) -> None:
    command = [sys.executable, "-S", "-c", f"import {package}"]
    environment = os.environ | {"PYTHONPATH": str(layers)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)  # ourselves

    assert f"No module named '{package}'" in ran.stderr


def test_whatever_a_module_imports_at_any_time_is_in_the_layers(layers: Path, web: Path) -> None:
    modules = sorted((ROOT / "layers" / "shared" / "listdrop").rglob("*.py"))
    imported = sorted(set().union(*map(imported_by, (*modules, *ROOT.glob("functions/*/app.py")))))
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [sys.executable, "-S", "-c", program, *imported]
    environment = os.environ | {"PYTHONPATH": f"{layers}{os.pathsep}{web}"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)  # ourselves

    assert {"chardet", "authlib.integrations.flask_client", "joserfc.errors"} <= set(imported)
    assert not ran.stderr


def test_every_provider_gets_its_rows(stack: LocalStack) -> None:
    stack.drop("inbox/demo/people.csv", PEOPLE)

    jobs = until(lambda: ended_jobs(stack, "demo"), "not all jobs ended")
    for job in jobs:
        expected = EXPECTED[job["provider"]]["counts"]
        assert {name: rows for name, rows in job["counts"].items() if rows} == expected


def test_a_workbook_is_read_by_the_parser_that_aws_has(stack: LocalStack) -> None:
    stack.put_route("sheets", DEMO_ROUTE.read_text("utf-8"))

    stack.drop("inbox/sheets/people.xlsx", as_workbook(PEOPLE))

    jobs = until(lambda: ended_jobs(stack, "sheets"), "not all jobs ended")
    for job in jobs:
        expected = EXPECTED[job["provider"]]["counts"]
        # What providers make of these people depends on whether they have them by now.
        for ours in ("rows", "duplicate", "invalid"):
            assert job["counts"][ours] == expected[ours]


def imported_by(module: Path) -> set[str]:
    """Return the names of all modules that a module imports, but for those that only types need."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    nodes = list(ast.walk(tree))
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return named | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def as_workbook(text: bytes) -> bytes:
    """Return a table as a workbook, whose XML is read by the same parser as on AWS."""
    return workbook(*csv.reader(text.decode().splitlines()))


def ended_jobs(stack: LocalStack, route: str) -> list[dict[str, Any]]:
    """Return the jobs of a route once all of them have ended."""
    found = stack.table.query(IndexName="by_route", KeyConditionExpression=Key("route").eq(route))
    jobs = [job for job in found["Items"] if "finished_at" in job]
    return jobs if len(jobs) == len(EXPECTED) else []
