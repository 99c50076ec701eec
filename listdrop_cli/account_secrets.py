"""Secrets of accounts, encrypted with the stack's own key where it has one."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def write_account(cloudformation: Any, secrets: Any, *, stack: str, name: str, text: str) -> None:
    """Write a secret, or a new value of it.

    A secret from before the stack had its key is encrypted with it from now on. Raises
    `ClientError`.
    """
    key = _key_of(cloudformation, stack)
    encrypted = {"KmsKeyId": key} if key else {}
    try:
        secrets.create_secret(Name=name, SecretString=text, **encrypted)
    except secrets.exceptions.ResourceExistsException:
        secrets.update_secret(SecretId=name, SecretString=text, **encrypted)


def _key_of(cloudformation: Any, stack: str) -> str | None:
    """Return the stack's key; `None` if it has none, or is not deployed yet."""
    try:
        found = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="DataKey")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
