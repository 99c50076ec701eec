"""E-mail addresses: which text is one, and which are in a cell."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
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
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3002: ".", 0xFF61: ".", 0xFE6B: "@", 0xFE52: "."
}  # fmt: skip
"""Latin letters and marks as keyboards for Chinese and Japanese write them."""


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
    publishes, and no narrower than the others need. Letters of any script are allowed, but no
    other marks: a bracket, a bullet or a quotation mark is what the address was written in.
    """
    return (
        len(text) <= _MAX_EMAIL
        and _EMAIL.fullmatch(text) is not None
        and text.index("@") <= _MAX_LOCAL
        and max(map(len, text[text.index("@") + 1 :].split("."))) <= _MAX_LABEL
        and (text.isascii() or all(map(_is_letter, text)))
    )


def is_bare_email(text: str) -> bool:
    """Whether the text is an address, and does not begin with a mark that could be part of it."""
    return text[:1] not in _MARKS and is_email(text)


def _is_letter(character: str) -> bool:
    """Whether it is ASCII, or a letter, its accent or a digit; those of full width are not yet."""
    if character.isascii():
        return True
    return ord(character) not in _HALF_WIDTH and unicodedata.category(character)[0] in "LMN"


_WRAPPED = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"#?mailto:([^\s?<>#,;|]*)(?:\?[^\s<>]*)?#?", re.I)
"""A link to an address with what it says of the letter, also as Access and Outlook write it."""
_BETWEEN = re.compile(r"[,;|/\r\n]+|:::|(?<!\S)#|#(?!\S)")
_MARKS = "'*`{|"
"""Marks that an address may begin with, and that are mostly what it was written in."""
_MARKS_BEFORE = re.compile(r"^(?:['\"()\[\]<>{}*`|]|[^\x00-\x7f\w])+")
_MARKS_AFTER = re.compile(r"(?:['\"()\[\]<>{}*`|.,;!?]|[^\x00-\x7f\w])+$")
_LABEL_BEFORE = re.compile(r"^(?:e-?mail|mail|work|home|private|main|primary|business|m|e):", re.I)
_NO_WORD = re.compile(r"\W+|\d+[.)]")
"""A bullet or a number of a list, which may stand before an address."""
_LONGEST_JSON = 2_000


def split_emails(value: str) -> tuple[str, list[str]]:
    """Return the address of a cell and the others in it.

    Unwraps `mailto:`, `Name <address>`, quotation marks, bullets and JSON; of several the first
    valid one counts. A cell without a valid address is returned as it is, for the check to say so.
    """
    if is_bare_email(value):
        return value, []
    text = unicodedata.normalize("NFC", value.translate(_HALF_WIDTH))
    if "@" not in text:
        return value, []
    if text[0] in "[{" and len(text) <= _LONGEST_JSON:
        text = ",".join(_json_strings(text)) or text
    text = _LINK.sub(r",\1,", text)
    pieces = _BETWEEN.split(",".join(_WRAPPED.findall(text)) or text)
    valid = list(dict.fromkeys(chain.from_iterable(map(_emails_in, pieces))))
    return (valid[0], valid[1:]) if valid else (value, [])


def _json_strings(text: str) -> Iterator[str]:
    """Yield the texts in a value of JSON that may be addresses; none if it is not JSON."""
    try:
        left = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while left:
        value = left.pop(0)
        if isinstance(value, str) and is_email(value):
            yield value
        elif isinstance(value, dict):
            left = [*value.values(), *left]
        elif isinstance(value, list):
            left = [*value, *left]


def _emails_in(piece: str) -> list[str]:
    """Return the addresses of a piece that nothing but spaces divides.

    One after other words is none: of "john doe@example.com", doe is somebody else, or nobody.
    """
    words = piece.split()
    found = [_bare(word) for word in words]
    if all(map(is_email, found)):
        return found
    return [
        address
        for place, address in enumerate(found)
        if (place == 0 or words[place - 1].endswith(":") or _NO_WORD.fullmatch(words[place - 1]))
        and is_email(address)
    ]


def _bare(word: str) -> str:
    """Take off what an address is written in, and a label before it: "Email:ada@example.com"."""
    found = _MARKS_BEFORE.sub("", _MARKS_AFTER.sub("", _LABEL_BEFORE.sub("", word)))
    return found if is_email(found) or not is_email(word) else word
