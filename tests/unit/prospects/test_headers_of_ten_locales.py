"""Headers of address books and forms in ten locales: whole names, telephones, employers, roles."""

from __future__ import annotations

import pytest

from listdrop.cells.headers import fold
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper
from listdrop.prospects.recognising import field_of

HEADERS = {
    "full_name": """Vor- und Zuname|Zu- und Vorname|Vor- und Familienname|Nombres y apellidos
        |Wie heißen Sie?|Comment vous appelez-vous ?|¿Cómo te llamas?|Come ti chiami?|Hoe heet je?
        |Jak się nazywasz?|Vad heter du?|Hvad hedder du?|Mikä on nimesi?|Como se chama?
        |Decision Maker Name|Candidate name""",
    "email": """전자 메일 주소|전자메일|E-Mail geschäftl.|E-mail lavorativa|Pracovní e-mail
        |Arbejdsmail|Työsähköposti|Munkahelyi e-mail|Kurumsal e-posta|Робоча пошта|البريد المهني
        |Work Email (Verified)|Verified Email Address""",
    "company": """Arbeitgeber|Employeur|Datore di lavoro|Pracodawca|Zaměstnavatel|Arbetsgivare
        |Arbejdsgiver|Työnantaja|Munkáltató|Работодатель|单位名称|직장|Poduzeće|Kurum""",
    "job_title": "Funkce|Funkcia|Función|Tätigkeit|職務|직무|Görevi|Rola|Uloga|Title (current)",
    "phone": """Tel. geschäftl.|Telefon geschäftl.|Mobitel|Broj telefona|移动电话|行動電話
        |휴대전화 번호|Mobilus telefonas|Мобилен телефон|Teléfono de contacto|Điện thoại di động
        |Phone Number (Mobile)|Telefon kontaktowy""",
    "linkedin_url": "LinkedIn网址|領英|링크드인|リンクトイン|לינקדאין|LinkedIn Profil URL",
}
"""Headers by field."""

OTHERS = """Arbeitgeber-Nr.|Fax geschäftl.|Funktionsbereich|Broj fakture|移动办公|Tel. Zentrale Nr.
    |Arbeitgeberanteil|Employeur précédent|Rola użytkownika|Verified Email Status|LinkedIn Firma
    |Owner name|Client|Lead|Kunde|Decision Maker|Email found|Deliverable email|Place of work"""
"""Headers of something else."""


@pytest.mark.parametrize(
    ("field", "header"),
    [(field, header.strip()) for field, text in HEADERS.items() for header in text.split("|")],
)
def test_a_header_is_that_of_its_field(field: str, header: str) -> None:
    found = field_of(fold(header))

    assert found is not None
    assert found[0] == field


@pytest.mark.parametrize("header", [header.strip() for header in OTHERS.split("|")])
def test_a_header_of_something_else_is_none_of_them(header: str) -> None:
    assert field_of(fold(header)) is None


@pytest.mark.parametrize(
    ("header", "cell"),
    [("Vor- und Zuname", "Greta Hollmann"), ("Zu- und Vorname", "Hollmann Greta"),
     ("Nach- und Vorname", "Hollmann Greta"), ("Wie heißt du?", "Greta Hollmann"),
     ("Nombres y apellidos", "Greta Hollmann")],
)  # fmt: skip
def test_a_whole_name_is_in_the_order_that_its_header_says(header: str, cell: str) -> None:
    mapped = Mapper(map_columns([header, "E-Mail"], {})).map([[cell, "greta@example.com"]])

    assert (mapped.column("first_name"), mapped.column("last_name")) == (["Greta"], ["Hollmann"])


@pytest.mark.parametrize(
    "header", [["email", "phone", "fn", "ln", "country"], ["FN", "LN", "Email"]]
)
def test_the_short_headers_of_an_advertising_audience_are_names(header: list[str]) -> None:
    row = [{"fn": "Greta", "ln": "Hollmann"}.get(name.lower(), "g@example.com") for name in header]
    mapped = Mapper(map_columns(header, {})).map([row])

    assert (mapped.column("first_name"), mapped.column("last_name")) == (["Greta"], ["Hollmann"])


@pytest.mark.parametrize("header", [["FN", "Email"], ["LN", "Email", "Name"], ["N", "FN", "Email"]])
def test_one_of_them_alone_says_nothing(header: list[str]) -> None:
    columns = map_columns(header, {})
    mapped = Mapper(columns).map([["Greta Hollmann"] * len(header)])

    assert not any(
        mapped.column(name)[0] == "Greta Hollmann" for name in ("first_name", "last_name")
    )
