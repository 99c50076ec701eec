"""Reasons as they may be published, in messages, e-mails and `summary.json`: without people.

Result files keep a provider's words as they are: they are about the rows beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from listdrop.cells.profiles import profile_slug
from listdrop.jobs.settling import WHOLE_IMPORT, WHOLE_REQUEST
from listdrop.models import PlannedRow, RowResult, is_code

HIDDEN = "…"
"""Stands where a word was that may name somebody."""

NOT_COMPARED = "words of the provider"
"""Stands for words that cannot be compared with the row, as its upload is gone."""

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.|linkedin\.com)\S*", re.I)
_SITE = "linkedin.com/"
_PROFILE_SITE = re.compile(r"(?:https?://)?(?:[\w-]+\.)*linkedin\.com/(?:in|pub|sales/\w+)/", re.I)
"""Names nobody: what follows it does."""

_BETWEEN = "\x1f"
"""Stands between cells that are looked through together."""

_DOMAIN = re.compile(f"@[^{_BETWEEN}]*")
"""Of an address, and whatever follows it in its cell."""

_PHONE = re.compile(r"\+?\d[\d\s().-]{5,}\d")


def published_reason(result: RowResult, personal: Iterable[str] | None, planned: PlannedRow) -> str:
    """Return a row's reason without what it quotes of the row's person.

    `personal` are the row's cells with personal data, `None` if the upload is gone. Words about a
    whole request or import may be about anybody in it, so only a code stands for them.
    """
    if result.reason_text == WHOLE_REQUEST:
        return f"request refused {result.raw_status}".strip()
    if result.reason_text.startswith(WHOLE_IMPORT):
        return f"import {result.outcome.value}"
    if is_code(result.reason):
        return result.reason
    if personal is None:
        return NOT_COMPARED
    text = _PHONE.sub(HIDDEN, _ADDRESS.sub(HIDDEN, result.reason))
    words = set(_words_of(personal, planned))
    for word in words:
        if not word.isascii():  # scripts without spaces run words together
            text = re.sub(re.escape(word), HIDDEN, text, flags=re.I) if word in text else text
    return _WORD.sub(lambda found: HIDDEN if found[0].casefold() in words else found[0], text)


def _words_of(personal: Iterable[str], planned: PlannedRow) -> Iterator[str]:
    """Yield the words that may name the person; the domain of an address names a company."""
    slug = profile_slug(planned.linkedin_url)
    cells = (*personal, planned.identity, slug)
    for word in _WORD.findall(_DOMAIN.sub("", _BETWEEN.join(map(_without_site, cells)))):
        if len(word) > 1:
            yield word.casefold()


def _without_site(cell: str) -> str:
    return _PROFILE_SITE.sub("", cell) if _SITE in cell.lower() else cell
