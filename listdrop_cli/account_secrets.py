"""Secrets of accounts, encrypted with the stack's own key where it has one."""

from __future__ import annotations

import json
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


def write_account(cloudformation: Any, secrets: Any, *, stack: str, name: str, text: str) -> None:
    """Write a secret, or a new value of it, even if it is scheduled for deletion.

    A secret from before the stack had its key is encrypted with it from now on. Raises
    `ClientError`.
    """
    key = _key_of(cloudformation, stack)
    encrypted = {"KmsKeyId": key} if key else {}
    try:
        secrets.create_secret(Name=name, SecretString=text, **encrypted)
    except secrets.exceptions.ResourceExistsException:
        secrets.update_secret(SecretId=name, SecretString=text, **encrypted)
    except secrets.exceptions.InvalidRequestException:
        secrets.restore_secret(SecretId=name)
        secrets.update_secret(SecretId=name, SecretString=text, **encrypted)


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
    """Return the stack's key; `None` if it has none, or is not deployed yet."""
    try:
        found = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="DataKey")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
