"""Names that are no person's: those of businesses, of desks, and of nobody."""

from __future__ import annotations

import re

from listdrop.cells.headers import fold
from listdrop.cells.patterns import lazy
from listdrop.cells.values import PLACEHOLDERS

_BUSINESS = lazy(
    r"""(?<![^\W_])(?:
        ltd|limited|llc|l\.l\.c|llp|plc|inc|incorporated|corp|corporation|gmbh|mbh|ohg|e\.v|e\.k|
        sarl|s\.a\.r\.l|sas|s\.a\.s|s\.a|s\.l|s\.l\.u|slu|srl|s\.r\.l|spa|s\.p\.a|b\.v|n\.v|aps|
        a/s|oy|oyj|kft|zrt|nyrt|s\.r\.o|a\.s|d\.o\.o|sp\.\ z\ o\.o|sp\.\ z\ o\.\ o|spółka|pty|pte|
        pvt|sdn|bhd|ltda|eireli|s/a|ооо|оао|зао|пао|тов|ип|фоп|a\.ş|ltd\.\ şti|holding|holdings|
        株式会社|有限会社|合同会社|有限公司|주식회사
        )(?![^\W_])|(?:株式会社|有限会社|合同会社|有限公司|주식회사)""",  # noqa: RUF001 # in its own letters
    re.I | re.X,
)
_OFFICES = frozenset(
    {
        "info", "admin", "administrator", "administration", "office", "support", "sales", "team",
        "contact", "kontakt", "contacto", "contato", "marketing", "reception", "empfang", "hello",
        "webmaster", "noreply", "no-reply", "hr", "vertrieb", "buchhaltung", "billing", "accounts",
        "accounting", "helpdesk", "service", "secretary", "sekretariat", "accueil", "direction",
        "ventas", "vendas", "vendite", "customer", "kunde", "client", "test",
    }
)  # fmt: skip
_OF_OFFICES = frozenset(
    {
        "team", "department", "dept", "office", "desk", "support", "abteilung", "reception",
        "customer", "helpdesk", "manager", "director", "officer", "management", "resources",
        "geschäftsführer", "geschäftsführerin", "geschäftsführung", "geschäftsleitung", "inhaberin",
        "personalabteilung", "redaktion", "einkauf", "purchasing", "directeur", "directrice",
    }
)  # fmt: skip
"""The last word of a name that nobody has: "Sales Team", "Managing Director"."""
_SERVICES = frozenset({"service", "services"})
"""The same only after a word of an office, because people are called so: "Customer Service"."""
_NETWORKS = ("linkedin", "领英")
_NOBODY = frozenset(
    {
        "deleted user", "deleted account", "deleted contact", "former member", "former user",
        "unknown user", "unknown name", "unknown contact", "unknown person", "no name", "noname",
        "anonymous", "anonymous user", "guest user", "facebook user", "first last", "name surname",
        "firstname lastname", "first name last name", "vorname nachname", "prénom nom", "test user",
        "test test", "gelöschter benutzer", "gelöschter nutzer", "unbekannter benutzer",
        "utilisateur supprimé", "utilisateur inconnu", "usuario eliminado", "usuario borrado",
        "usuario desconocido", "usuário excluído", "usuário removido", "utente eliminato",
        "verwijderde gebruiker", "usunięty użytkownik", "borttagen användare", "slettet bruker",
        "slettet bruger", "poistettu käyttäjä", "smazaný uživatel", "törölt felhasználó",
        "hiring manager", "dear hiring manager", "to whom it may concern", "sir or madam",
        "dear sir or madam", "sehr geehrte damen und herren",
        "silinmiş kullanıcı", "удалённый пользователь", "удаленный пользователь",  # noqa: RUF001
    }
)  # fmt: skip
"""Names that nobody has, in lower case."""
_UNNAMED = frozenset(
    {
        "tba", "tbd", "no last name", "no first name", "no surname", "kein name", "kein nachname",
        "kein vorname", "sans nom", "sin nombre", "sin apellido", "senza nome", "senza cognome",
        "sem nome", "sem sobrenome", "geen naam", "geen achternaam",
    }
)  # fmt: skip
"""What people write where they do not know a part of a name. The other part is somebody's."""
_NOMEN_NESCIO = frozenset({"n.n.", "n. n."})
"""A whole name that is not known. As a first name, these are initials."""
_NO_NAMES = PLACEHOLDERS - {"na", "nan", "nil"}
"""Placeholders that nobody is called, not even twice."""
_TRADES = frozenset(
    {
        "agentur", "agency", "apotheke", "auberge", "autohaus", "bakery", "bistro",
        "boutique", "brauerei", "bäckerei", "café", "cafe", "clinic", "clinique", "elektro",
        "garage", "gasthaus", "gasthof", "hostel", "hotel", "hôtel", "kanzlei", "klinik",
        "metzgerei", "museum", "pension", "pizzeria", "praxis", "restaurant", "ristorante",
        "salon", "studio", "tischlerei", "verlag", "werbeagentur", "zahnarztpraxis",
    }
)  # fmt: skip
"""Words of businesses' names, which count only beside one that only businesses have."""
_SHOPS = frozenset(
    {
        "academy", "accountants", "apartments", "attorneys", "bakehouse", "barbers", "bookshop",
        "boulangerie", "brewery", "builders", "cleaning", "clínica", "coiffure", "construction",
        "consulting", "dental", "dentistry", "drogerie", "electrical", "farmacia", "farmácia",
        "fitness", "fleuriste", "florists", "gym", "gärtnerei", "heating", "institute", "insurance",
        "joinery", "landscaping", "logistics", "motors", "officina", "osteria", "padaria",
        "panadería", "panificio", "peluquería", "pharmacie", "pharmacy", "photography", "physio",
        "pizza", "plumbing", "properties", "realty", "repairs", "roofing", "salón", "solicitors",
        "solutions", "surgery", "tienda", "trattoria", "veterinary", "werkstatt", "workshop",
    }
)  # fmt: skip
"""Words of businesses' names, which count only in a list that says what kind each of them is."""
_SHOPS_OR_SURNAMES = frozenset(
    {
        "auto", "building", "bäcker", "cabinet", "center", "centre", "church", "club", "coffee",
        "college", "company", "design", "diner", "estates", "florist", "flowers", "friseur",
        "garden", "grill", "group", "hospital", "house", "inn", "kitchen", "lawyers", "lodge",
        "market", "nursery", "park", "pub", "school", "services", "shop", "spa", "store", "systems",
        "taller", "tavern", "tours", "travel", "wines", "works",
    }
)  # fmt: skip
"""The same, but only as the last of several words, since people are called so or may be: House."""
_KINDS_OF_CONTACTS = frozenset(
    {
        "client", "cliente", "clientes", "clienti", "clients", "colleague", "contact", "contacto",
        "contacts", "contato", "customer", "customers", "donor", "donors", "employee", "employees",
        "freelancer", "freelancers", "friend", "friends", "fournisseur", "fournisseurs", "guest",
        "guests", "interessent", "interessenten", "investor", "investors", "kontakt", "kontakte",
        "kunde", "kunden", "lead", "leads", "lieferant", "lieferanten", "manager", "marketing",
        "member", "members", "mitglied", "mitglieder", "partenaire", "partenaires", "partner",
        "partners", "person", "personal", "private", "prospect", "prospects", "proveedor",
        "proveedores", "reseller", "resellers", "sales", "speaker", "speakers", "sponsor",
        "sponsors", "staff", "student", "students", "subscriber", "subscribers", "supplier",
        "suppliers", "user", "users", "vendor", "vendors", "volunteer", "volunteers",
    }
)  # fmt: skip
"""What a contact is to the owner of a list: no kind of business."""
_ARTICLE = "the"
_FEWEST_BESIDE_SURNAME = 3
_LONG_WORDS = lazy(r"[^\W\d_]{4,}")
_STEM = 5
"""How many letters a name and its kind share: "Plumbing" and "Plumber"."""
_CAPITAL_BUSINESS = lazy(r"\b(?:AG|KG|UG|SA|SL|AB|AS|BV|NV|SE|KK|OÜ|UAB|SIA)$")


