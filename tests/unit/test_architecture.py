from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from listdrop import errors
from listdrop.models import Turn
from listdrop.providers import REGISTRY
from listdrop.settings import Settings
from local.deploy import load_template
from local.simulators import SIMULATORS
from tools.rooms import ROOT, RULES, arrows, floors, imported, modules, room_of

PACKAGE = ROOT / "layers" / "shared" / "listdrop"
TEMPLATE = load_template(ROOT / "template.yaml")
WORKFLOW = json.loads((ROOT / "functions" / "import.asl.json").read_text("utf-8"))
STATES: dict[str, dict[str, Any]] = WORKFLOW["States"]
MODULES = modules()
FUNCTIONS = sorted((ROOT / "functions").glob("*/app.py"))
SERVING = {ROOT / "functions" / "dashboard" / "app.py"}
"""The function that is called by a browser, through packages for that."""


def of_listdrop(path: Path) -> set[str]:
    """Modules of the package that a file imports, without the package's name."""
    names = {name for name, _ in imported(path)}
    return {name.removeprefix("listdrop.") for name in names if name.split(".")[0] == "listdrop"}


def of_others(path: Path) -> set[str]:
    """Top-level packages that a file imports, the standard library left out."""
    names = {name.split(".")[0] for name, _ in imported(path)}
    return names - set(sys.stdlib_module_names) - {"listdrop"}


# ---------------------------------------------------------------- rooms


def test_every_module_is_in_a_room() -> None:
    assert {room_of(module) for module in MODULES} == set(RULES)


@pytest.mark.parametrize("room", RULES)
def test_a_room_imports_what_its_rule_allows(room: str) -> None:
    broken = {
        f"{module} imports from {there}"
        for here, there, module in arrows()
        if here == room and there.removeprefix("listdrop.") not in RULES[room]
    }
    assert not broken


def test_no_rule_allows_what_nobody_imports() -> None:
    used: dict[str, set[str]] = {room: set() for room in RULES}
    for here, there, _ in arrows():
        used[here].add(there.removeprefix("listdrop."))
    assert {room: set(rule) for room, rule in RULES.items()} == {
        room: set(rule) & used[room] for room, rule in RULES.items()
    }


def test_rooms_import_in_no_circle() -> None:
    graph: dict[str, set[str]] = {room: set() for room in RULES}
    for here, there, _ in arrows():
        graph[here].add(there)
    assert floors({room: frozenset(known) for room, known in graph.items()})["listdrop.wiring"] > 1


@cache
def nodes(path: Path) -> list[ast.AST]:
    """A file's syntax, once for all tests."""
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@pytest.mark.parametrize("path", FUNCTIONS, ids=lambda path: path.parent.name)
def test_a_function_knows_only_wiring_nouns_use_cases_and_powertools(path: Path) -> None:
    pages, gateway = ({"dashboard.app"}, {"apig_wsgi"}) if path in SERVING else (set(), set())
    known = {
        name.removesuffix(f".{name.split('.')[-1]}") if name.startswith("wiring.") else name
        for name in of_listdrop(path)
        if not name.startswith("jobs.")
    }
    assert known <= {"starting", "wiring", "models", "errors"} | pages
    assert of_others(path) <= {"aws_lambda_powertools"} | gateway


def test_a_function_is_one_file() -> None:
    folders = [path for path in (ROOT / "functions").iterdir() if path.is_dir()]
    for folder in folders:
        sources = {path.name for path in folder.rglob("*.py")}
        assert sources == {"app.py"}


PYTHON = ("layers", "functions", "listdrop_cli", "local", "tools", "tests")
PACKAGES = {"listdrop", "listdrop_cli", "local", "tools", "tests"}
"""Our own top-level packages."""

OUTER: dict[str, set[str]] = {
    "layers/shared/listdrop": set(),
    "functions": set(),
    "listdrop_cli": set(),
    "local": set(),
}
"""What code outside `listdrop` may import of ours, beside `listdrop`."""


@pytest.mark.parametrize("folder", OUTER)
def test_what_ships_imports_nothing_of_what_does_not(folder: str) -> None:
    own = {folder.rpartition("/")[2]}
    for path in (ROOT / folder).rglob("*.py"):
        names = {name.split(".")[0] for name, _ in imported(path)}
        assert names & PACKAGES <= {"listdrop"} | own | OUTER[folder], path


