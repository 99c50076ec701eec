"""What known products export, in samples with their own headers, read from bytes to fields."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import pytest

from listdrop.models import Prospect
from listdrop.prospects.columns import aliases, map_columns
from listdrop.prospects.deciding import decided
from listdrop.prospects.recognising import known_headers
from listdrop.tables.reading import read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive
from tests.support.prospects import prospect_of

SAMPLES = Path(__file__).parents[2] / "samples"


class Export(NamedTuple):
    """A sample, what it is called, its rows' fields, and columns that must stay custom ones."""

    sample: str
    source: str
    rows: list[dict[str, str]]
    custom: AbstractSet[str] = frozenset()


def row(**fields: str) -> dict[str, str]:
    return fields


NAMED_ADA = row(first_name="Ada", last_name="Lovelace")
ADA = NAMED_ADA | row(company="Engine Works", job_title="Head of Growth", email="ada@example.com")
NAMED_THEO = row(first_name="Théo", last_name="Exemple")
THEO = NAMED_THEO | row(company="Société Exemple", job_title="Directeur commercial")
JOERG = row(first_name="Jörg", last_name="Beispiel", company="Beispiel GmbH")
AOIFE = row(
    first_name="Aoife",
    last_name="O'Example",
    company='O\'Example & "Daughters", Ltd.',
    email="aoife@example.com",
)
WHOLE_ADA = row(full_name="Ada Lovelace")
WHOLE_THEO = row(full_name="Théo Exemple")
WHOLE_AOIFE = AOIFE | row(full_name="Aoife O'Example")
ADA_PROFILE = row(linkedin_url="https://www.linkedin.com/in/ada-example-1")
THEO_PROFILE = row(linkedin_url="https://www.linkedin.com/in/theo-example-2")
BY_ID = "https://www.linkedin.com/in/ACwAAAexample"
LONDON = row(city="London", country="United Kingdom")
ENGINE = row(website="engine.example.com")
ENGINE_URL = row(website="https://engine.example.com")
OFFICE = row(phone="+44 20 7946 0011")
DIRECT = row(phone="+44 20 7946 0012")
MOBILE = row(phone="+44 7700 900011")
THEO_MOBILE = row(phone="+33 6 99 00 12 34")
THEO_OFFICE = row(phone="+33 1 99 00 12 34")
CHIEF = row(job_title="Geschäftsführer")


def abroad(city: str, country: str, phone: str = "+44 20 7946 0011") -> dict[str, str]:
    """What an Excel list has of Ada."""
    fields = NAMED_ADA | row(company="Engine Works", email="ada@example.com")
    return fields | row(city=city, country=country) | (row(phone=phone) if phone else {})


