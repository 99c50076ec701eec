"""A no in a column of another field, and names of companies and topics that look like one."""

from __future__ import annotations

import pytest

from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapped, Mapper


def mapped(header: str, *values: str) -> Mapped:
    rows = [[f"p{number}@example.com", value] for number, value in enumerate(values)]
    return Mapper(map_columns(["Email", header], {})).map(rows)


def said(header: str, value: str) -> str:
    """Return what one value says of its row's person."""
    found = mapped(header, value, "Zürich").answers
    states = {"out": found.out, "silent": found.silent, "unclear": found.unclear}
    assert all(1 not in places for places in states.values())
    return next((name for name, places in states.items() if 0 in places), "")


FIELDS = ["Job Title", "Position", "Company", "Firma", "Website", "City", "Ville", "Country",
          "Location", "Phone", "Mobile", "Telefon", "Headline"]  # fmt: skip
CLEAR = ["do not contact", "DO NOT EMAIL", "Unsubscribed", "UNSUBSCRIBED", "opted out", "Opted-out",
         "Unsubscribed 2024-03-01", "Please do not contact", "do not contact - legal",
         "Abgemeldet", "Bitte nicht kontaktieren", "désabonné", "Ne pas contacter", "No contactar",
         "Dado de baja", "Disiscritto", "Non contattare", "Descadastrado", "Uitgeschreven",
         "Niet mailen", "Wypisany", "отписан", "не писать", "配信停止", "已退订", "수신거부",
         "remove me", "hard bounce", "email bounced"]  # fmt: skip


@pytest.mark.parametrize("header", FIELDS)
@pytest.mark.parametrize("value", CLEAR)
def test_a_clear_no_counts_in_a_column_of_any_field(header: str, value: str) -> None:
    assert said(header, value) == "out"


@pytest.mark.parametrize("header", FIELDS)
@pytest.mark.parametrize(
    "value",
    ["Bounce", "Bounced", "Stop", "STOP", "No", "Nein", "Non", "Remove",
     "Excluded", "Suppressed", "Do Not Disturb", "Invalid", "Baja", "Refus",
     "Bounce, Inc.", "Opt-out Ltd", "Bounce Manager", "Spam"],
)  # fmt: skip
def test_a_word_that_may_be_a_name_says_nothing_there(header: str, value: str) -> None:
    assert said(header, value) == ""


AMBIGUOUS = ["Unsubscribe", "unsub", "UNSUBSCRIBE", "Opt Out", "opt-out", "Abmeldung"]


@pytest.mark.parametrize("value", AMBIGUOUS)
@pytest.mark.parametrize("header", ["Job Title", "Company", "Firma", "Website", "City", "Country"])
def test_nor_does_a_product_or_a_button(header: str, value: str) -> None:
    assert said(header, value) == ""


@pytest.mark.parametrize("value", AMBIGUOUS)
@pytest.mark.parametrize("header", ["Phone", "Mobile", "Telefon"])
def test_no_number_is_called_so_but_it_may_be_a_no_to_calls(header: str, value: str) -> None:
    assert said(header, value) == "unclear"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Company", "Unsubscribe (formerly Stop)"), ("Job Title", "Unsubscribe Manager"),
        ("Job Title", "Head of Opt-out"),
        ("Job Title", "Do Not Call compliance officer"), ("Job Title", "Bounce House Attendant"),
        ("Company", "Unsubscribe.com"), ("Company", "Do Not Contact Registry Ltd"),
        ("Company", "DNC"), ("Company", "Opted Out Media GmbH"), ("Company", "No Email Needed Ltd"),
        ("City", "Nome"), ("City", "Stopnica"), ("City", "Optima"), ("City", "Baja California"),
        ("Country", "Norway"), ("Country", "Dominican Republic"), ("Country", "NO"),
        ("Website", "unsubscribe.com"), ("Website", "https://stop.example/unsubscribed"),
        ("Website", "donotcontact.me"), ("Company", "unsubscribed.com"),
        ("Website", "www.unsubscribed.example/do-not-contact"), ("Website", "invalid address"),
        ("Location", "undeliverable address"), ("Company", "Abmelden leicht gemacht GmbH"),
    ],
)  # fmt: skip
def test_other_values_of_fields_say_nothing(header: str, value: str) -> None:
    assert said(header, value) == ""


@pytest.mark.parametrize("header", ["Phone", "Mobile", "Telefon", "Work phone"])
@pytest.mark.parametrize(
    "value",
    ["Do Not Call", "do not call!", "DNC", "TPS", "Bitte nicht anrufen", "Ne pas appeler",
     "No llamar", "не звонить", "架電禁止", "+41 44 123 45 67 (do not call)",
     "+41 44 123 45 67 DNC", "DNC 044 123 45 67", "044 123 45 67 do not call", "(DNC) 555 123-4567",
     "044 123 45 67 nicht anrufen"],
)  # fmt: skip
def test_a_no_to_calls_in_a_column_of_numbers_leaves_out_the_number(
    header: str, value: str
) -> None:
    assert said(header, value) == "silent"
    assert mapped(header, value).column("phone") == [""]


