"""Tells whether AWS refused to do something, or only did not answer."""

from __future__ import annotations

from botocore.exceptions import ClientError

_CODES = ("AccessDenied", "Authorization", "Unauthorized", "NotAuthorized")
"""How the services begin to say it: `AccessDeniedException`, `AuthorizationError` and so on."""


def is_refused(error: BaseException) -> bool:
    """Whether the credentials do not allow what was asked for. Looks into what others wrapped."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ClientError):
            code = found.response.get("Error", {}).get("Code", "")
            # A HEAD request has no body with a more exact code.
            return code == "403" or code.removeprefix("KMS").startswith(_CODES)
        found = found.__cause__ or found.__context__
    return False