SERVERS = {"listdrop.dashboard"}
USERS = {
    "authlib": SERVERS,
    "flask": SERVERS,
    "flask_wtf": SERVERS,
    "jinja2": SERVERS,
    "werkzeug": SERVERS,
    "boto3": {"listdrop.aws", "listdrop.wiring"},
    "botocore": {"listdrop.aws", "listdrop.wiring"},
    "mypy_boto3_dynamodb": {"listdrop.aws", "listdrop.wiring"},
    "aws_lambda_powertools": {"listdrop.aws", "listdrop.wiring"},
    "openpyxl": {"listdrop.tables"},
    "requests": {"listdrop.providers.http"},
    "joserfc": SERVERS,
    "urllib3": {"listdrop.aws", "listdrop.providers.http"},
}
"""The rooms in which a package for the outside may be used."""


@pytest.mark.parametrize("package", USERS)
def test_a_package_for_the_outside_is_used_in_its_room_only(package: str) -> None:
    users = {room_of(name) for name, path in MODULES.items() if package in of_others(path)}
    assert users <= USERS[package]


def test_only_signing_in_needs_its_packages_which_take_long_to_import() -> None:
    users = {name for name, path in MODULES.items() if {"authlib", "joserfc"} & of_others(path)}
    assert users == {"listdrop.dashboard.signing_in"}
    script = "import sys, listdrop.dashboard.app as app; print('authlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


PROVIDERS = {f"listdrop.providers.{name}" for name in REGISTRY}
UNNEEDED = {
    "submit": {"requests", "listdrop.providers.http", "listdrop.jobs.reporting", *PROVIDERS},
    "turns": {"listdrop.plans.planning", "listdrop.tables.reading", "sqlite3", *PROVIDERS},
    "finish": {"requests", "listdrop.plans.planning", *PROVIDERS},
    "sweep": {"requests", "listdrop.plans.planning", "listdrop.tables.reading", *PROVIDERS},
    "dashboard": {"requests", "listdrop.wiring.acting", *PROVIDERS},
}
"""Modules that a function would wait for in vain, when it starts."""


@pytest.mark.parametrize("module", UNNEEDED)
def test_a_function_starts_without_what_only_others_need(module: str) -> None:
    script = f"import json, sys, listdrop.wiring.{module}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = set(json.loads(run.stdout))

    assert not found & UNNEEDED[module]


def test_only_the_dashboards_own_function_needs_its_packages() -> None:
    web = {name for name, path in MODULES.items() if {"flask", "werkzeug"} & of_others(path)}
    for name in {"listdrop.wiring", *MODULES} - {each for each in MODULES if ".dashboard" in each}:
        assert not {f"listdrop.{each}" for each in of_listdrop(MODULES[name])} & web, name


def test_the_layer_uses_only_packages_that_it_ships_or_types_of_them() -> None:
    shipped = {
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "chardet",
        "orjson",
        "phonenumbers",
        "pydantic",
        "requests",
        "urllib3",
    }
    for name, path in MODULES.items():
        others = {each for each in of_others(path) if not each.startswith("mypy_boto3")}
        web = (
            {"authlib", "flask", "flask_wtf", "jinja2", "joserfc", "werkzeug"}
            if room_of(name) in SERVERS
            else set()
        )
        assert others <= shipped | web, name


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_a_long_module_says_why_in_its_docstring() -> None:
    for path in (path for folder in PYTHON[:5] for path in (ROOT / folder).rglob("*.py")):
        if lines(path) > 400:
            said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            assert "One module, despite its length" in said, f"{path} has {lines(path)} lines"


