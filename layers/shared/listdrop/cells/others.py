"""Whether words beside an address or a profile say that it is somebody else's, or nobody's."""

from __future__ import annotations

import re

_ANOTHER = (
    r"(?:(?:personal |executive |virtual )?assist[ae]n[tz]\w*|asistent\w*|pa|ea|secretar\w+"
    r"|secrétaire|secrétariat|sekret[aä]r\w*|segretari\w+|asystent\w*|ассистент\w*|секретар\w*"
    r"|(?:line |account |project )?manager\w*|boss|chef(?:in)?|jefe|supervisor\w*|vorgesetzte\w*"
    r"|reports to|wife|husband|spouse|ehefrau|ehemann|conjoint|partner\w*|colleague|kolleg\w+"
    r"|collègue|coll?ega|refer(?:r(?:er|ed by)|ral)|introduced by|intro by|via|c/o|owner|host"
    r"|(?:account |sales )?rep|emergency(?: contact)?|gatekeeper|reception\w*|cc|bcc)"
)
"""Who has something to do with a person, but is another, in the languages of most lists."""
_WRONG = (
    r"(?:wrong|incorrect|mistaken|someone else|somebody else|another person|different person"
    r"|falsch\w*|nicht (?:er|sie|die|der)|faux|fausse|mauvaise?|pas (?:lui|elle|le|la)|erron\w+"
    r"|equivocad\w+|sbagliat\w+|errad\w+|incorrec?t\w+|verkeerd\w*|niet (?:hij|zij|de)|błędn\w+"
    r"|неверн\w+|не (?:он|она|тот|та)"
    r"|not (?:him|her|them|his|hers|the|this|same|right|correct|me|ours?))"
)
_BEFORE = re.compile(
    rf"(?:^|[^\w]){_ANOTHER}\s*(?:e-?mail|address|linkedin|profile)?\s*[:=]\s*\W*$"
    rf"|(?:^|[^\w])(?:not|nicht|pas|niet|{_WRONG})\b[^\w@]*$",
    re.I,
)
_AFTER = re.compile(
    rf"^[^\w@]*{_WRONG}(?!\w)|^\s*[(\[]\s*{_ANOTHER}\s*[)\]]|^\s*[-\u2013\u2014]\s*{_ANOTHER}\s*$",
    re.I,
)


def is_of_another(before: str, after: str) -> bool:
    """Whether the text before or after says so: "Manager: ", " - wrong person", " (assistant)"."""
    return bool(before.strip() and _BEFORE.search(before)) or bool(
        after.strip() and _AFTER.match(after)
    )
