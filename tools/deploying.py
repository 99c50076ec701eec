"""Deploys to AWS: `python -m tools.deploying` asks for name, region and parameters, then runs SAM.

`sam deploy --guided` asks for them, too, but takes any name, and a rule in the template cannot see
what name is typed there. Here every answer is checked before anything is built or made. What a
stack has already is offered again.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from local.deploy import load_template
from local.engine import ROOT
from tools.stack_name import problems

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
NOTHING = "-"
"""The answer that empties a parameter: without an answer, what is offered stays."""
SAM = ROOT / ".venv-sam" / "bin" / "sam"


def wrong_value(parameter: Mapping[str, Any], text: str) -> str:
    """Say what is wrong with a parameter's value; empty: nothing."""
    if text == NOTHING and parameter.get("Default") == "":
        return ""
    allowed = [str(each) for each in parameter.get("AllowedValues", ())]
    if allowed and text not in allowed:
        return f"It is one of: {', '.join(allowed)}."
    if parameter["Type"] == "Number":
        try:
            value = float(text)
        except ValueError:
            return "It is a number."
        least, most = parameter.get("MinValue"), parameter.get("MaxValue")
        if (least is not None and value < least) or (most is not None and value > most):
            return f"It is from {least}{'' if most is None else f' to {most}'}."
    pattern, most = parameter.get("AllowedPattern"), parameter.get("MaxLength", len(text))
    if (pattern and not re.fullmatch(pattern, text)) or len(text) > most:
        return str(parameter.get("ConstraintDescription") or f"It matches {pattern}.")
    return ""


def command(stack: str, region: str, values: Mapping[str, str]) -> list[str]:
    """Return the command that deploys. It shows what will change, and asks."""
    # SAM takes a value apart at blanks, unless it is in its own quotation marks.
    overrides = [f'{name}="{value}"' for name, value in values.items()]
    return [
        *(str(SAM), "deploy", "--stack-name", stack, "--region", region),
        *(["--parameter-overrides", *overrides] if overrides else []),
    ]


def deployed_values(stack: str, region: str) -> Mapping[str, str]:
    """Return the parameters that the stack has; none where there is no stack, or no answer."""
    try:
        client = boto3.client("cloudformation", region_name=region)
        found = client.describe_stacks(StackName=stack)["Stacks"][0].get("Parameters", [])
    except (BotoCoreError, ClientError):
        return {}
    return {each["ParameterKey"]: each["ParameterValue"] for each in found}


def _asked(question: str, default: str, wrong: Callable[[str], str]) -> str:
    """Ask until the answer is right."""
    while True:
        answer = str(typer.prompt(question, default=default, show_default=bool(default))).strip()
        sentence = wrong(answer)
        if not sentence:
            return "" if answer == NOTHING else answer
        typer.echo(f"  {sentence}")


def main(
    stack: Annotated[str, typer.Option(help="The name to offer.")] = "listdrop",
) -> None:
    """Ask, build, deploy."""
    region = _asked(
        "Region",
        boto3.Session().region_name or "",
        lambda text: "" if _REGION.fullmatch(text) else "It is a region's code, as us-east-1.",
    )
    stack = _asked("Stack name", stack, lambda text: " ".join(problems(text, region)))
    has = deployed_values(stack, region)
    values = {}
    for name, parameter in load_template(Path(ROOT / "template.yaml"))["Parameters"].items():
        default = has.get(name, str(parameter.get("Default", "")))
        typer.echo(f"\n{parameter.get('Description', '')}".rstrip())
        may_empty = bool(default) and parameter.get("Default") == ""
        values[name] = _asked(
            f"{name} ({NOTHING} for none)" if may_empty else name,
            default,
            lambda text, of=parameter: wrong_value(of, text),  # type: ignore[misc] # bound now
        )
    for step in (["make", "--no-print-directory", "build"], command(stack, region, values)):
        ran = subprocess.run(step, cwd=ROOT, check=False)  # noqa: S603 # ours, with checked values
        if ran.returncode:
            sys.exit(ran.returncode)


if __name__ == "__main__":
    typer.run(main)
