"""Words around a name that are not part of it: titles and degrees."""

from __future__ import annotations

import re

from listdrop.cells.patterns import lazy

_HONORIFICS = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "madam", "herr", "frau",
        "hr", "fr", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "sr", "sra", "srta",
        "señor", "señora", "sig", "sigra", "dott", "dottssa", "dhr", "mevr", "ing", "rev", "dipl",
        "pd", "don", "doña", "mgr", "inż", "mag", "mudr", "judr", "bc", "phdr", "doc", "drs", "ir",
        "senhor", "senhora", "dra", "profa", "avv", "arch", "maître", "me", "pan", "pani",
        "господин", "госпожа", "bay", "bayan", "herrn", "hrn", "fräulein", "mevrouw",
        "signor", "signora", "dottore", "dottoressa", "ingénieur", "engr", "mvr",
        "familie", "famille", "famiglia", "السيدة", "الدكتور", "الدكتورة", "الأستاذ", "المهندس",
        "السيد", "นาย", "นาง", "นางสาว", "คุณ", "श्री", "श्रीमती", "सुश्री", "डॉ",
    }
)  # fmt: skip
_SURELY = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "mme", "mlle", "monsieur",
        "madame", "mademoiselle", "señor", "señora", "sra", "srta", "dott", "dhr", "mevr",
        "senhor", "senhora", "dra", "господин", "госпожа", "hr", "herrn", "hrn", "fräulein",
        "mevrouw", "signor", "signora", "familie", "famille", "famiglia", "г-н", "г-жа",  # noqa: RUF001 # in their own letters
    }
)  # fmt: skip
"""Titles that are never names or initials."""
_DOTTED = frozenset(
    {
        "lic", "eng", "av", "ds", "adv", "abg", "abog", "arq", "cap", "capt", "cpt", "lt", "col",
        "gen", "maj", "sgt", "hon", "doç", "öğr", "uzm", "cand", "stud", "mtro", "mtra", "csc",
        "проф", "mw", "geom", "rag", "univ", "doz", "fam", "lek", "licda", "ilmo", "ilma", "exmo",
        "exma", "profssa", "maga", "ldo", "lda", "lcdo", "lcda", "dña", "dn", "د", "أ",
    }
)  # fmt: skip
"""Titles only with a dot: without it, they may be names, or initials."""
_COMPOUND = frozenset({"г-н", "г-жа", "univ-prof", "univ-doz", "priv-doz"})  # noqa: RUF001
_TWO_WORDS: dict[tuple[str, ...], str] = {("De", "heer"): "Dhr.", ("de", "heer"): "Dhr."}
"""Titles of two words, and how they are written in one. De Heer is a last name."""
_BEFORE_NAMES = frozenset({"Sir", "Sayın", "SAYIN", "Sayin"})  # noqa: RUF001
"""Titles only before names, as people are called so, too."""
_GLUED = lazy(
    r"((?:(?:Dr|Prof|Mr|Mrs|Ms|Dipl|Ing|Mag)\.-?)*(?:Dr|Prof|Mr|Mrs|Ms|Dipl|Ing|Mag)\.)"
    r"(?=[^\W\d_a-z])",
)
"""A title without a space before the name: "Dr.Ada"."""
_INITIALS = lazy(r"(?:[^\W\d_]\.){2,}")
_DEGREES_BEFORE = frozenset({"msc", "bsc", "mba", "phd", "meng", "beng", "llm", "mphil"})
"""Degrees that some people put before their names, also without a dot, but as `MEng`: Meng and Mba
are names."""
_LONGEST_INITIAL = 3
"""The longest piece with a dot that may be initials or a short name: `M.`, `Fr.`, `Sr.`."""
_DISCIPLINES = frozenset(
    {
        "rer", "nat", "med", "phil", "jur", "iur", "h", "c", "hc", "habil", "dent", "vet", "pol",
        "oec", "theol", "techn", "mult", "kfm", "inf", "univ", "agr", "soc", "publ", "sc", "fh",
        "hab",
    }
)  # fmt: skip
"""Words that follow a title: "Dr. rer. nat."."""
_NAMES_AS_WELL = frozenset({"Don", "Doc", "Mag", "Sir", "Me", "Pan", "Bay", "Arch", "Rev", "Ing"})
"""Titles that, without a dot, are also names of people."""
_CREDENTIALS = frozenset(
    {
        "jr", "sr", "ii", "iii", "iv", "esq", "esquire", "phd", "dphil", "mphil", "MD", "m.d.",
        "dds", "dvm", "edd", "dba", "pharmd", "mba", "emba", "msc", "bsc", "meng", "beng", "mpa",
        "mph", "llm", "llb", "jd", "cpa", "cfa", "pmp", "m.a.", "b.a.", "m.s.", "b.s.", "cissp",
        "cism", "shrm-cp", "shrm-scp", "sphr", "aicp", "aia", "facs", "mbbs", "frcs", "frcp",
        "aca", "acca", "cima", "fcca", "cscp", "cpim", "lcsw", "dnp", "csm", "cspo", "pmi-acp",
        "mcips", "chfi", "itil", "bcom", "mcom", "btech", "mtech", "bba", "mca", "csc", "obe",
        "mbe", "cbe", "ph.d", "ph.d.", "dr.h.c.", "p.eng", "p.eng.", "bsn", "msn", "cfp", "rph",
        "psyd", "fache", "dpt", "rdn", "pcc", "cphq", "lmft", "mrics", "frics", "ccim", "cpcu",
    }
)  # fmt: skip
"""Degrees and the like after a name. Capitals matter only where it could also be a name."""
_SHORT_CREDENTIALS = frozenset(
    {
        "MA", "BA", "MD", "DO", "RN", "JD", "PE", "BS", "MS", "CA", "EA", "MENG", "BENG", "ACC",
        "MCC", "PA", "NP", "OD", "PT", "RD", "PSM", "OTR", "CMA", "CIA", "PHR", "QC", "KC",
    }
)  # fmt: skip
"""Degrees that are also names, so they count only beside two words that are not in capitals."""
_OCCUPATIONS = frozenset(
    {
        "attorney", "lawyer", "realtor", "founder", "cofounder", "co-founder", "engineer",
        "consultant", "director", "manager", "owner", "architect", "accountant", "developer",
        "designer", "president", "therapist", "psychologist", "physician", "dentist", "nurse",
        "broker", "analyst", "advisor", "adviser", "coach", "author", "freelancer", "entrepreneur",
        "recruiter", "officer", "executive", "specialist", "teacher", "editor", "photographer",
        "chiropractor", "pharmacist", "veterinarian", "marketing", "sales", "rechtsanwalt",
        "rechtsanwältin", "steuerberater", "steuerberaterin", "wirtschaftsprüfer",
        "wirtschaftsprüferin", "geschäftsführer", "geschäftsführerin", "notar", "notarin", "arzt",
        "ärztin", "zahnarzt", "zahnärztin", "architekt", "architektin", "ingenieur",
        "ingenieurin", "berater", "beraterin", "unternehmensberater", "unternehmensberaterin",
        "gründer", "gründerin", "inhaber", "inhaberin", "leiter", "leiterin", "vorstand",
        "prokurist", "prokuristin", "makler", "maklerin", "apotheker", "apothekerin", "psychologe",
        "psychologin", "heilpraktiker", "heilpraktikerin", "unternehmer", "unternehmerin",
        "avocat", "avocate", "notaire", "médecin", "dentiste", "architecte", "ingénieur",
        "ingénieure", "directeur", "directrice", "fondateur", "fondatrice", "gérant", "gérante",
        "consultante", "comptable", "expert-comptable", "infirmière", "infirmier", "abogado",
        "abogada", "arquitecto", "arquitecta", "ingeniero", "ingeniera", "médico", "médica",
        "directora", "gerente", "fundador", "fundadora", "consultor", "consultora", "notario",
        "propietario", "propietaria", "avvocato", "architetto", "ingegnere", "medico", "direttore",
        "fondatore", "titolare", "commercialista", "notaio", "consulente", "geometra",
        "advocaat", "oprichter", "eigenaar", "adviseur", "makelaar", "huisarts", "tandarts",
        "notaris", "adwokat", "prezes", "dyrektor", "lekarz", "inżynier", "właściciel", "kierownik",
        "księgowa", "advogado", "advogada", "engenheiro", "engenheira", "diretor", "diretora",
        "arquiteto", "arquiteta", "sócio", "advokat", "direktör", "ingenjör", "grundare", "läkare",
        "ägare", "direktør", "ingeniør", "læge", "avukat", "mühendis", "адвокат", "юрист",
        "директор", "инженер", "врач", "основатель", "менеджер",
    }
)  # fmt: skip
"""What people write after a comma that they do, and that nobody is called."""
_LONGEST_HONORIFIC = 40
_HAN, _HANGUL = "\u3005-\u30ff\u3400-\u9fff", "\uac00-\ud7a3"
_EAST_ASIAN_AFTER = lazy(
    rf"(?<=[{_HAN}])[ \u3000]*(?:様|さま|さん|先生|女士|小姐)$|(?<=[{_HAN}]{{3}})氏$"
    rf"|(?<=[{_HANGUL}]{{3}})(?:님|씨)$"
    rf"|(?<=[{_HAN}{_HANGUL}])[ \u3000]+(?:氏|殿|님|씨"
    r"|(?:대표(?:이사)?|이사|부장|차장|과장|대리|사장|부사장|팀장|본부장|전무|상무|실장|사원|주임|책임"
    r"|선임|수석|교수|박사|회장|원장|소장|센터장|매니저)님?"
    r"|代表取締役(?:社長)?|取締役|代表|社長|副社長|会長|専務|常務|本部長|部長|次長|課長|係長|主任|室長|店長"
    r"|所長|院長|総经理|总经理|副总经理|经理|总监|董事长|總經理|經理|總監|董事長|主管|工程师|工程師|教授|博士"
    r"|老师|老師|医生|醫生|律师|律師)$"
)
"""Titles and positions after a name in East Asian script."""
_EAST_ASIAN_BEFORE = lazy(r"^(?:代表取締役(?:社長)?|取締役|社長)[ \u3000]+")


