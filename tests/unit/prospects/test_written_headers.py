# ruff: noqa: RUF001 # headers in their own letters
"""Headers as people write them: with a plural in brackets, in two languages, with `No.` or `1`."""

from __future__ import annotations

import pytest

from listdrop.cells.headers import fold
from listdrop.prospects.recognising import field_of

HEADERS = {
    "first_name": """First Name(s)|Visitor First Name|Lead Given Name|Participant Forename
        |Given Name(s)|Vorname(n)|Prénom(s)|Nombre(s)|First name / Prénom
        |Vorname / First name|First Name (legal)|And your first name?|Fornafn|Etunimet|Adınız
        |ชื่อ|نام|FirstName__c""",
    "last_name": """Surname(s)|Attendee Surname|Contact Family Name|Delegate Last Name
        |Family Name(s)|Apellido(s)|Last name / Nom|Nachname/Last Name
        |Last Name (legal)|And what's your last name?|Eftirnafn|Apelidos|Soyadınız|นามสกุล
        |نام خانوادگی""",
    "full_name": """Delegate Name|Attendee Full Name|Visitor Name
        |Nafn|Nama Penuh|نام و نام خانوادگی|Full Name(s)|Ansprechpartner(in)""",
    "email": """Email: Work|email.work|Email [work]|Email/Work|Work: Email|Email #1|Email No. 1
        |1st Email|E-mail / Courriel|Email | E-Mail|Email(s)|Netfang|E-mel|อีเมล|ایمیل|Имејл
        |Verified Work Email|Email (enriched)|Email__c""",
    "company": """Attendee Company|Delegate Organisation|Contact Company Name
        |Company/Organization|Organisation / Company|Firma / Organisation|Société/Company
        |Company 1|Firma 1|company_name_1|Company Name (cleaned)|Company (normalized)
        |Name of your company|What company do you work for?|Default Address Company
        |Company or Organization|Fyrirtæki|Syarikat|Nama Perusahaan|บริษัท|شرکت|Institution
        |Établissement|Instituição|Empresa/Company""",
    "job_title": """Attendee Job Title|Delegate Position|Visitor Title
        |Job Title / Role|Title/Position|Funktion/Position|Cargo/Puesto|Position 1
        |Title 1|Fonction / Poste|Rolle|Current Role|Jawatan|Càrrec|Starfsheiti|ตำแหน่ง|Pozicija""",
    "phone": """Attendee Phone|Delegate Mobile|Lead Phone Number
        |Mobile No.|Mobile No|Tel No|Telephone No.|Tel.-Nr.|Handynr.|WhatsApp No|Phone #|Mob.
        |Ph.|DDI|N° de téléphone|Nº teléfono|Phone: Mobile|Mobile (work)|Phone/Mobile
        |Telefonní číslo|Număr de telefon|Telefon Numarası|Моб. телефон|Тел.|联系电话|연락처|هاتف
        |Sími|No. HP|SĐT|เบอร์โทร|تلفن|Telefon / Mobil|Telefon(nummer)""",
    "linkedin_url": """LinkedIn 1|LinkedIn URL (person)|LinkedIn Profile URL (personal)
        |LinkedIn/LinkedIn URL|social_linkedin|LinkedIn Personal|LinkedIn__c""",
    "website": "Website 1|Website / Homepage|Company website(s)|Site web/Website",
}
"""Headers by field."""

OTHERS = """Company No.|Order No|Account No.|Fax No|Email.1|Email 2 status|Company 2 size
    |First Name 1|Name 1|Phone/Fax|City/State|Title/Salutation|Email/Newsletter
    |Company/Email status|Owner: Email|Email: Owner|Email [owner]|Vorname/Geburtsname|VAT No.|Nr.
    |No.|#|1|Fax: work|Assistant/Phone|Company/Industry|(s)|Music|Topic|Public|Basic|Code(s)
    |Name/Number|Account manager/Owner|Reports to/Manager|Title of event|Company__r|Mobile app no
    |Lead Ad|Contact Role|Contact Account|Lead Source|Person Ad|Contact Owner|Lead First Page
    |Company Contact|Title of Contact|LinkedIn Lead"""
"""Headers of something else."""


def headers(text: str) -> list[str]:
    """Return the headers of a list. `Email | E-Mail` is one."""
    return [each.strip().replace("\0", " | ") for each in text.replace(" | ", "\0").split("|")]


@pytest.mark.parametrize(
    ("field", "header"),
    [(field, header) for field, listed in HEADERS.items() for header in headers(listed)],
)
def test_a_header_is_known_however_it_is_written(field: str, header: str) -> None:
    found = field_of(fold(header))
    assert found is not None
    assert found[0] == field


@pytest.mark.parametrize("header", headers(OTHERS))
def test_a_header_of_something_else_is_not(header: str) -> None:
    assert field_of(fold(header)) is None


@pytest.mark.parametrize(
    ("plain", "written"),
    [("Email", "Email: Work"), ("Company", "Company/Organization"), ("Mobile", "Mobile No."),
     ("Work email", "Work email #1"), ("First Name", "First Name(s)")],
)  # fmt: skip
def test_a_plain_header_comes_first(plain: str, written: str) -> None:
    first, second = field_of(fold(plain)), field_of(fold(written))
    assert first is not None
    assert second is not None
    assert first[0] == second[0]
    assert first[1] < second[1]
