"""Puts a module of a test before the handlers of the deployed functions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from local.deploy import STACK
from local.stack import LocalStack
from tests.support.routes import Item


def stand_before(
    stack: LocalStack,
    module: ModuleType,
    files: Mapping[str, str] = MappingProxyType({}),
    **configuration: Any,
) -> None:
    """Have every function call the `lambda_handler` of a module, which calls its own in `app.py`.

    `files` are packed with it, and `configuration` is what else changes about each function.
    """
    functions = stack.client("lambda")
    source = Path(str(module.__file__))
    for function in functions.get_paginator("list_functions").paginate().search("Functions[]"):
        name = function["FunctionName"]
        if not name.startswith(f"{STACK}-"):
            continue
        packed = io.BytesIO(_code(stack, functions.get_function(FunctionName=name)))
        with zipfile.ZipFile(packed, "a") as archive:
            archive.write(source, source.name)
            for file, text in files.items():
                archive.writestr(file, text)
        functions.update_function_code(FunctionName=name, ZipFile=packed.getvalue())
        functions.update_function_configuration(
            FunctionName=name, Handler=f"{source.stem}.lambda_handler", **configuration
        )


def _code(stack: LocalStack, function: Item) -> bytes:
    """Return the zip that a function was deployed from."""
    name = function["Configuration"]["FunctionName"].removeprefix(f"{STACK}-").split("-")[0]
    s3 = stack.client("s3")
    (found,) = s3.list_objects_v2(Bucket="listdrop-code", Prefix=f"functions/{name}/")["Contents"]
    stored: Any = s3.get_object(Bucket="listdrop-code", Key=found["Key"])
    return bytes(stored["Body"].read())
