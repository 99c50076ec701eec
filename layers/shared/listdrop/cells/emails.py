"""E-mail addresses: whether a text is one, and which addresses are in a cell."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from urllib.parse import unquote

from listdrop.cells.entities import decoded
from listdrop.cells.others import is_of_another
from listdrop.cells.patterns import lazy
from listdrop.cells.titles import is_sure_title
from listdrop.cells.values import LOCKED_EMAIL, PLACEHOLDERS, without_end

_ATOM = r"[^\s\"(),:;<>@\[\\\].*{}|^`\x00-\x1f\x7f]+"
"""Without the marks of masks and templates, which nobody has in an address."""
_LABEL = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
_EMAIL = lazy(
    rf"{_ATOM}(?:\.{_ATOM})*(?<!')@(?:{_LABEL}\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9-]+)", re.I
)
_PLAIN_EMAIL = lazy(
    r"[A-Za-z0-9_-]{1,31}+(?:\.[A-Za-z0-9_-]{1,31}+)?+"
    r"@[A-Za-z0-9]{1,31}+(?:-[A-Za-z0-9]{1,31}+)?+\.[A-Za-z]{2,31}+(?:\.[A-Za-z]{2,31}+)?+"
)
"""An address of the plainest form. None of its parts can be too long (64, 63, 254 in all)."""
_PLAIN_EMAILS = lazy(rf"(?:(?:{_PLAIN_EMAIL.pattern})\n)*+")
_MAX_EMAIL = 254
_MAX_LOCAL = 64
_MAX_LABEL = 63
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3002: ".", 0xFF61: ".", 0xFE6B: "@", 0xFE52: "."
}  # fmt: skip
"""Full-width Latin letters and marks, from Chinese and Japanese keyboards."""


def odd_emails(texts: Sequence[str]) -> list[int]:
    """Return the places of the texts that may not be an address, empty ones included.

    Few texts are, and matching all the others at once takes a small part of the time of `is_email`.
    What is not odd has nothing beside the address.
    """
    text = "\n".join((*texts, ""))
    if text.count("\n") > len(texts) or LOCKED_EMAIL in text:
        return [
            place
            for place, each in enumerate(texts)
            if not _PLAIN_EMAIL.fullmatch(each) or each == LOCKED_EMAIL
        ]
    odd: list[int] = []
    start = place = 0
    while (match := _PLAIN_EMAILS.match(text, start)) and match.end() < len(text):
        place += text.count("\n", start, match.end())
        odd.append(place)
        start, place = text.index("\n", match.end()) + 1, place + 1
    return odd


def is_email(text: str) -> bool:
    """Whether the text is one address that a mail provider would accept.

    A dot-atom local part and a dotted domain that ends in at least two letters: the rules that
    ActiveCampaign publishes (`docs/providers/activecampaign.md`, 3.3), not stricter than the others
    need, but for marks that only masks (`t***a@`) and templates (`{first}@`) have. Letters of any
    script are allowed. Other non-ASCII characters, such as bullets and typographic quotation marks,
    only surround an address.
    """
    return (
        len(text) <= _MAX_EMAIL
        and _EMAIL.fullmatch(text) is not None
        and text.index("@") <= _MAX_LOCAL
        and max(map(len, text[text.index("@") + 1 :].split("."))) <= _MAX_LABEL
        and (text.isascii() or all(map(_is_letter, text)))
    )


def is_bare_email(text: str) -> bool:
    """Whether the text is an address, and does not begin with a mark that could be part of it.

    If there is nothing but marks before the @, it cannot be told from an address without them.
    """
    return (text[:1] not in _MARKS or _ONLY_MARKS.match(text) is not None) and is_email(text)


def _is_letter(character: str) -> bool:
    """Whether it is ASCII, a letter, an accent or a digit, but not full-width."""
    if character.isascii():
        return True
    return ord(character) not in _HALF_WIDTH and unicodedata.category(character)[0] in "LMN"


_WRAPPED = lazy(r"<([^<>]*)>")
_LINK = lazy(r"#?mailto:([^\s?<>#,;|]*)(?:\?[^\s<>]*)?#?", re.I)
"""A `mailto:` link with its parameters, also in the forms of Access and Outlook."""
_BETWEEN = lazy(r"[,;|/\r\n]+|:::|(?<!\S)#|#(?!\S)")
_MAY_BE_INSIDE = frozenset(",;/|")
"""Separators that may be a slip within an address, without a blank: `tessa,marlow@example.com`."""
_CLOSING = "\"')]>"
"""Marks that end what is before, so that a separator after one is no slip."""
_BLANK = "%(?:20|09|0[ad])"
_BLANK_AT_AN_END = lazy(rf"^(?:{_BLANK})+|(?<!{_BLANK})(?:{_BLANK})++$", re.I)
_MARKS = frozenset("!#$%&'+/=?~")
"""Marks that an address may begin with by the standard, but that only stand before it in cells."""
_ONLY_MARKS = lazy(r"[^@\w]+(?:_[^@\w]*)*@")
_MARKS_BEFORE = lazy(r"^(?:['\"()\[\]<>{}*`|=+/!#~]|[^\x00-\x7f\w])+")
_MARKS_AFTER = lazy(r"(?:['\"()\[\]<>{}*`|.,;!?]|[^\x00-\x7f\w])+")
_PAIRED = frozenset("#!~=")
"""Marks before an address that belong to it if they are inside it as well."""
_NEAR = 20
"""Words before and after an address that may say whose it is."""
_MASK = lazy(r"\u2026|([^\x00-\x7f\w])\1")
"""Signs before an address in the place of its first letters."""
_CUT_OFF = lazy(rf"{_MASK.pattern}|\.\.\.")
"""Signs after an address in the place of its last letters: "tessa@example.co…"."""
_LABEL_BEFORE = lazy(r"^(?:e-?mail|mail|work|home|private|main|primary|business|m|e):", re.I)
_LABEL_ALONE = lazy(
    r"(?:(?:e-?mail|mail|work|home|private|main|primary|business)(?:\s+(?=\w)|:?$))+", re.I
)
_NUMBER = lazy(r"(?:[^\W\d_]+\.?:)?[+(]?\d[\d().+-]*")
_OTHER_LABEL = lazy(r"[^\W\d_]{2,}\.?:\s", re.I)
"""What is no half of an address before a comma or a semicolon: a label, a number, "Name: Tessa"."""
_NO_WORD = lazy(r"\W+|\d+[.)]")
"""A bullet or a list number, which may stand before an address."""
_LONGEST_JSON = 2_000
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_WORDS = lazy(r"[\w.@+ -]+", re.ASCII)
"""Text without marks: there is nothing to unwrap in it."""


def split_emails(value: str) -> tuple[str, list[str]]:
    """Return a cell's address, and the other addresses in the cell.

    Unwraps `mailto:`, `Name <address>`, quotation marks, bullets and JSON. Of several addresses the
    first valid one counts. A cell without a valid address is returned unchanged, and a later check
    rejects it.
    """
    if is_bare_email(value):
        return value, []
    if _WORDS.fullmatch(value) and not any(is_email(word.rstrip(".")) for word in value.split()):
        return value, []
    text = unicodedata.normalize("NFC", decoded(value).translate(_HALF_WIDTH)).strip()
    if "@" not in text and "%40" not in text:
        return value, []
    if text[0] in "[{" and len(text) <= _LONGEST_JSON:
        text = ",".join(_json_strings(text)) or text
    text = _LINK.sub(lambda link: f", {unquote(link[1])} ,", text)
    text = _BLANK_AT_AN_END.sub("", ", ".join(_WRAPPED.findall(text)) or text)
    found = (_emails_in(piece, is_half=is_half) for piece, is_half in _pieces(text))
    own: dict[str, bool] = {}
    for address, is_own in chain.from_iterable(found):
        own[address] = own.get(address, False) or is_own
    first = next((address for address, is_own in own.items() if is_own), "")
    return (first, [each for each in own if each != first]) if first else (value, [])


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, and whether a part's first word may be half of an address.

    In "tessa;ivo@example.com", ivo@example.com is another person's, or the address is misspelt.
    """
    start, is_half = 0, False
    for found in _BETWEEN.finditer(text):
        piece = text[start : found.start()]
        yield piece, is_half
        start = found.end()
        is_half = (
            _MAY_BE_INSIDE.issuperset(found[0])
            and not text[start : start + 1].isspace()
            and text[: min(found.start(), _LONGEST_PLACEHOLDER + 1)] not in PLACEHOLDERS
            and _may_go_on(piece)
            and not ("/" not in found[0] and _is_apart(piece))
        )
    yield text[start:], is_half