def is_honorific(value: str) -> bool:
    """Whether a title is a form of address, not a job."""
    if len(value) > _LONGEST_HONORIFIC or value == "HR":  # HR is a department
        return False
    words = _words(value)
    return bool(words) and words[0] in _HONORIFICS and set(words) <= _HONORIFICS | _DISCIPLINES


def is_occupation(text: str) -> bool:
    """Whether a text after a name says what somebody does: "Rechtsanwalt", "Sales Manager"."""
    return not _OCCUPATIONS.isdisjoint(text.partition(",")[0].casefold().split())


def _words(title: str) -> list[str]:
    return re.sub(r"[.()-]", " ", title).casefold().split()


def _is_of_title(piece: str) -> bool:
    """Whether a word after a title belongs to it: "phil." does, but Phil is a name."""
    is_short = piece.endswith(".") or not piece[0].isupper()
    return _is_title(piece) or piece == "n." or (is_short and set(_words(piece)) <= _DISCIPLINES)


def _is_title(piece: str) -> bool:
    plain = piece.replace(".", "").casefold()
    if piece in _NAMES_AS_WELL or (
        piece.isupper() and _INITIALS.fullmatch(piece) and plain not in _DEGREES_BEFORE
    ):
        return False
    return (
        is_honorific(piece)
        or plain in _COMPOUND
        or (plain in _DEGREES_BEFORE and ("." in piece or not piece[1:].islower()))
        or ("." in piece and (plain in _DOTTED or plain in _HONORIFICS))  # Sig.ra
    )