def test_a_no_to_calls_leaves_out_every_number_of_the_person() -> None:
    columns = map_columns(["Email", "Mobile", "Phone"], {})
    rows = [["ada@example.com", "+41441234567", "Do not call"],
            ["bob@example.com", "+41441234568", ""]]  # fmt: skip
    assert Mapper(columns).map(rows).column("phone") == ["", "+41441234568"]


@pytest.mark.parametrize(
    "value",
    ["+41 44 123 45 67 (do not contact)", "do not contact; +41 44 123 45 67",
     "+41 44 123 45 67 - opted out", "044 123 45 67 do not contact", "unsubscribed 0441234567",
     "044 123 45 67, bitte nicht mehr kontaktieren"],
)  # fmt: skip
def test_a_no_beside_a_number_counts(value: str) -> None:
    assert said("Phone", value) == "out"


@pytest.mark.parametrize(
    "value",
    [
        "+41 44 123 45 67 ext. 12",
        "tel. 044 123 45 67",
        "044 123 45 67 (no SMS)",
        "DNC Ltd 044 1",
        "call after 5",
        "(044) 123 45 67",
        "no mobile",
        "Anruf ab 18 Uhr",
    ],
)
def test_what_else_stands_beside_a_number_says_nothing(value: str) -> None:
    assert said("Phone", value) == ""


@pytest.mark.parametrize("value", ["Acme (do not contact)", "Acme - opted out", "Acme, abgemeldet"])
def test_a_no_beside_a_company_counts(value: str) -> None:
    assert said("Company", value) == "out"


@pytest.mark.parametrize(
    "value",
    ["not interested", "kein Interesse", "Pas intéressé", "Deceased", "verstorben", "Décédé"],
)
@pytest.mark.parametrize("header", ["Phone", "Job Title", "City"])
def test_a_no_that_may_be_to_something_else_is_told(header: str, value: str) -> None:
    assert said(header, value) == "unclear"


# ---------------------------------------------------------------- topics

TOPICS = ["Venue", "Song", "Lieblingslied", "Hobby", "Hobbies", "Shop", "Gym", "Club", "Product",
          "Interests", "Topic", "Event name", "Event venue", "Veranstaltungsort", "Lieu",
          "Chanson", "Lugar", "Canción", "Locale", "Canzone", "Winkel", "Liedje", "Piosenka",
          "Песня", "Хобби", "曲名", "会場", "歌曲", "Workshop", "Course", "Brand"]  # fmt: skip


@pytest.mark.parametrize("header", TOPICS)
@pytest.mark.parametrize(
    "value", ["Bounce", "Unsubscribe", "Opt-out workshop", "Unsubscribe management", "Opt Out",
              "Bounced", "Unsubscribe rates", "Stop"],
)  # fmt: skip
def test_a_topic_may_be_called_like_a_no(header: str, value: str) -> None:
    assert said(header, value) == ""


@pytest.mark.parametrize("header", TOPICS)
@pytest.mark.parametrize(
    "value", ["do not contact", "Unsubscribed", "opted out", "Abgemeldet", "désabonné", "已退订"]
)
def test_a_clear_no_counts_in_a_column_of_topics(header: str, value: str) -> None:
    assert said(header, value) == "out"


@pytest.mark.parametrize("header", ["Keywords", "Skills", "Technologies", "Interests", "Marken"])
@pytest.mark.parametrize(
    "value",
    ["email, unsubscribed, opted out", "crm; do not contact; dnc", "Do not call, compliance",
     "Abgemeldet, Newsletter", "désabonné | e-mail", "Unsubscribed. And other poems"],
)  # fmt: skip
def test_one_of_several_topics_is_not_the_person_s(header: str, value: str) -> None:
    assert said(header, value) == ""


@pytest.mark.parametrize(
    "header",
    ["Notes", "Type", "Comment", "Source", "Event", "Last event", "Event type", "Action", "Info",
     "Kommentar", "Bemerkung", "Remarque", "Nota", "Venue notes", "Interest status", "Email event"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["Bounce", "Bounced", "Unsubscribe", "Unsubscribed"])
def test_one_word_still_counts_where_nothing_says_what_it_is(header: str, value: str) -> None:
    assert said(header, value) == "out"


@pytest.mark.parametrize(
    "value",
    ["Opt-out workshop", "Opt out webinar", "Unsubscribe webinar", "Abmelde-Workshop",
     "Atelier désinscription", "Taller de bajas", "Bounce management training"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Event", "Last event", "Interest"])
def test_an_event_about_a_no_says_nothing(header: str, value: str) -> None:
    assert said(header, value) == ""