SALES_TOOLS = [
    Export(
        "phantombuster-sales-navigator",
        "phantombuster-sales-navigator",
        [
            NAMED_ADA
            | WHOLE_ADA
            | row(
                company="Engine Works",
                job_title="Head of Growth",
                linkedin_url=ADA_PROFILE["linkedin_url"],
                location="Greater Manchester, United Kingdom",
            ),
            THEO | WHOLE_THEO | row(linkedin_url=f"{BY_ID}2", location="Paris, France"),
            {name: value for name, value in WHOLE_AOIFE.items() if name != "email"},
        ],
        {"regularCompanyUrl", "companyLocation", "vmid", "summary", "industry", "query"},
    ),
    Export(
        "evaboot-leads",
        "evaboot-leads",
        [
            ADA | WHOLE_ADA | ADA_PROFILE | ENGINE_URL | row(location="London"),
            THEO
            | WHOLE_THEO
            | row(linkedin_url=f"{BY_ID}2", location="Paris", website="societe.example.com"),
            WHOLE_AOIFE,
        ],
        {"Sales Navigator URL", "Company LinkedIn URL", "Company Location", "Email Status"},
    ),
    Export(
        "waalaxy-prospects",
        "waalaxy-prospects",
        [
            ADA
            | ADA_PROFILE
            | OFFICE
            | ENGINE_URL
            | row(location="London", country="United Kingdom", tags="hot"),
            THEO | THEO_PROFILE | row(email="theo@example.com", country="France"),
            AOIFE,
        ],
        {"salesNavigatorUrl", "company_linkedinUrl", "region", "prospectList"},
    ),
    Export(
        "wiza-contacts",
        "wiza-contacts",
        [
            ADA
            | WHOLE_ADA
            | ADA_PROFILE
            | MOBILE
            | ENGINE
            | row(location="London, United Kingdom"),
            THEO | WHOLE_THEO | THEO_PROFILE | THEO_OFFICE | row(email="theo@example.org"),
            WHOLE_AOIFE,
        ],
        {"company_linkedin", "company_location", "email_status", "email_type"},
    ),
    Export(
        "captain-data-people",
        "captain-data-people",
        [
            ADA | WHOLE_ADA | ADA_PROFILE | ENGINE | row(location="London"),
            THEO | WHOLE_THEO,
            WHOLE_AOIFE,
        ],
        {"sales_navigator_profile_url", "linkedin_company_url"},
    ),
    Export(
        "apollo-accounts-contacts",
        "apollo-contacts",
        [
            ADA
            | LONDON
            | MOBILE
            | ENGINE_URL
            | row(
                company="Engine Works Ltd.",
                linkedin_url="http://www.linkedin.com/in/ada-example-1",
            ),
            JOERG
            | CHIEF
            | row(email="joerg@example.org", phone="+49 30 23125 100", country="Germany"),
            AOIFE,
        ],
        {
            "Company Name for Emails",
            "Company Linkedin Url",
            "Company City",
            "Company Country",
            "Company Phone",
            "State",
            "Lists",
        },
    ),
    Export(
        "zoominfo-contacts",
        "zoominfo-contacts",
        [
            ADA | ADA_PROFILE | LONDON | ENGINE | row(phone="(0770) 090-0011"),
            JOERG | CHIEF | row(email="joerg@example.org", phone="+49 30 23125 101"),
            AOIFE,
        ],
        {
            "ZoomInfo Contact ID",
            "ZoomInfo Contact Profile URL",
            "LinkedIn Company Profile URL",
            "Company HQ Phone",
            "Company City",
            "Company Country",
        },
    ),
    Export(
        "lusha-contacts",
        "lusha-contacts",
        [
            ADA
            | WHOLE_ADA
            | ADA_PROFILE
            | LONDON
            | ENGINE
            | DIRECT
            | row(location="London, United Kingdom"),
            THEO | WHOLE_THEO | THEO_MOBILE | row(email="theo@example.org"),
            WHOLE_AOIFE,
        ],
        {"Company LinkedIn URL", "Company Location", "Work Email Confidence"},
    ),
    Export(
        "clay-people",
        "clay-people",
        [
            ADA
            | WHOLE_ADA
            | ENGINE
            | row(linkedin_url=f"{ADA_PROFILE['linkedin_url']}/", location="London, England"),
            THEO | WHOLE_THEO | THEO_MOBILE | row(linkedin_url=f"{THEO_PROFILE['linkedin_url']}/"),
            WHOLE_AOIFE,
        ],
        {"Find people", "Personalised Line"},
    ),
    Export(
        "kaspr-contacts",
        "kaspr-contacts",
        [
            ADA | WHOLE_ADA | ADA_PROFILE | MOBILE | ENGINE | row(location="London"),
            THEO | WHOLE_THEO | THEO_PROFILE | THEO_OFFICE | row(email="theo@example.org"),
            WHOLE_AOIFE,
        ],
        {"Company LinkedIn"},
    ),
    Export(
        "cognism-contacts",
        "cognism-contacts",
        [
            ADA
            | WHOLE_ADA
            | LONDON
            | ENGINE
            | DIRECT
            | row(linkedin_url="linkedin.com/in/ada-example-1"),
            JOERG
            | CHIEF
            | row(full_name="Jörg Beispiel", email="joerg@example.com", phone="+49 151 23125101"),
            WHOLE_AOIFE,
        ],
        {"HQ", "Direct DNC", "Company City", "Company Country", "Email Quality"},
    ),
    Export(
        "snov-prospects",
        "snov-prospects",
        [
            ADA | WHOLE_ADA | ENGINE_URL | row(location="London", country="United Kingdom"),
            THEO | WHOLE_THEO | row(email="theo@example.com"),
            WHOLE_AOIFE,
        ],
        {"Company social", "Source page", "Email status"},
    ),
    Export(
        "hunter-leads",
        "hunter-leads",
        [
            ADA | ADA_PROFILE | OFFICE | ENGINE | row(notes="Warm"),
            NAMED_THEO | row(company="Société Exemple", email="theo@example.com"),
            AOIFE,
        ],
        {"Confidence score", "Country code"},
    ),
    Export(
        "rocketreach-contacts",
        "rocketreach-contacts",
        [
            ADA
            | WHOLE_ADA
            | ADA_PROFILE
            | MOBILE
            | ENGINE
            | row(location="London, England, GB", city="London", country="GB"),
            THEO | WHOLE_THEO | THEO_OFFICE | row(email="theo@example.org"),
            WHOLE_AOIFE,
        ],
        {"Region"},
    ),
    Export(
        "dropcontact-contacts",
        "dropcontact-contacts",
        [
            ADA | WHOLE_ADA | ADA_PROFILE | OFFICE | ENGINE | row(country="GB"),
            NAMED_THEO | WHOLE_THEO | THEO_MOBILE | row(company="Société Exemple"),
            WHOLE_AOIFE,
        ],
        {"civility", "company_linkedin", "email_qualification", "siren", "siret_city"},
    ),
    Export(
        "lemlist-leads",
        "lemlist-leads",
        [
            ADA | ADA_PROFILE | OFFICE | ENGINE,
            NAMED_THEO | THEO_PROFILE | row(company="Société Exemple", email="theo@example.com"),
            AOIFE,
        ],
        {"icebreaker", "picture", "lastState"},
    ),
    Export(
        "salesloft-people",
        "salesloft-people",
        [
            ADA | ADA_PROFILE | OFFICE | LONDON | ENGINE_URL | row(tags="hot"),
            JOERG
            | CHIEF
            | row(
                email="joerg@example.org",
                phone="+49 151 23125101",
                city="Berlin",
                country="Germany",
            ),
            AOIFE,
        ],
        {"State", "Do Not Contact"},
    ),
    Export(
        "outreach-prospects",
        "outreach-prospects",
        [
            ADA | ADA_PROFILE | OFFICE | LONDON,
            THEO | THEO_MOBILE | row(email="theo@example.com"),
            AOIFE,
        ],
        {"Stage", "Opted Out"},
    ),
]
CUSTOMERS = [
    Export(
        "hubspot-contacts",
        "hubspot-contacts",
        [
            ADA | ADA_PROFILE | OFFICE | LONDON | ENGINE,
            THEO | THEO_PROFILE | THEO_MOBILE | row(email="theo@example.com"),
            AOIFE,
        ],
        {"Record ID", "Contact owner", "Lead Status", "State/Region"},
    ),
    Export(
        "salesforce-contacts-report",
        "salesforce-contacts-report",
        [
            ADA | OFFICE | LONDON,
            THEO | THEO_MOBILE | row(city="Besançon", country="France"),
            AOIFE,
        ],
        {"Salutation", "Mailing Street", "Account Owner"},
    ),
    Export(
        "pipedrive-people",
        "pipedrive-people",
        [
            ADA | WHOLE_ADA | MOBILE | row(tags="Hot lead"),
            NAMED_THEO
            | WHOLE_THEO
            | THEO_OFFICE
            | row(company="Société Exemple", email="theo@example.org"),
            WHOLE_AOIFE,
        ],
        {"Person - Owner", "Person - ID"},
    ),
    *(
        Export(
            f"mailchimp-{kind}",
            "mailchimp-audience",
            [
                NAMED_ADA
                | OFFICE
                | row(company="Engine Works", email="ada@example.com", tags='"Customer"'),
                NAMED_THEO | row(email="theo@example.com", notes="Met at the fair"),
                AOIFE,
            ],
            {"MEMBER_RATING", "OPTIN_TIME", "CC", "REGION", "LEID", "EUID", time},
        )
        for kind, time in (
            ("subscribed", "LAST_CHANGED"),
            ("unsubscribed", "UNSUB_TIME"),
            ("cleaned", "CLEAN_TIME"),
        )
    ),
    Export(
        "brevo-contacts",
        "brevo-contacts",
        [
            NAMED_ADA | row(email="ada@example.com", phone="447700900011"),
            NAMED_THEO | row(email="theo@example.com"),
            row(first_name="Aoife", last_name="O'Example", email="aoife@example.com"),
        ],
        {"CONTACT ID", "ADDED_TIME"},
    ),
]
ADDRESS_BOOKS = [
    Export(
        "google-contacts",
        "google-contacts",
        [
            ADA
            | MOBILE
            | ENGINE_URL
            | row(city="London", country="GB", tags="* myContacts", notes="Met in London"),
            NAMED_THEO | THEO_OFFICE | row(email="theo@example.com", tags="* myContacts"),
            AOIFE,
        ],
        {"E-mail 1 - Label", "Phone 1 - Label", "Address 1 - Formatted", "Address 1 - Street"},
    ),
    Export(
        "google-contacts-old",
        "google-contacts",
        [
            ADA | WHOLE_ADA | OFFICE | row(tags="* myContacts"),
            CHIEF
            | row(
                first_name="Jörg",
                last_name="Beispiel",
                full_name="Jörg Beispiel",
                email="joerg@example.com",
                location="Berlin",
            ),
            WHOLE_AOIFE,
        ],
        {"E-mail 1 - Type", "Phone 1 - Type", "Organization 1 - Location"},
    ),
    Export(
        "outlook-desktop",
        "outlook-contacts",
        [
            ADA | OFFICE | LONDON | ENGINE_URL | row(tags="Prospects"),
            JOERG
            | row(
                email="joerg@example.com",
                phone="+49 151 23125101",
                notes="Met in Berlin\r\nCall back",
            ),
            AOIFE,
        ],
        {"Company Main Phone", "E-mail Display Name", "E-mail Type", "Gender"},
    ),
    Export(
        "outlook-com",
        "outlook-contacts",
        [
            ADA | OFFICE | LONDON | row(website="https://ada.example.com"),
            NAMED_THEO | THEO_OFFICE | row(email="theo@example.com", city="Lyon", notes="Rappeler"),
            AOIFE,
        ],
        {"Company Main Phone"},
    ),
    Export(
        "outlook-de",
        "outlook-contacts",
        [
            JOERG
            | CHIEF
            | row(
                email="joerg@example.com",
                phone="+49 89 23125 101",
                city="München",
                country="Deutschland",
                tags="Kunden",
                website="beispiel.example.com",
            ),
            NAMED_ADA | MOBILE | row(company="Engine Works", email="ada@example.com"),
            AOIFE,
        ],
        {"Anrede", "Straße geschäftlich", "Telefon Firma", "E-Mail-Typ"},
    ),
]
EXCEL = [
    Export(
        "excel-fr",
        "",
        [
            THEO
            | THEO_PROFILE
            | THEO_MOBILE
            | row(
                email="theo@example.com",
                city="Besançon",
                country="France",
                website="societe.example.com",
                tags="chaud",
                notes="À rappeler",
            ),
            abroad("Londres", "Royaume-Uni"),
            AOIFE,
        ],
        {"Secteur"},
    ),
    Export(
        "excel-es",
        "",
        [
            row(
                first_name="Íñigo",
                last_name="Ejemplo Muñoz",
                company="Ejemplo S.A.",
                job_title="Jefe de ventas",
                email="inigo@example.com",
                phone="+34 600 555 015",
                city="Sevilla",
                country="España",
                website="ejemplo.example.com",
                notes="Llamar",
            ),
            abroad("Londres", "Reino Unido"),
            AOIFE,
        ],
        {"Sector"},
    ),
    Export(
        "excel-it",
        "",
        [
            row(
                first_name="Niccolò",
                last_name="Esempio",
                company="Esempio S.p.A.",
                job_title="Direttore vendite",
                email="niccolo@example.com",
                phone="+39 02 5555 0155",
                city="Forlì",
                country="Italia",
                website="esempio.example.com",
                notes="Richiamare",
            ),
            abroad("Londra", "Regno Unito", "+44 7700 900011"),
            AOIFE,
        ],
        {"Settore"},
    ),
    Export(
        "excel-nl",
        "",
        [
            row(
                first_name="Daniël",
                last_name="van Voorbeeld",
                company="Voorbeeld B.V.",
                job_title="Verkoopleider",
                email="daniel@example.com",
                phone="+31 6 5555 0155",
                city="Den Haag",
                country="Nederland",
                notes="Terugbellen",
            ),
            abroad("Londen", "Verenigd Koninkrijk"),
            AOIFE,
        ],
        {"Branche"},
    ),
    Export(
        "excel-sv",
        "",
        [
            row(
                first_name="Åsa",
                last_name="Exempel",
                company="Exempel AB",
                job_title="Försäljningschef",
                email="asa@example.com",
                phone="+46 70 174 06 05",
                city="Malmö",
                country="Sverige",
                website="exempel.example.com",
                notes="Ring",
            ),
            abroad("London", "Storbritannien"),
            AOIFE,
        ],
        {"Bransch"},
    ),
    Export(
        "excel-da",
        "",
        [
            row(
                first_name="Søren",
                last_name="Eksempel",
                company="Eksempel ApS",
                job_title="Salgschef",
                email="soeren@example.com",
                phone="+45 55 50 01 34",
                city="Aarhus",
                country="Danmark",
                website="eksempel.example.com",
                notes="Ring",
            ),
            abroad("London", "Storbritannien"),
            AOIFE,
        ],
    ),
    Export(
        "excel-no",
        "",
        [
            row(
                first_name="Bjørn",
                last_name="Eksempel",
                company="Eksempel AS",
                job_title="Salgssjef",
                email="bjorn@example.com",
                phone="+47 915 55 013",
                city="Tromsø",
                country="Norge",
                website="eksempel.example.com",
            ),
            abroad("London", "Storbritannia", ""),
            AOIFE,
        ],
    ),
    Export(
        "excel-fi",
        "",
        [
            row(
                first_name="Äijö",
                last_name="Esimerkki",
                company="Esimerkki Oy",
                job_title="Myyntijohtaja",
                email="aijo@example.com",
                phone="+358 50 555 0155",
                city="Jyväskylä",
                country="Suomi",
            ),
            abroad("Lontoo", "Iso-Britannia", ""),
            AOIFE,
        ],
    ),
    Export(
        "excel-pt",
        "",
        [
            row(
                first_name="João",
                last_name="Exemplo",
                company="Exemplo Lda.",
                job_title="Diretor comercial",
                email="joao@example.com",
                phone="+351 910 555 015",
                city="Évora",
                country="Portugal",
                notes="Ligar",
            ),
            abroad("Londres", "Reino Unido"),
            AOIFE,
        ],
    ),
    Export(
        "excel-pl",
        "",
        [
            row(
                first_name="Łucja",
                last_name="Przykład",
                company="Przykład sp. z o.o.",
                job_title="Dyrektor sprzedaży",
                email="lucja@example.com",
                phone="+48 555 550 155",
                city="Gdańsk",
                country="Polska",
                website="przyklad.example.com",
                notes="Oddzwonić",
            ),
            abroad("Londyn", "Wielka Brytania"),
            AOIFE,
        ],
        {"Branża"},
    ),
]
EXPORTS = [*SALES_TOOLS, *CUSTOMERS, *ADDRESS_BOOKS, *EXCEL]

