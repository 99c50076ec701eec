"""Builds a layer, for `sam build`: see the Makefiles of the layers. Needs nothing but Python.

A function's files are read-only on AWS. So what is not compiled here, Python compiles again at each
cold start, and that takes longer than all else together.
"""

from __future__ import annotations

import argparse
import compileall
import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

RUNTIME = (3, 13)
"""Only this version of Python, once released, reads what it has compiled."""

PLATFORMS = tuple(f"manylinux{version}_aarch64" for version in ("2014", "_2_17", "_2_28", "_2_34"))
"""What runs on Amazon Linux 2023, on arm64."""

SERVICES = ("dynamodb", "s3", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions")
"""Services that functions have clients of."""


UNUSED = (
    "*.dist-info/RECORD",
    "*__mypyc.*.so",
    "authlib/integrations/django_*",
    "authlib/integrations/flask_oauth*",
    "authlib/integrations/httpx_client",
    "authlib/integrations/sqla_oauth2",
    "authlib/integrations/starlette_client",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/batch",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_classes",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/parser",
    "aws_lambda_powertools/utilities/streaming",
    "aws_lambda_powertools/utilities/validation",
    "boto3/examples",
    "cffi",
    "charset_normalizer",
    "chardet/**/*.so",
    "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz",
    "pycparser",
    "pydantic/v1",
    "s3transfer/processpool.py",
    "werkzeug/debug",
    "wtforms/locale",
)
"""What no function imports. Of two packages that requests detects encodings with, it takes chardet,
but imports the other one, too, where there is one. cryptography needs what cffi compiled, not cffi.
chardet takes three times as long, some hundredths of a second, without its compiled modules, which
are six of its seven megabytes.
"""

DOCUMENTING = ("boto3/docs", "botocore/docs")
"""What writes the documentation of a client, when `help()` asks: no function does. Yet clients are
made with classes of it, and these import an HTML parser.
"""
_CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
_SILENT = """
class _Silent(str):
    def __new__(cls, *_args, **_named):
        return super().__new__(cls)

    def __init__(self, *_args, **_named):
        pass

"""
_PROCESSES = re.compile(r"^from multiprocessing\.managers import BaseManager\b.*\n", re.MULTILINE)
"""A line of `s3transfer.compat`, for its pool of processes alone. It takes 3 % of a start."""

MOST_BYTES = {"dependencies": 16_000_000, "shared": 4_400_000, "web": 19_500_000}
"""A larger layer is not built: each megabyte takes time at a cold start. Only the dashboard has the
third layer, most of it for the sign-in, and all three are 40 MB together.
"""


def build(source: Path, artifacts: Path, platforms: Iterable[str] = PLATFORMS) -> None:
    """Build the layer of a folder, for these platforms; for this machine, if there are none."""
    if sys.version_info[:2] != RUNTIME or sys.version_info.releaselevel != "final":
        sys.exit(f"Layers are built by Python {'.'.join(map(str, RUNTIME))}, as Lambda runs it.")
    python = artifacts / "python"
    fill(source, python, platforms)
    trim(python)
    compile_all(python, artifacts, has_sources=not (source / "requirements.txt").exists())
    size = sum(path.stat().st_size for path in python.rglob("*") if path.is_file())
    most = MOST_BYTES[source.resolve().name]
    if size > most:
        sys.exit(f"The layer has {size:,} bytes, and may have {most:,}.")


def fill(source: Path, python: Path, platforms: Iterable[str] = PLATFORMS) -> None:
    """Install a layer's requirements, or copy its package."""
    requirements = source / "requirements.txt"
    if requirements.exists():
        _install(requirements, python, platforms)
    for package in (path.parent for path in source.glob("*/__init__.py")):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, python / package.name, ignore=ignored)


def trim(python: Path) -> None:
    """Leave out what no function uses, above all what boto3 has of other services."""
    for unused in (path for name in UNUSED for path in list(python.glob(name))):
        if unused.is_dir():
            shutil.rmtree(unused)
        else:
            unused.unlink()
    data = python / "botocore" / "data"
    if data.exists():
        trim_services(data)
        _keep(python / "boto3" / "data", ("dynamodb",))  # the only one used as a resource
        trim_modules(python)


def trim_modules(python: Path) -> None:
    """Leave out of boto3's packages what they import and no function uses."""
    for docs in (python / name for name in DOCUMENTING):
        classes = _CLASS.findall((docs / "docstring.py").read_text("utf-8"))
        names = "".join(f"{name} = _Silent\n" for name in classes)
        _keep_modules(docs, {"__init__.py": "", "docstring.py": _SILENT + names})
    compat = python / "s3transfer" / "compat.py"
    text, count = _PROCESSES.subn("", compat.read_text("utf-8"))
    if count != 1:
        sys.exit("s3transfer.compat is not what this build knows.")
    compat.write_text(text, "utf-8")


def trim_services(data: Path) -> None:
    """Leave out what botocore has of services that no function uses, and texts about the others.

    The first client waits until its service's description and the list of all endpoints are read.
    """
    _keep(data, SERVICES)
    for examples in data.glob("*/*/examples-1.json*"):
        examples.unlink()
    for packed in data.glob("*/*/*.json.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    for model in data.glob("*/*/service-2.json"):
        _rewrite(model, _without_documentation)
    _rewrite(data / "endpoints.json", _without_services)


def compile_all(python: Path, artifacts: Path, *, has_sources: bool = True) -> None:
    """Compile every module, and delete the sources unless the layer keeps them.

    Without them, tracebacks still name file and line, where Lambda puts them, but do not show it.
    Beside a source, what is compiled is believed, as a ZIP file changes the files' times.
    """
    is_done = compileall.compile_dir(
        python,
        quiet=1,
        legacy=not has_sources,
        stripdir=artifacts,
        prependdir="/opt",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not is_done:
        sys.exit("A module of the layer cannot be compiled.")
    if not has_sources:
        for module in [*python.rglob("*.py"), *python.rglob("*.pyi")]:
            module.unlink()


def _install(requirements: Path, python: Path, platforms: Iterable[str]) -> None:
    chosen = [f"--platform={platform}" for platform in platforms]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"),
        *(f"--requirement={requirements}", f"--target={python}", *chosen),
    ]
    subprocess.run(command, check=True)  # noqa: S603 # our own requirements
    shutil.rmtree(python / "bin", ignore_errors=True)  # programs that run on this machine only


def _keep(data: Path, services: Iterable[str]) -> None:
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)


def _keep_modules(package: Path, replaced: Mapping[str, str]) -> None:
    """Leave these modules in a package, with these texts, and what they share: `utils`."""
    for path in package.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "utils.py":
            path.unlink()
    for name, text in replaced.items():
        (package / name).write_text(text, "utf-8")


def _rewrite(path: Path, change: Any) -> None:
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(change(content), separators=(",", ":")), "utf-8")


def _without_services(endpoints: Any) -> Any:
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {
            name: services[name] for name in services if name in {*SERVICES, "states"}
        }
    return endpoints


def _without_documentation(model: Any) -> Any:
    """Leave out texts of operations and shapes only: others are read when a client is made."""
    return model | {part: _silent(model[part]) for part in ("operations", "shapes")}


def _silent(part: Any) -> Any:
    if isinstance(part, list):
        return [_silent(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _silent(value)
        for name, value in part.items()
        if name != "documentation" or not isinstance(value, str)
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("artifacts", type=Path)
    options = parser.parse_args()
    build(options.source, options.artifacts)
