"""Routes in SSM and accounts in Secrets Manager, read with Powertools Parameters."""

from __future__ import annotations

from collections.abc import Callable

from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from listdrop.errors import UploadRejectedError
from listdrop.models import ROUTE_NAME, Account, Route
from listdrop.ports import AnyProvider

CACHE_SECONDS = 300


class SsmRoutes:
    """The routes port: `/<stack>/routes/<route>`, re-read for each upload.

    So a file dropped right after a route was corrected goes where the new route says.
    """

    def __init__(
        self, stack: str, provider: SSMProvider, parse: Callable[[str, str], Route]
    ) -> None:
        self._stack = stack
        self._provider = provider
        self._parse = parse

    def get(self, name: str) -> Route:
        """See the port."""
        if not name:
            text = "The upload's key has no route: copy files to inbox/<route>/<file>."
            raise UploadRejectedError("unknown_route", text)
        if not ROUTE_NAME.fullmatch(name):
            text = (
                "The route in the upload's key is not a valid name: use 1 to 40 letters, digits, "
                "dots, underscores and hyphens, and begin with a letter or digit."
            )
            raise UploadRejectedError("unknown_route", text)
        try:
            # Of a plain parameter nothing is decrypted, and a SecureString would be no JSON.
            said = self._provider.get(
                f"/{self._stack}/routes/{name}", decrypt=True, force_fetch=True
            )
        except GetParameterError as error:
            if not _is_missing(error, "ParameterNotFound"):
                raise
            text = f"There is no route {name!r} (parameter /{self._stack}/routes/{name})."
            raise UploadRejectedError("unknown_route", text) from error
        return self._parse(name, str(said))


class SecretAccounts:
    """The accounts port: the secret `<stack>/<provider>/<account>`, cached for five minutes."""

    def __init__(
        self,
        stack: str,
        provider: SecretsProvider,
        parse: Callable[[AnyProvider, str, str], Account],
    ) -> None:
        self._stack = stack
        self._provider = provider
        self._parse = parse

    def get(self, provider: AnyProvider, name: str, *, fresh: bool = False) -> Account:
        """See the port."""
        secret = f"{self._stack}/{provider.name}/{name}"
        try:
            said = self._provider.get(secret, max_age=CACHE_SECONDS, force_fetch=fresh)
        except GetParameterError as error:
            if problem := _UNUSABLE.get(_code_of(error)):
                text = f"The secret {secret} {problem}."
                raise UploadRejectedError("bad_account", text) from error
            if not _is_missing(error, "ResourceNotFoundException"):
                raise
            named = "" if name == "default" else f" --account {name}"
            text = (
                f"There is no account {name!r} for {provider.name} (secret {secret}): write it "
                f"with `listdrop account put {provider.name}{named}`."
            )
            raise UploadRejectedError("unknown_account", text) from error
        return self._parse(provider, secret, str(said))


_UNUSABLE = {
    "InvalidRequestException": "is scheduled for deletion: restore it, or store the key again",
    "AccessDeniedException": "may not be read by the function, or its encryption key may not be "
    "used: check its resource policy and the policy of its KMS key",
    "DecryptionFailure": "cannot be decrypted: check whether its KMS key is enabled",
}
"""Errors that a retry cannot fix, by code:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
"""


def _is_missing(error: GetParameterError, code: str) -> bool:
    return _code_of(error) == code or code in str(error)


def _code_of(error: GetParameterError) -> str:
    """Return the code of the AWS error that Powertools wrapped; empty if there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ClientError):
            return cause.response.get("Error", {}).get("Code", "")
        cause = cause.__cause__ or cause.__context__
    return ""
