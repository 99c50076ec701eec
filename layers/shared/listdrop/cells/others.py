"""Whether words beside an address or a profile say that it is somebody else's, or nobody's."""

from __future__ import annotations

import re

_CLERK = (
    r"(?:(?:personal |executive |virtual )?assist[ae]n[tz]\w*|asistent\w*|secretar\w+|secrétaire"
    r"|secrétariat|sekret[aä]r\w*|segretari\w+|asystent\w*|ассистент\w*|секретар\w*|wife|husband"
    r"|spouse|ehefrau|ehemann|conjoint|gatekeeper|reception\w*)"
)
_ANOTHER = (
    rf"(?:{_CLERK}|pa|ea|(?:line |account |project )?manager\w*|boss|chef(?:in)?|jefe|supervisor\w*"
    r"|vorgesetzte\w*|reports to|partner\w*|colleague|kolleg\w+|collègue|coll?ega"
    r"|refer(?:r(?:er|ed by)|ral)|introduced by|intro by|via|c/o|owner|host|(?:account |sales )?rep"
    r"|emergency(?: contact)?|cc|bcc)"
)
"""Who has something to do with a person, but is another, in the languages of most lists. After an
address, most of these words are the person's own job."""
_WRONG = (
    r"(?:wrong|incorrect|mistaken|someone else|somebody else|another person|different person"
    r"|falsch\w*|nicht (?:er|sie|die|der)|faux|fausse|mauvaise?|pas (?:lui|elle|le|la)|erron\w+"
    r"|equivocad\w+|sbagliat\w+|errad\w+|incorrec?t\w+|verkeerd\w*|niet (?:hij|zij|de)|błędn\w+"
    r"|неверн\w+|не (?:он|она|тот|та)"
    r"|not (?:him|her|them|his|hers|the|this|same|right|correct|me|ours?))"
)
# Few files need these, and they take long to compile: so the first that does compiles them.
_BEFORE = (
    rf"(?:^|[^\w]){_ANOTHER}\s*(?:e-?mail|address|linkedin|profile)?\s*[:=]\s*\W*$"
    rf"|(?:^|[^\w])(?:not|nicht|pas|niet|{_WRONG})\b[^\w@]*$"
)
_AFTER = rf"^[^\w@]*{_WRONG}(?!\w)|^\s*[(\[]\s*{_CLERK}\s*[)\]]|^\s*[-\u2013\u2014]\s*{_CLERK}\s*$"


def is_of_another(before: str, after: str) -> bool:
    """Whether the text before or after says so: "Manager: ", " - wrong person", " (assistant)"."""
    return bool(before.strip() and re.search(_BEFORE, before, re.I)) or bool(
        after.strip() and re.match(_AFTER, after, re.I)
    )