def is_office(text: str) -> bool:
    """Whether a whole name is that of a desk or a role: "info", "Sales Team", "Head of Sales"."""
    *before, last = words = text.casefold().split() or [""]
    if _OFFICES.issuperset(words) or text.casefold() in _NOMEN_NESCIO or before[1:2] == ["of"]:
        return True
    return last in _OF_OFFICES or (last in _SERVICES and not _OFFICES.isdisjoint(before))


def is_nobody(text: str) -> bool:
    """Whether a whole name is a placeholder: "LinkedIn Member", in any language, "Deleted User"."""
    plain = text.casefold()
    first, *others = plain.split() or [""]
    is_repeated = bool(others) and {first} == set(others) and first in _NO_NAMES
    return is_repeated or plain in _NOBODY or any(mark in plain for mark in _NETWORKS)


def is_no_name(text: str) -> bool:
    """Whether a name or a part of one is nobody's, or said not to be known: "No Last Name"."""
    return is_nobody(text) or text.casefold() in _UNNAMED


def is_business(text: str) -> bool:
    """Whether a name contains a word that only businesses have: "Ltd", "GmbH"."""
    return _BUSINESS.search(text) is not None or _CAPITAL_BUSINESS.search(text) is not None


def is_of_business(name: str, text: str) -> bool:
    """Whether a name is a business's, by the text that it was taken from: "Weber - Elektro GmbH".

    Beside a name of several words, a business is where this person works: "Ada Lovelace | Acme
    Ltd". But "Hotel Adler (Huber GmbH)" has a word of businesses itself.
    """
    words = name.casefold().split()
    is_alone = len(words) == 1 or not _TRADES.isdisjoint(words)
    return is_business(name) or (is_alone and is_business(text))


def is_like_business(name: str, kind: str) -> bool:
    """Whether a name is like a business's of a kind: "Kern Plumbing" of "Plumber", "Oak & Vine".

    Few people are called so; a single name decides nothing about a list.
    """
    if "&" in name or is_business(name):
        return True
    said = name.casefold().split()
    if not _TRADES.isdisjoint(said) or not _SHOPS.isdisjoint(said):
        return True
    if not said or set(_LONG_WORDS.findall(kind.casefold())) & _KINDS_OF_CONTACTS:
        return False
    is_long = len(said) >= _FEWEST_BESIDE_SURNAME or said[0] == _ARTICLE
    return (is_long and said[-1] in _SHOPS_OR_SURNAMES) or not _stems(name).isdisjoint(_stems(kind))


_IN_BUSINESSES = _TRADES | _SHOPS | {"ag", "kg", "sa", "co", "co.", "team", "und", "and", "&"}


def may_be_business(name: str) -> bool:
    """Whether a name that is also the company's is a business's, and not of somebody alone."""
    said = name.casefold().split()
    return (
        len(said) == 1
        or is_like_business(name, "")
        or not _IN_BUSINESSES.isdisjoint(said)
        or said[-1] in _SHOPS_OR_SURNAMES
    )


def _stems(text: str) -> set[str]:
    """Return how the long words of a text begin, without accents."""
    return {fold(word)[:_STEM] for word in _LONG_WORDS.findall(text) if len(word) >= _STEM}