def test_a_long_class_says_why_in_its_docstring() -> None:
    for path in (path for folder in PYTHON[:5] for path in (ROOT / folder).rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= 200:
                said = ast.get_docstring(node) or ""
                assert "One class, despite its length" in said, f"{path}: {node.name}"


# ---------------------------------------------------------------- habits


@cache
def attributes(path: Path) -> set[str]:
    """Every dotted pair in a file, like `os.environ`."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_only_settings_reads_the_environment() -> None:
    for path in (*MODULES.values(), *FUNCTIONS):
        found = attributes(path) & {"os.environ", "os.getenv", "os.environb"}
        assert not found or path == MODULES["listdrop.settings"], path
        assert not {name for module, name in imported(path) if module == "os" and name}, path


def test_only_the_clock_sleeps() -> None:
    users = {name for name, path in MODULES.items() if "time.sleep" in attributes(path)}
    assert users <= {"listdrop.aws.messaging"}


def test_only_the_clock_and_the_http_client_look_at_the_time() -> None:
    looks = {"datetime.now", "datetime.utcnow", "time.time", "time.monotonic", "date.today"}
    users = {name for name, path in MODULES.items() if attributes(path) & looks}
    assert users <= {"listdrop.aws.messaging", "listdrop.providers.http"}


def test_nothing_edits_the_search_path() -> None:
    folders = ("layers", "functions", "local", "tests")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        if "sys.path" in path.read_text("utf-8"):  # or only a text has it
            assert "sys.path" not in attributes(path), path


IMPORT_ALL = """
import importlib, socket
import botocore.session

def refuse(*args, **kwargs):
    raise SystemExit(f"made at import: {args[1:]} {kwargs}")

botocore.session.Session.create_client = refuse
socket.socket.connect = refuse
socket.getaddrinfo = refuse
for name in __NAMES__:
    importlib.import_module(name)
print("imported")
"""


def test_importing_does_nothing_and_needs_nothing(tmp_path: Path) -> None:
    script = IMPORT_ALL.replace("__NAMES__", repr(sorted(MODULES)))
    command = [sys.executable, "-W", "error", "-c", script]
    run = subprocess.run(command, env={}, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "imported\n", "")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what belongs to a provider

NAMES = sorted(REGISTRY)
SHARED = {"__init__", "base", "http", "preparing", "routing"}


def contracts() -> set[str]:
    """Class names of the providers that have a contract test."""
    found = set()
    for path in (ROOT / "tests" / "providers").glob("test_*.py"):
        for node in nodes(path):
            if not isinstance(node, ast.ClassDef):
                continue
            if not any(
                isinstance(base, ast.Name) and base.id == "ProviderContract" for base in node.bases
            ):
                continue
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Name):
                    names = [target.id for target in member.targets if isinstance(target, ast.Name)]
                    found |= {member.value.id} if names == ["provider"] else set()
    return found


def test_every_file_of_a_provider_is_registered() -> None:
    files = {path.stem for path in (PACKAGE / "providers").glob("*.py")} - SHARED
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_is_in_the_file_of_its_name(name: str) -> None:
    assert REGISTRY[name].__module__ == f"listdrop.providers.{name}"
    assert REGISTRY[name].name == name


def test_every_provider_has_a_simulator() -> None:
    assert set(SIMULATORS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_has_a_contract_test(name: str) -> None:
    assert (ROOT / "tests" / "providers" / f"test_{name}.py").exists()
    assert REGISTRY[name].__name__ in contracts()


@pytest.mark.parametrize("name", NAMES)
def test_a_provider_has_a_row_in_the_readme(name: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.search(rf"^\|\s*`{name}`", readme, re.M)


def test_every_provider_has_its_functions_in_the_template() -> None:
    _, listed, _ = TEMPLATE["Resources"]["Fn::ForEach::Providers"]
    assert sorted(listed) == NAMES


# ---------------------------------------------------------------- template and settings


def variables() -> tuple[set[str], set[str]]:
    """Names of environment variables: of all functions, and of every single one."""
    own: set[str] = set()
    resources = dict(TEMPLATE["Resources"])
    resources |= resources.pop("Fn::ForEach::Providers")[2]
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            own |= set(resource["Properties"].get("Environment", {}).get("Variables", {}))
    shared = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    return own | shared, shared


def test_settings_are_the_templates_environment_variables() -> None:
    given, _ = variables()
    ours = {name for name in given if not name.startswith(("POWERTOOLS_", "PYDANTIC_"))}
    assert ours == {name.upper() for name in Settings.model_fields}


def test_settings_without_a_default_are_given_to_every_function() -> None:
    _, shared = variables()
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert needed <= shared


# ---------------------------------------------------------------- the workflow


def following(state: dict[str, Any]) -> set[str]:
    """Names of the states that may come next."""
    found = {state[key] for key in ("Next", "Default") if key in state}
    for key in ("Choices", "Catch"):
        found |= {each["Next"] for each in state.get(key, ())}
    return found


def is_end(state: dict[str, Any]) -> bool:
    return state["Type"] == "Succeed" or bool(state.get("End"))


def test_every_state_that_is_named_exists_and_every_state_is_reached() -> None:
    reached: set[str] = set()
    waiting = {WORKFLOW["StartAt"]}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= following(STATES[name]) - reached
    assert reached == set(STATES)


def test_every_state_goes_on_or_ends() -> None:
    for name, state in STATES.items():
        assert bool(following(state)) != is_end(state), name


def test_every_state_can_come_to_an_end() -> None:
    ending = {name for name, state in STATES.items() if is_end(state)}
    while True:
        more = {name for name, state in STATES.items() if following(state) & ending} - ending
        if not more:
            break
        ending |= more
    assert ending == set(STATES)


def test_every_task_of_a_turn_that_fails_is_tried_again_until_the_deadline() -> None:
    for name in ("Send", "Status"):
        caught = [(each["ErrorEquals"], each["Next"]) for each in STATES[name]["Catch"]]
        assert caught[-1] == (["States.ALL"], "WaitForRepair"), name
    assert following(STATES["WaitForRepair"]) == {"Overdue"}
    assert following(STATES["Overdue"]) == {"Finish", WORKFLOW["StartAt"]}


def test_errors_are_named_as_they_are_raised() -> None:
    names = {
        name
        for state in STATES.values()
        for key in ("Retry", "Catch")
        for rule in state.get(key, ())
        for name in rule["ErrorEquals"]
    }
    ours = {name for name in names if not name.startswith(("States.", "Lambda."))}
    assert ours <= {name for name, value in vars(errors).items() if isinstance(value, type)}


def substitutions() -> dict[str, Any]:
    properties = TEMPLATE["Resources"]["ImportStateMachine"]["Properties"]
    given: dict[str, Any] = properties["DefinitionSubstitutions"]
    return given


def test_the_workflow_uses_what_the_template_gives_it() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(WORKFLOW)))
    assert used == set(substitutions())


def test_the_workflow_knows_the_members_of_a_turn() -> None:
    text = json.dumps(WORKFLOW)
    assert set(re.findall(r"\$states\.input\.(\w+)", text)) <= set(Turn.model_fields)
    assert set(re.findall(r"\{'(\w+)':|, '(\w+)':", text)) <= {
        pair for name in Turn.model_fields for pair in ((name, ""), ("", name))
    }


def test_the_workflow_branches_on_the_words_of_a_turn() -> None:
    words = set(re.findall(r"\$states\.input\.next = '(\w+)'", json.dumps(WORKFLOW)))
    assert words
    assert words <= set(get_args(Turn.model_fields["next"].annotation))


def events_of(state: dict[str, Any], *, retried: bool) -> int:
    """History events of one pass: entered and exited, and three for each attempt of a task."""
    if state["Type"] != "Task":
        return 2
    retries = sum(int(rule["MaxAttempts"]) for rule in state.get("Retry", ()))
    attempts = 1 + retries * retried
    return 2 + 3 * attempts


def longest_turn(*, retried: bool) -> int:
    """Events of the longest way from the start back to the start; on a good way, no task fails."""

    def longest(name: str, seen: frozenset[str]) -> int | None:
        ways = [
            0 if after == WORKFLOW["StartAt"] else longest(after, seen | {after})
            for after in following(STATES[name] if retried else STATES[name] | {"Catch": []})
            if after not in seen
        ]
        possible = [way for way in ways if way is not None]
        return events_of(STATES[name], retried=retried) + max(possible) if possible else None

    found = longest(WORKFLOW["StartAt"], frozenset())
    assert found is not None
    return found


def test_a_turn_costs_nine_events() -> None:
    assert longest_turn(retried=False) == 9


def test_an_execution_hands_over_before_its_history_is_full() -> None:
    turns = int(substitutions()["MaxTurns"])
    finishes = 10  # of 600 seconds each: two are enough for the largest upload
    ends = sum(events_of(STATES[name], retried=True) for name in ("Finish", "Finished"))
    ends = finishes * ends + events_of(STATES["Continue"], retried=True)
    assert turns * longest_turn(retried=False) < 20_000
    assert turns * longest_turn(retried=True) + ends + 10 < 25_000, "if every attempt fails"


def test_a_fresh_execution_counts_turns_from_zero() -> None:
    arguments = STATES["Continue"]["Arguments"]
    assert "'turn': 0" in arguments["Input"]
    assert "'generation': $states.input.generation + 1" in arguments["Input"]
    assert arguments["Name"] == (
        "{% $states.input.job_id & '.' & $string($states.input.generation + 1) %}"
    )
