"""E-mail addresses: which text is one, and which are in a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

_ATOM = r"[^\s\"(),:;<>@\[\\\].\x00-\x1f\x7f]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
_EMAIL = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9-]+)", re.I
)
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)?+"
    r"@[A-Za-z0-9]++(?:-[A-Za-z0-9]++)?+\.[A-Za-z]{2,}+(?:\.[A-Za-z]{2,}+)?+"
)
_MAX_EMAIL = 254
_MAX_LOCAL = 64
_MAX_LABEL = 63


def are_plain_emails(texts: Sequence[str]) -> Sequence[object]:
    """Say of each text whether it surely is an address (true), or may be none.

    Most are, and are found in a fraction of the time. Up to 64 characters, no part is too long.
    """
    if max(map(len, texts)) <= _MAX_LOCAL:
        return list(map(_PLAIN_EMAIL.fullmatch, texts))
    return [len(text) <= _MAX_LOCAL and _PLAIN_EMAIL.fullmatch(text) for text in texts]


def is_email(text: str) -> bool:
    """Whether the text is one address that a mail provider would take.

    Dot-atom local part, dotted domain, at least two letters at its end: what ActiveCampaign
    publishes, and no narrower than the others need. Letters of any script are allowed.
    """
    return (
        len(text) <= _MAX_EMAIL
        and _EMAIL.fullmatch(text) is not None
        and text.index("@") <= _MAX_LOCAL
        and max(map(len, text[text.index("@") + 1 :].split("."))) <= _MAX_LABEL
    )


_WRAPPED = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"#?mailto:([^\s?<>#,;|]*)(?:\?[^\s<>]*)?#?", re.I)
"""A link to an address with what it says of the letter, also as Access and Outlook write it."""
_BETWEEN = re.compile(r"[,;|/\r\n]+|:::|(?<!\S)#|#(?!\S)")


def split_emails(value: str) -> tuple[str, list[str]]:
    """Return the address of a cell and the others in it.

    Unwraps `mailto:` and `Name <address>`; of several the first valid one counts. A cell without
    a valid address is returned as it is, for the check to say so.
    """
    is_quoted = value.startswith("'")
    if "@" not in value or (is_email(value) and not is_quoted):
        return value, []
    text = _LINK.sub(r",\1,", value)
    pieces = _BETWEEN.split(",".join(_WRAPPED.findall(text)) or text)
    valid = list(dict.fromkeys(chain.from_iterable(map(_emails_in, pieces))))
    return (valid[0], valid[1:]) if valid else (value, [])


def _emails_in(piece: str) -> list[str]:
    """Return the addresses of a piece that nothing but spaces divides.

    One after other words is none: of "john doe@example.com", doe is somebody else, or nobody.
    """
    words = piece.split()
    found = [word.strip("'\"()[]").rstrip(".") for word in words]
    if all(map(is_email, found)):
        return found
    return [
        address
        for place, address in enumerate(found)
        if (place == 0 or words[place - 1].endswith(":")) and is_email(address)
    ]