def _is_apart(piece: str) -> bool:
    """Whether what stands before a comma is something for itself: "work", "Tel:123", "Dr. Ada"."""
    piece = piece.strip()
    words = piece.split()
    return (
        _LABEL_ALONE.fullmatch(piece) is not None
        or _NUMBER.fullmatch(words[-1]) is not None
        or (_OTHER_LABEL.match(piece) is not None and not _LABEL_BEFORE.match(piece))
        or (len(words) > 1 and is_sure_title(words[0]))
    )


def _may_go_on(piece: str) -> bool:
    """Whether an address may go on after a piece and a separator."""
    words = piece.split()
    if not words or piece[-1].isspace() or piece in PLACEHOLDERS:
        return False
    last = words[-1]
    return "@" not in last and not _NO_WORD.fullmatch(last) and last[-1] not in _CLOSING


def _json_strings(text: str) -> Iterator[str]:
    """Yield the addresses in a JSON value; nothing if the text is not JSON."""
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


def _emails_in(piece: str, *, is_half: bool) -> list[tuple[str, bool]]:
    """Return the addresses in a piece of text that is separated only by spaces.

    With each, whether it may be the person's, as far as the words beside it tell.

    An address after another word does not count: in "john doe@example.com", doe@example.com is
    somebody else's address, or nobody's. Nor does the first word if it is half of one (`is_half`).
    """
    words = piece.split()
    found = [_bare(word) for word in words]
    if all(map(is_bare_email, found)):
        return [(address, True) for address in found[is_half:]]
    return [
        (address, not _is_of_another(words, place))
        for place, address in enumerate(found)
        if (place == 0 or words[place - 1].endswith(":") or _NO_WORD.fullmatch(words[place - 1]))
        and is_bare_email(address)
        and not (is_half and place == 0)
    ]


def _is_of_another(words: list[str], place: int) -> bool:
    before, after = words[max(place - _NEAR, 0) : place], words[place + 1 : place + 1 + _NEAR]
    return is_of_another(" ".join(before), " ".join(after))


def _bare(word: str) -> str:
    """Remove marks around an address, and a label before it: "Email:ada@example.com".

    Nothing is removed that may stand for letters ("**sa@"), or has its partner inside ("~a~@").
    """
    labelled = _LABEL_BEFORE.sub("", word)
    ended = without_end(labelled, _MARKS_AFTER)
    bare = _MARKS_BEFORE.sub("", ended)
    before = ended[: len(ended) - len(bare)]
    stars = before.count("*")
    is_masked = _MASK.search(before) or (stars and stars != labelled[len(ended) :].count("*"))
    is_masked = is_masked or _CUT_OFF.match(labelled, len(ended)) is not None
    local = bare.partition("@")[0]
    return word if is_masked or any(mark in local for mark in _PAIRED & set(before)) else bare