def without_title(pieces: list[str], least: int = 2) -> list[str]:
    """Leave out the titles before a name, but keep at least `least` words."""
    if short := _TWO_WORDS.get(tuple(pieces[:2])):
        pieces = [short, *pieces[2:]]
    start = 0
    while (
        start < len(pieces) - least
        and (
            _is_of_title(pieces[start])
            if start
            else _is_title(pieces[0]) or pieces[0] in _BEFORE_NAMES
        )
        and not (len(pieces[start].rstrip(".")) == 1 and is_initial(pieces[start + 1]))
        and not _is_name_in_capitals(pieces, start)
    ):
        start += 1
    return pieces[start:]


def is_initial(piece: str) -> bool:
    """Whether a word is only the first letter of a name, or several of them: "Q", "Q.", "J.R."."""
    letters = piece.split(".")
    return piece.isupper() and all(len(letter) <= 1 for letter in letters)


def with_space_after_title(text: str) -> str:
    """Return "Dr. Ada" for "Dr.Ada"."""
    glued = _GLUED.match(text) if "." in text else None
    return f"{glued[0]} {text[glued.end() :]}" if glued else text


def _is_name_in_capitals(pieces: list[str], start: int = 0) -> bool:
    """Whether the word that begins there is a name in capitals and no degree: "MENG LI"."""
    first = pieces[start]
    if first not in _SHORT_CREDENTIALS or first.casefold() not in _DEGREES_BEFORE:
        return False
    others = pieces[start + 1 :]
    return len(others) < 2 or any(map(str.isupper, others))


