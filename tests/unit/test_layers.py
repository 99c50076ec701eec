"""How `sam build` makes the layers: compiled, and without what no function uses."""

from __future__ import annotations

import gc
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.loaders
import botocore.session
import pytest
from botocore.stub import Stubber

from listdrop.starting import quick_start
from local.engine import ROOT
from tools.benchmarks.cold_start import layer_builder

LAYERS = {
    "DependenciesLayer": "dependencies",
    "SharedLayer": "shared",
    "WebLayer": "web",
}
LAYER = layer_builder()
CALLS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "dynamodb": ("get_item", {"TableName": "jobs", "Key": {"pk": {"S": "a"}}}, {}),
    "s3": ("list_objects_v2", {"Bucket": "uploads"}, {}),
    "secretsmanager": ("get_secret_value", {"SecretId": "a"}, {"SecretString": "b"}),
    "sns": ("publish", {"TopicArn": "a", "Message": "b"}, {"MessageId": "c"}),
    "sqs": ("send_message", {"QueueUrl": "https://a", "MessageBody": "b"}, {"MessageId": "c"}),
    "ssm": ("get_parameter", {"Name": "/listdrop/a"}, {"Parameter": {"Value": "{}"}}),
    "stepfunctions": ("list_executions", {"stateMachineArn": "a"}, {"executions": []}),
}


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> boto3.Session:
    """A session that finds only what the layer has of botocore's data."""
    data = tmp_path_factory.mktemp("botocore") / "data"
    shutil.copytree(Path(botocore.__file__).parent / "data", data)
    LAYER.trim_services(data)
    loader = botocore.loaders.Loader([str(data)], include_default_search_paths=False)
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    return boto3.Session("any", "any", region_name="eu-west-1", botocore_session=session)


@pytest.mark.parametrize("service", LAYER.SERVICES)
def test_a_client_of_each_service_works_with_the_trimmed_data(
    service: str, trimmed: boto3.Session
) -> None:
    call, given, answer = CALLS[service]
    client = trimmed.client(service)  # type: ignore[call-overload] # any service

    with Stubber(client) as stubber:
        stubber.add_response(call, answer, given)
        assert getattr(client, call)(**given) == answer
    assert ".eu-west-1.amazonaws.com" in client.meta.endpoint_url
    for name in client.waiter_names:
        client.get_waiter(name)


def test_a_link_is_signed_and_a_table_is_read_with_the_trimmed_data(
    trimmed: boto3.Session,
) -> None:
    client = trimmed.client("s3")
    link = client.generate_presigned_url("get_object", {"Bucket": "results", "Key": "a"})
    table = trimmed.resource("dynamodb").Table("jobs")

    assert link.startswith("https://results.s3.")
    with Stubber(table.meta.client) as stubber:
        stubber.add_response("get_item", {"Item": {"pk": {"S": "a"}}})
        assert table.get_item(Key={"pk": "a"})["Item"] == {"pk": "a"}


def test_no_other_service_is_left(trimmed: boto3.Session) -> None:
    assert set(trimmed.get_available_services()) == set(LAYER.SERVICES)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return a folder with boto3's packages, without the data that a session can find elsewhere."""
    for name in ("boto3", "botocore", "s3transfer"):
        source = Path(botocore.__file__).parents[1] / name
        ignored = shutil.ignore_patterns("__pycache__", *(["data"] if name == "botocore" else []))
        shutil.copytree(source, tmp_path / name, ignore=ignored)
    return tmp_path


def test_clients_are_made_without_what_documents_them_or_starts_processes(packages: Path) -> None:
    LAYER.trim_modules(packages)
    program = (
        "import boto3, sys; session = boto3.Session('any', 'any', region_name='eu-west-1')\n"
        "client = session.client('s3'); client.get_waiter('object_exists')\n"
        "table = session.resource('dynamodb').Table('jobs'); table.put_item.__doc__\n"
        "print(boto3.__file__, {'html.parser', 'multiprocessing', 'pickle'} & set(sys.modules))"
    )
    data = Path(botocore.__file__).parent / "data"
    environment = os.environ | {"PYTHONPATH": str(packages), "AWS_DATA_PATH": str(data)}
    command = [sys.executable, "-c", program]

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout == f"{packages / 'boto3' / '__init__.py'} set()\n"


