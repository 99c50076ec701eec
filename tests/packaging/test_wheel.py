"""The package as people install it: its wheel, in an environment that has what it asks for only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

import pytest
from openpyxl import Workbook
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.engine import free_port
from tools.reference import commands

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SOURCES = {
    "listdrop": ROOT / "layers" / "shared" / "listdrop",
    "listdrop_cli": ROOT / "listdrop_cli",
}
ROUTE = '{"destinations": [{"provider": "activecampaign"}]}'

IMPORT_ALL = """
import importlib, pkgutil
for top in ("listdrop", "listdrop_cli"):
    for found in pkgutil.walk_packages(importlib.import_module(top).__path__, f"{top}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
"""
HELP_ALL = """
import sys, typer
from listdrop_cli.app import app
for name in sys.stdin.read().splitlines():
    typer.main.get_command(app).main([*name.split(), "--help"], standalone_mode=False)
"""
LOADED = """
import sys, listdrop_cli.app
print({"flask", "jinja2", "werkzeug", "openpyxl"} & sys.modules.keys())
"""
TOP_LEVEL = """
import importlib.util
print([name for name in ("local", "tests", "tools") if importlib.util.find_spec(name)])
"""


@dataclass(frozen=True)
class Installed:
    """A wheel, and an environment outside of the repository that it is installed in."""

    wheel: Path
    folder: Path

    def run(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, where nothing of AWS is configured."""
        binaries = self.folder / "env" / "bin"
        return subprocess.run(
            [binaries / command[0], *command[1:]],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={
                "PATH": f"{binaries}{os.pathsep}{os.defpath}",
                "HOME": str(self.folder),
                "LISTDROP_HOME": str(self.folder / "stacks"),
                "AWS_EC2_METADATA_DISABLED": "true",
                "PYTHONDONTWRITEBYTECODE": "1",  # what is required is linked, and not ours
                "COLUMNS": "200",
            },
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of the source distribution, built and installed without a network."""
    folder = tmp_path_factory.mktemp("installed")
    to = ("--no-isolation", "--outdir", str(folder / "dist"))
    python("-m", "build", *to, str(ROOT))
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env", symlinks=True)
    into = ("--python", str(folder / "env" / "bin" / "python"))
    offline = ("--quiet", "--no-index", "--no-deps")
    python("-m", "pip", *into, "install", *offline, str(wheel))
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "env")}))
    (ours,) = Distribution.discover(name="listdrop", path=[str(packages)])
    for required in requirements_of(ours):
        link(required, packages)
    return Installed(wheel, folder)


def python(*options: str) -> None:
    """Run a program of this environment."""
    subprocess.run([sys.executable, *options], check=True, capture_output=True)


def requirements_of(
    asking: Distribution, extras: frozenset[str] = frozenset()
) -> Iterator[Distribution]:
    """Yield what a distribution requires, and what that requires in turn."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(asking, extras)]
    while waiting:
        distribution_, wanted = waiting.pop()
        for text in distribution_.requires or ():
            required = Requirement(text)
            asked = (canonicalize_name(required.name), frozenset(required.extras))
            marker = required.marker
            if asked in seen or not (
                marker is None or any(marker.evaluate({"extra": each}) for each in ("", *wanted))
            ):
                continue
            seen.add(asked)
            found = distribution(required.name)
            yield found
            waiting.append((found, asked[1]))


def link(required: Distribution, to: Path) -> None:
    """Make a distribution that is installed here importable there, and nothing else."""
    tops = {file.parts[0] for file in required.files or ()} - {"..", "__pycache__"}
    for top in tops:
        if not (to / top).exists():
            (to / top).symlink_to(Path(str(required.locate_file(top))))


# ---------------------------------------------------------------- what is in it


def test_the_wheel_holds_the_package_and_the_command_and_nothing_else(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()

    assert {name.split("/")[0] for name in names} == {
        *SOURCES,
        f"listdrop-{PROJECT['version']}.dist-info",
    }
    assert installed.run("python", "-c", TOP_LEVEL).stdout == "[]\n"


@pytest.mark.parametrize("package", SOURCES)
def test_the_wheel_holds_every_file_of_the_package(package: str, installed: Installed) -> None:
    source = SOURCES[package]
    files = (path for path in source.rglob("*") if path.is_file())
    expected = {path.relative_to(source.parent).as_posix() for path in files}

    names = set(zipfile.ZipFile(installed.wheel).namelist())

    assert {name for name in expected if "__pycache__" not in name} <= names


def test_every_module_can_be_imported_with_what_the_wheel_asks_for(installed: Installed) -> None:
    done = installed.run("python", "-c", IMPORT_ALL)

    assert (done.returncode, done.stderr) == (0, "")


def at_run_time(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported outside of `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
        yield from at_run_time(node)


def test_whatever_is_imported_is_declared_and_nothing_else_is() -> None:
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    files = [path for source in SOURCES.values() for path in source.rglob("*.py")]
    imported = {
        name.split(".")[0]
        for path in files
        for name in at_run_time(ast.parse(path.read_text("utf-8")))
    }
    ours = packages_distributions()
    others = imported - sys.stdlib_module_names - SOURCES.keys()

    assert {canonicalize_name(ours[name][0]) for name in others} == declared


# ---------------------------------------------------------------- what it can do


def test_it_says_its_version(installed: Installed) -> None:
    said = f"listdrop {PROJECT['version']}\n"

    assert installed.run("listdrop", "--version").stdout == said
    assert installed.run("python", "-m", "listdrop_cli", "--version").stdout == said


def test_the_changelog_has_its_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert f"\n## [{PROJECT['version']}] - " in changelog


def test_every_command_explains_itself(installed: Installed) -> None:
    names = [name for name, _ in commands()]

    done = installed.run("python", "-c", HELP_ALL, given="\n".join(names))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Example: listdrop ") == len(names)
    assert installed.run("listdrop", "--help").returncode == 0


def test_help_does_not_wait_for_what_serves_pages_or_reads_workbooks(installed: Installed) -> None:
    done = installed.run("python", "-c", LOADED)

    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_it_checks_a_workbook(installed: Installed) -> None:
    book = Workbook()
    book.active.append(["Email"])  # type: ignore[union-attr] # a new book has a sheet
    book.active.append(["ada@example.com"])  # type: ignore[union-attr] # the same
    book.save(installed.folder / "people.xlsx")
    (installed.folder / "route.json").write_text(ROUTE)

    done = installed.run("listdrop", "check", "people.xlsx", "--route", "route.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert "activecampaign: 1 row to send" in done.stdout


def test_a_stack_that_does_not_answer_is_one_sentence(installed: Installed) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = installed.run("listdrop", "jobs", "--endpoint-url", url)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f'AWS: Could not connect to the endpoint URL: "{url}')


@pytest.mark.parametrize("verb", ["up", "down", "demo"])
def test_what_needs_the_repository_says_so_and_what_to_do(verb: str, installed: Installed) -> None:
    done = installed.run("listdrop", verb)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"`listdrop {verb}` needs a checkout of the Listdrop repository: git clone it, and run "
        f"`make {verb}` there.\n"
    )
