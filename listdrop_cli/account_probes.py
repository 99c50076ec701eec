"""What providers are asked with an account's key: whether it is good, and what it gives access to.

Nothing is imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from listdrop.aws.parameters import SecretAccounts
from listdrop.errors import (
    FateUnknownError,
    NoChoicesError,
    NoProbeError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import Account, Choices
from listdrop.providers.base import Provider
from listdrop.providers.http import HttpClient
from listdrop.providers.routing import parse_account
from listdrop_cli.target import Target

AnyProvider = type[Provider[Any, Any]]
T = TypeVar("T")

_TRIES = 3
_SHORT = 5
"""Seconds that somebody at a terminal waits for an answer."""


class NoAnswerError(Exception):
    """A provider's answer was of no use; `result` is one of those of `probe_key`."""

    def __init__(self, result: str, text: str) -> None:
        super().__init__(text)
        self.result = result
        self.text = text


def probe_stored(target: Target, provider: AnyProvider, account: str) -> tuple[str, str]:
    """Ask a provider about the key that the stack has stored; returns what `probe_key` does.

    Raises `UploadRejectedError` if there is no such account or it cannot be used, and
    `GetParameterError` if AWS does not let it be read.
    """
    stored = _stored(target, provider, account)
    return probe_key(provider, stored, HttpClient(allow_loopback=target.is_local))


def probe_key(provider: AnyProvider, account: Account, http: HttpClient) -> tuple[str, str]:
    """Return a result and the sentence for it. Neither quotes the key."""
    try:
        _asked(partial(provider.probe, http, account))
    except NoAnswerError as error:
        return error.result, error.text
    return "good", "The provider accepts the key."


def choices_stored(target: Target, provider: AnyProvider, account: str) -> Sequence[Choices]:
    """Ask a provider what routes may name. Raises `NoAnswerError`, and what `probe_stored` does."""
    stored = _stored(target, provider, account)
    http = HttpClient(allow_loopback=target.is_local)
    return _asked(lambda: patiently(partial(provider.choices, http, stored)))


def patiently(ask: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Ask again after a short pause that a provider asks for, as of its requests a second."""
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except ProviderBusyError as busy:
            if busy.retry_after > _SHORT:
                raise
            sleep(max(busy.retry_after, 1))
    return ask()


def _stored(target: Target, provider: AnyProvider, account: str) -> Account:
    secrets = SecretsProvider(boto3_client=target.client("secretsmanager"))
    parse = partial(parse_account, allow_loopback=target.is_local)
    return SecretAccounts(target.stack, secrets, parse).get(provider, account)


def _asked(ask: Callable[[], T]) -> T:
    result = "unreachable"
    try:
        return ask()
    except StopJobError as stop:
        result, text = "refused", stop.text
    except ProviderBusyError:
        text = "The provider asks for a pause. Try again in a minute."
    except NotSentError:
        text = "The provider cannot be reached: is its address right?"
    except FateUnknownError:
        text = "The provider's answer leaves it open. Try again in a minute."
    except NoProbeError:
        result, text = "untestable", "It can't be tested before an import."
    except NoChoicesError:
        result, text = "untestable", "It has no call that lists what routes may name."
    raise NoAnswerError(result, text)
