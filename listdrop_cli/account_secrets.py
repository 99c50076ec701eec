"""Secrets of accounts, encrypted with the stack's own key where it has one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError


def stored_settings(secrets: Any, name: str) -> dict[str, Any]:
    """Return what a secret says; nothing if there is none, or if it is no JSON object.

    Raises `ClientError`.
    """
    try:
        text = secrets.get_secret_value(SecretId=name).get("SecretString", "")
    except (
        secrets.exceptions.ResourceNotFoundException,
        secrets.exceptions.InvalidRequestException,  # it is scheduled for deletion
    ):
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


_PAUSES = (1, 2, 4, 8, 15)
"""In seconds, between attempts to create a secret whose name AWS has not freed yet."""


def write_account(
    cloudformation: Any,
    secrets: Any,
    *,
    stack: str,
    name: str,
    text: str,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write a secret, or a new value of it, even if it is scheduled for deletion.

    A secret from before the stack had its key is encrypted with it from now on, and one from before
    the key was turned off with that of AWS. Raises `ClientError`.
    """
    key = _key_of(cloudformation, stack)
    if _is_created(secrets, name, text, {"KmsKeyId": key} if key else {}, sleep):
        return
    # Without `KmsKeyId` the secret would keep its key; if it is empty, AWS uses its own:
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
    secrets.update_secret(SecretId=name, SecretString=text, KmsKeyId=key or "")


def _is_created(
    secrets: Any,
    name: str,
    text: str,
    encrypted: Mapping[str, str],
    sleep: Callable[[float], object],
) -> bool:
    """Create a secret; false if there is one, which may have been restored for that.

    A secret that was deleted at once, without recovery, can neither be restored nor created for a
    short while, so AWS asks for retries:
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
    """
    pauses = iter(_PAUSES)
    while True:
        try:
            secrets.create_secret(Name=name, SecretString=text, **encrypted)
        except secrets.exceptions.ResourceExistsException:
            return False
        except secrets.exceptions.InvalidRequestException:
            if _is_restored(secrets, name):
                return False
            pause = next(pauses, None)
            if pause is None:
                raise
            sleep(pause)
        else:
            return True


def _is_restored(secrets: Any, name: str) -> bool:
    try:
        secrets.restore_secret(SecretId=name)
    except (
        secrets.exceptions.InvalidRequestException,
        secrets.exceptions.ResourceNotFoundException,
    ):
        return False
    return True


def delete_account(secrets: Any, name: str) -> bool:
    """Delete a secret at once, so that nothing of it is kept; false if there is none.

    Raises `ClientError`.
    """
    try:
        secrets.describe_secret(SecretId=name)
    except secrets.exceptions.ResourceNotFoundException:
        return False
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    return True


def _key_of(cloudformation: Any, stack: str) -> str | None:
    """Return the stack's key; `None` if it has none, no longer has it, or is not deployed yet."""
    try:
        found = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="DataKey")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    detail = found["StackResourceDetail"]
    # A key that was turned off stays in the account, and may stay in the stack's record.
    if detail["ResourceStatus"].startswith("DELETE"):
        return None
    return str(detail["PhysicalResourceId"])
