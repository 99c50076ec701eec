"""Expands template and workflow to what AWS gets: without loops and without SAM resources.

Run as a module, in the environment of the SAM command line, it writes both to a folder, for the
scanners.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from local.deploy import load_template
from local.engine import ROOT

Template = dict[str, Any]

# The transform needs addresses of objects in S3, but does not read the objects.
_PACKED = {
    "CodeUri": "s3://code/function.zip",
    "ContentUri": "s3://code/layer.zip",
    "DefinitionUri": "s3://code/workflow.json",
}


_NAMED_BY_LOOP = re.compile(r'("Fn::GetAtt": \[|"Ref": )\{"Fn::Sub": ("\w+")\}')
"""A resource whose name a loop makes. `AWS::LanguageExtensions` resolves it before SAM."""


class _NoManagedPolicies:
    """Replaces IAM's list of managed policies. SAM knows the policies that it adds without it."""

    def load(self) -> dict[str, str]:
        return {}


def without_loops() -> Template:
    """Return the template with every `Fn::ForEach` expanded."""
    template = load_template(ROOT / "template.yaml")
    resources: dict[str, Any] = {}
    for name, resource in template["Resources"].items():
        if not name.startswith("Fn::ForEach::"):
            resources[name] = resource
            continue
        variable, values, body = resource
        for value in values:
            text = json.dumps(body).replace(f"${{{variable}}}", value)
            text = text.replace(json.dumps({"Ref": variable}), json.dumps(value))
            resources |= _with_subs(json.loads(_NAMED_BY_LOOP.sub(r"\1\2", text)))
    return template | {"Resources": _with_found(resources, template.get("Mappings", {}))}


def _with_subs(node: Any) -> Any:
    """Return a part of the template with one `Fn::Sub` for each `Fn::Join` of texts."""
    if isinstance(node, list):
        return [_with_subs(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "Fn::Join" in node:
        between, texts = node["Fn::Join"]
        return {"Fn::Sub": between.join(map(_as_sub, texts))}
    return {key: _with_subs(each) for key, each in node.items()}


def _as_sub(text: str | Mapping[str, str]) -> str:
    if isinstance(text, str):
        return text
    return text["Fn::Sub"] if "Fn::Sub" in text else f"${{{text['Ref']}}}"


def _with_found(node: Any, mappings: Mapping[str, Any]) -> Any:
    """Return a part of the template with what it looks up in maps by a loop's value."""
    if isinstance(node, list):
        return [_with_found(each, mappings) for each in node]
    if not isinstance(node, dict):
        return node
    if "Fn::FindInMap" in node:
        name, key, member = node["Fn::FindInMap"]
        found = mappings[name].get(key["Fn::Sub"])
        return found[member] if found else node
    return {key: _with_found(each, mappings) for key, each in node.items()}


def as_list(value: Any) -> list[Any]:
    """Return a list of values where IAM allows one or several."""
    return value if isinstance(value, list) else [value]


@cache
def _roles() -> Template:
    resources = without_loops()["Resources"]
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def statements(
    properties: dict[str, Any], *, has_key: bool = True, signs_in: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield the statements of the policies of a function's role.

    Of those that depend on conditions, only those for a stack that has its own key, or not,
    and whose dashboard people sign in to, or not.
    """
    role, _ = properties["Role"]["Fn::GetAtt"]
    holds = {"HasKey": has_key, "HasSignIn": signs_in, "HasClientSecret": signs_in}
    for policy in _roles()[role]["Policies"]:
        while "Fn::If" in policy:
            condition, with_it, without_it = policy["Fn::If"]
            policy = with_it if holds[condition] else without_it  # a nested one is next
        yield from policy.get("PolicyDocument", {"Statement": []})["Statement"]


def expanded() -> Template:
    """Return the template without SAM resources. Needs `AWS_DEFAULT_REGION`, as SAM does."""
    from samtranslator.translator.transform import (  # type: ignore[import-not-found] # in .venv-sam
        transform,
    )

    template = without_loops() | {"Transform": "AWS::Serverless-2016-10-31"}
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {name: uri for name, uri in _PACKED.items() if name in properties}
    return transform(template, {}, _NoManagedPolicies())  # type: ignore[no-any-return] # untyped


def workflow() -> Any:
    """Return the workflow, with example values for what the template fills in."""
    machine = load_template(ROOT / "template.yaml")["Resources"]["ImportStateMachine"]["Properties"]
    text = (ROOT / machine["DefinitionUri"]).read_text("utf-8")
    for name, value in machine["DefinitionSubstitutions"].items():
        arn = "arn:aws:lambda:us-east-1:000000000000:function:listdrop-finish"
        filled = {"Ref": "aws", "Fn::Sub": arn, "Fn::GetAtt": arn}
        plain = filled[next(iter(value))] if isinstance(value, dict) else str(value)
        text = text.replace(f"${{{name}}}", plain)
    assert not re.search(r"\$\{\w+\}", text)
    return json.loads(text)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "sam.json": load_template(ROOT / "template.yaml"),  # for tools without YAML anchors
        "template.json": expanded(),
        "import.asl.json": workflow(),
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, indent=1), "utf-8")
