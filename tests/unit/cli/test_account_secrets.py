"""Secrets of accounts: which key they are encrypted with, and names that AWS has not freed yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from listdrop_cli.account_secrets import write_account
from tests.unit.cli.faked_target import stubbed

NAME = "listdrop/kakiyo/default"
TEXT = '{"api_key": "a-key"}'
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
DELETED = "InvalidRequestException"


@dataclass
class Safe:
    """Secrets and the stack, with answers that a test has written; it never really waits."""

    client: Any
    secrets: Stubber
    stacks: Any
    stack: Stubber
    slept: list[float] = field(default_factory=list)

    def has_key(self, status: str = "CREATE_COMPLETE") -> None:
        """Have the stack know of its key."""
        detail = {
            "LogicalResourceId": "DataKey",
            "ResourceType": "AWS::KMS::Key",
            "PhysicalResourceId": KEY,
            "ResourceStatus": status,
            "LastUpdatedTimestamp": 0,
        }
        self.stack.add_response("describe_stack_resource", {"StackResourceDetail": detail})

    def has_no_key(self) -> None:
        """Have the stack know of no key."""
        self.stack.add_client_error("describe_stack_resource", "ValidationError")

    def expects_update(self, key: str) -> None:
        """Expect a secret's new value, encrypted with a key."""
        wanted = {"SecretId": NAME, "SecretString": TEXT, "KmsKeyId": key}
        self.secrets.add_response("update_secret", {}, wanted)

    def expects_creation(self, **key: str) -> None:
        """Expect a secret to be created."""
        wanted = {"Name": NAME, "SecretString": TEXT, **key}
        self.secrets.add_response("create_secret", {}, wanted)

    def write(self) -> None:
        """Write the account."""
        write_account(
            self.stacks,
            self.client,
            stack="listdrop",
            name=NAME,
            text=TEXT,
            sleep=self.slept.append,
        )


@pytest.fixture
def safe() -> Iterator[Safe]:
    """Return secrets and a stack. At the end, every expected call must have been made."""
    with (
        stubbed("secretsmanager") as (client, secrets),
        stubbed("cloudformation") as (stacks, stack),
    ):
        yield Safe(client, secrets, stacks, stack)


# ---------------------------------------------------------------- keys


def test_a_secret_goes_back_to_the_key_of_aws_once_the_stack_has_none(safe: Safe) -> None:
    safe.has_no_key()
    safe.secrets.add_client_error("create_secret", "ResourceExistsException")
    safe.expects_update(key="")

    safe.write()


def test_so_does_one_that_was_scheduled_for_deletion(safe: Safe) -> None:
    safe.has_no_key()
    safe.secrets.add_client_error("create_secret", DELETED)
    safe.secrets.add_response("restore_secret", {}, {"SecretId": NAME})
    safe.expects_update(key="")

    safe.write()

    assert safe.slept == []


@pytest.mark.parametrize("status", ["DELETE_SKIPPED", "DELETE_COMPLETE", "DELETE_IN_PROGRESS"])
def test_a_key_that_the_stack_has_given_up_is_not_used(safe: Safe, status: str) -> None:
    safe.has_key(status)
    safe.secrets.add_client_error("create_secret", "ResourceExistsException")
    safe.expects_update(key="")

    safe.write()


def test_a_new_secret_has_the_key_of_the_stack(safe: Safe) -> None:
    safe.has_key()
    safe.expects_creation(KmsKeyId=KEY)

    safe.write()


def test_one_from_before_the_key_has_it_from_now_on(safe: Safe) -> None:
    safe.has_key("UPDATE_COMPLETE")
    safe.secrets.add_client_error("create_secret", "ResourceExistsException")
    safe.expects_update(key=KEY)

    safe.write()


# ---------------------------------------------------------------- names that are not free yet


@pytest.mark.parametrize("refusal", [DELETED, "ResourceNotFoundException"])
def test_a_name_that_aws_is_still_deleting_is_tried_until_it_is_free(
    safe: Safe, refusal: str
) -> None:
    safe.has_no_key()
    for _ in range(2):
        safe.secrets.add_client_error("create_secret", DELETED)
        safe.secrets.add_client_error("restore_secret", refusal)
    safe.expects_creation()

    safe.write()

    assert safe.slept == sorted(safe.slept)
    assert len(safe.slept) == 2


def test_after_half_a_minute_it_is_said_that_the_name_is_not_free(safe: Safe) -> None:
    safe.has_no_key()
    for _ in range(6):
        safe.secrets.add_client_error("create_secret", DELETED)
        safe.secrets.add_client_error("restore_secret", DELETED)

    with pytest.raises(ClientError) as refused:
        safe.write()

    assert refused.value.operation_name == "CreateSecret"
    assert sum(safe.slept) == 30


def test_who_may_not_restore_is_told_so_at_once(safe: Safe) -> None:
    safe.has_no_key()
    safe.secrets.add_client_error("create_secret", DELETED)
    safe.secrets.add_client_error("restore_secret", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        safe.write()

    assert safe.slept == []