READ_ELSEWHERE = {
    "linkedin-connections": "linkedin-connections",
    "apollo-contacts": "apollo-contacts",
    "salesforce-leads-report": "salesforce-leads-report",
    "excel-de-semicolon": "",
}
"""Samples whose rows are what `test_reading.py` is about."""


def read(sample: str) -> tuple[str, list[Prospect]]:
    """Return what a sample's export is called, and its prospects."""
    source = spool(receive([(SAMPLES / f"{sample}.csv").read_bytes()]))
    with source.file:
        table = read_table(source, known_headers({}))
        rows = [row.cells for row in table.rows()]
        columns = decided(map_columns(table.header, {}), rows)
        return columns.source, [prospect_of(cells, columns) for cells in rows]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.sample)
def test_an_export_is_recognised_and_its_rows_are_read(export: Export) -> None:
    source, prospects = read(export.sample)
    assert source == export.source
    assert [prospect.fields for prospect in prospects] == export.rows


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.sample)
def test_what_is_not_the_persons_stays_a_custom_column(export: Export) -> None:
    _, prospects = read(export.sample)
    assert export.custom <= {name for prospect in prospects for name in prospect.custom}


@pytest.mark.parametrize(("sample", "source"), READ_ELSEWHERE.items())
def test_an_export_that_is_read_elsewhere_is_recognised(sample: str, source: str) -> None:
    assert read(sample)[0] == source


def test_every_sample_is_expected_to_be_something() -> None:
    samples = {path.stem for path in SAMPLES.glob("*.csv")}
    assert samples == READ_ELSEWHERE.keys() | {export.sample for export in EXPORTS}


@pytest.mark.parametrize("place", range(len(aliases()["sources"])))
def test_no_source_is_hidden_by_one_before_it(place: int) -> None:
    source = aliases()["sources"][place]
    assert map_columns([*source["all"], "Email"], {}).source == source["name"]