def test_a_package_that_changed_is_not_trimmed_in_silence(packages: Path) -> None:
    (packages / "s3transfer" / "compat.py").write_text("import multiprocessing.managers\n")

    with pytest.raises(SystemExit, match="compat is not what this build knows"):
        LAYER.trim_modules(packages)


def test_every_service_that_functions_use_is_in_the_layer() -> None:
    folder = ROOT / "layers" / "shared" / "listdrop" / "wiring"
    wiring = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    used = re.findall(r"(?:client|make|resource)\(\"(\w+)\"", wiring)

    assert set(used) == set(LAYER.SERVICES)


def test_what_is_compiled_is_believed_whatever_the_time_of_its_source(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "small.py").write_text("ONE = 1\n")

    LAYER.compile_all(tmp_path / "python", tmp_path)

    (compiled,) = tmp_path.rglob("*.pyc")
    assert compiled.read_bytes()[4:8] == (1).to_bytes(4, "little")  # hash, not checked
    assert compiled.name == f"small.{sys.implementation.cache_tag}.pyc"
    assert b"/opt/python/small.py" in compiled.read_bytes()


def test_packages_are_imported_from_what_is_compiled_alone(tmp_path: Path) -> None:
    package = tmp_path / "python" / "small"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("ONE = 1\n")
    (package / "__init__.pyi").write_text("ONE: int\n")
    (package / "data.json").write_text("{}")

    LAYER.compile_all(tmp_path / "python", tmp_path, has_sources=False)

    assert {path.name for path in package.iterdir()} == {"__init__.pyc", "data.json"}
    assert b"/opt/python/small/__init__.py" in (package / "__init__.pyc").read_bytes()
    command = [sys.executable, "-S", "-c", "import small; print(small.ONE)"]
    environment = os.environ | {"PYTHONPATH": str(package.parent)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"


def test_the_layers_of_a_function_are_40_megabytes_at_most() -> None:
    assert set(LAYER.MOST_BYTES) == set(LAYERS.values())
    assert sum(LAYER.MOST_BYTES.values()) <= 40_000_000


@pytest.mark.skipif(sys.version_info[:2] != LAYER.RUNTIME, reason="layers are of Lambda's Python")
def test_our_own_layer_is_as_small_as_it_may_be(tmp_path: Path) -> None:
    LAYER.build(ROOT / "layers" / "shared", tmp_path)

    assert (tmp_path / "python" / "listdrop" / "settings.py").exists()


@pytest.mark.parametrize("layer", LAYERS)
def test_sam_builds_a_layer_again_when_its_build_changes(layer: str) -> None:
    digest = hashlib.sha256((ROOT / "layers" / "build.py").read_bytes()).hexdigest()
    makefile = (ROOT / "layers" / LAYERS[layer] / "Makefile").read_text("utf-8")

    assert f"build-{layer}:\n" in makefile
    assert f"# sha256 of layers/build.py: {digest[:16]}\n" in makefile


def test_layers_are_compiled_by_the_version_that_runs_them() -> None:
    template = (ROOT / "template.yaml").read_text("utf-8")

    runtime = f"python{'.'.join(map(str, LAYER.RUNTIME))}"
    assert re.findall(r"\bRuntime: (\S+)", template) == [runtime]
    assert template.count("Metadata: {BuildMethod: makefile, BuildArchitecture: arm64}") == 3
    for folder in LAYERS.values():
        assert f"\t{runtime} " in (ROOT / "layers" / folder / "Makefile").read_text("utf-8")


def test_a_function_imports_first_what_imports_most() -> None:
    program = (
        "import sys; from listdrop.starting import quick_start\n"
        "before = {'boto3', 'pydantic.main'} & set(sys.modules)\n"
        "with quick_start(): print(before, 'boto3' in sys.modules, 'pydantic.main' in sys.modules)"
    )
    command = [sys.executable, "-c", program]

    ran = subprocess.run(command, capture_output=True, text=True, check=True)

    assert ran.stdout == "set() True True\n"


def test_a_function_imports_without_garbage_collection_and_collects_afterwards() -> None:
    with quick_start():
        assert not gc.isenabled()

    assert gc.isenabled()
    assert gc.get_freeze_count()
    gc.unfreeze()