def is_sure_title(piece: str) -> bool:
    """Whether a word before a single name is certainly a title, so the name is a last name."""
    if piece == "HR":  # initials
        return False
    is_long = piece.endswith(".") and len(piece) > _LONGEST_INITIAL
    return piece.rstrip(".").casefold() in _SURELY or (is_long and _is_title(piece))


def are_titles(pieces: list[str]) -> bool:
    """Whether all pieces are titles."""
    return bool(pieces) and all(map(_is_of_title, pieces)) and not _is_name_in_capitals(pieces)


def without_degrees(pieces: list[str], least: int = 1) -> list[str]:
    """Leave out the degrees after a name, but keep at least `least` words."""
    end = len(pieces)
    while end > least and _is_degree(pieces, end - 1):
        end -= 1
    return pieces[:end]


def _is_degree(pieces: list[str], place: int) -> bool:
    piece = pieces[place]
    if piece in _SHORT_CREDENTIALS:
        return place > 1 and not any(map(str.isupper, pieces[:place]))
    is_name_as_well = piece.isalpha() and not piece.isupper() and piece.istitle()
    is_short = len(piece) < 3 or piece.upper() in _SHORT_CREDENTIALS
    return are_credentials(piece) and not (is_name_as_well and is_short)


def is_short_degree(piece: str) -> bool:
    """Whether a word is a degree in capitals that may be a name elsewhere: "MD"."""
    return piece in _SHORT_CREDENTIALS


def are_credentials(text: str) -> bool:
    """Whether a text is only degrees and the like: "PhD/MBA"."""
    words = re.split(r"[\s/]+", text.partition(",")[0].strip())
    return all(_is_credential(word) or all(map(_is_credential, word.split("-"))) for word in words)


def _is_credential(word: str) -> bool:
    return not {word, word.casefold(), word.casefold().replace(".", "")}.isdisjoint(_CREDENTIALS)


def without_east_asian_title(text: str) -> str:
    """Return a name in East Asian script without the titles beside it: "山田 太郎 様"."""
    if text.isascii() or text[-1] < "\u3005":
        return text
    name = _EAST_ASIAN_AFTER.sub("", _EAST_ASIAN_BEFORE.sub("", text))
    return without_east_asian_title(name) if name != text else name
