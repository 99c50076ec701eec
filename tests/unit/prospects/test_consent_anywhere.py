"""A no that a file says outside of columns about consent, and what only looks like one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listdrop.prospects.columns import map_columns
from listdrop.prospects.consent import Answers
from listdrop.prospects.mapping import Mapper

_PERSON = ("First Name", "Last Name", "Email")


def answers(header: Sequence[str], *rows: Sequence[str]) -> Answers:
    columns = map_columns([*_PERSON, *header], {})
    people = [["Tessa", "Marlow", f"p{number}@example.com"] for number in range(len(rows))]
    return Mapper(columns).map([[*a, *b] for a, b in zip(people, rows, strict=True)]).answers


def beside(cell: str) -> Answers:
    """Return what a cell with an address says."""
    columns = map_columns(_PERSON, {})
    return Mapper(columns).map([["Tessa", "Marlow", cell]]).answers


# ---------------------------------------------------------------- any column


@pytest.mark.parametrize(
    "header",
    ["Email pref", "Mail pref", "Event", "Last event", "Last activity", "Response", "Reply", "Flag",
     "Type", "Notes", "Contact pref", "Mailchimp", "Column1", "Unnamed: 3", "", "Info", "Spalte1",
     "Call notes", "Solicitation code"],
)  # fmt: skip
@pytest.mark.parametrize(
    "value",
    ["Opt out", "unsubscribe", "Unsubscribed", "bounce", "spamreport", "group_unsubscribe",
     "Do not contact", "DO NOT EMAIL", "'Opted out", "[unsubscribed]", "unsubscribed 3/4/23",
     "Abgemeldet", "désabonné", "Dado de baja", "Disiscritto", "отписан", "配信停止", "已退订"],
)  # fmt: skip
def test_a_cell_that_is_nothing_but_a_no_counts_in_any_column(header: str, value: str) -> None:
    found = answers([header], [value], [""], ["met at a fair"])
    assert (found.out, found.unclear) == ({0}, set())


@pytest.mark.parametrize("value", ["Not interested", "Kein Interesse", "no consent", "Deceased"])
def test_what_may_be_about_something_else_is_told(value: str) -> None:
    found = answers(["Info"], [value])
    assert (found.out, found.unclear) == (set(), {0})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Topic", "Unsubscribe"), ("Product", "Do not disturb"), ("Subject", "Unsubscribe?"),
        ("Template", "Opt out"), ("Button", "Unsubscribe"), ("Campaign", "Opt-out"),
        ("Interest", "Unsubscribe tools"), ("Interests", "Email bounce rates"),
        ("Company name 2", "Opt Out"), ("Info", "Bouncy castle hire"), ("Info", "Baja"),
        ("Prioridad", "Baja"), ("Info", "Bounce house rental"), ("Info", "no"), ("Info", "Invalid"),
        ("Info", "We help people unsubscribe"), ("Info", "not unsubscribed"), ("Info", "blocked"),
        ("Fax note", "Do not contact"), ("Phone 2 type", "DNC"), ("Info", "stop"), ("Info", "Spam"),
        ("Unsubscribe link", "opt out"), ("Info", "Nordic"), ("Info", "Subscribed"),
        ("Info", "Never contacted"), ("Info", "unsubscribed from life in the city for a year now"),
    ],
)  # fmt: skip
def test_other_cells_say_nothing(header: str, value: str) -> None:
    assert answers([header], [value]) == Answers()


# ---------------------------------------------------------------- mailing, and nothing asked


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Teilnahme", "Abgemeldet"), ("Anwesend?", "abgemeldet"), ("Aanwezig", "Afgemeld"),
        ("Deelname", "afgemeld"), ("Deltager", "Afmeldt"), ("Deltar", "Avmeldt"),
        ("Närvaro", "Avanmäld"), ("Účast", "odhlášen"), ("Obecność", "wypisany"),
        ("Présence", "désinscrit"), ("Attendance", "unsubscribed"), ("RSVP", "opted out"),
        ("Участие", "отписался"),
    ],
)  # fmt: skip
def test_who_does_not_come_may_be_written_to(header: str, value: str) -> None:
    assert answers([header], [value]) == Answers()


@pytest.mark.parametrize("header", ["Teilnahme Newsletter", "Attending notes", "Bemerkung", "Info"])
def test_elsewhere_the_same_word_is_a_no(header: str) -> None:
    assert answers([header], ["Abgemeldet"]).out == {0}


@pytest.mark.parametrize(
    ("header", "value"),
    [("Updates", "No"), ("Third party marketing", "No"), ("Follow up by email", "no"),
     ("Event invitations", "No"), ("Email frequency", "Never"), ("Email solicit", "✗"),
     ("Direct Email", "No")],
)  # fmt: skip
def test_a_no_to_something_about_mailing_is_told(header: str, value: str) -> None:
    found = answers([header], [value], ["Yes"], [""])
    assert (found.out, found.unclear) == (set(), {0})


@pytest.mark.parametrize(
    "header",
    ["Email sent", "Email opened", "Email clicked", "Email verified", "Has email", "Contacted",
     "Marketing budget", "Uses email marketing", "Marketing manager", "Company has blog",
     "Product updates used", "Contact City", "Email count", "Role account", "Free email",
     "E-Mail gesendet", "Email envoyé", "Contact owner", "News source"],
)  # fmt: skip
def test_what_else_is_known_of_mailing_says_nothing(header: str) -> None:
    assert answers([header], ["No"], ["0"], ["false"], ["Yes"]) == Answers()


# ---------------------------------------------------------------- a second address


@pytest.mark.parametrize("name", ["Secondary Email", "Tertiary Email", "Email 2", "Other email",
                                  "Personal Email", "Email privé"])  # fmt: skip
def test_a_second_address_that_fails_leaves_the_person_free(name: str) -> None:
    header = ["Email Status", name, f"{name} Status"]
    rows = [["Verified", "b@example.com", "Invalid"], ["Bounced", "b@example.com", "Verified"],
            ["Verified", "b@example.com", "Unsubscribed"]]  # fmt: skip
    found = answers(header, *rows)
    assert (found.out, found.unclear) == ({1, 2}, set())


def test_a_second_address_counts_where_it_is_the_one_that_is_used() -> None:
    columns = map_columns(["Email", "Email 2", "Email 2 bounced"], {})
    rows = [["", "b@example.com", "yes"], ["a@example.com", "b@example.com", "yes"]]
    assert Mapper(columns).map(rows).answers.out == {0}


# ---------------------------------------------------------------- beside an address


@pytest.mark.parametrize(
    "cell",
    ["tessa@example.com (unsubscribed)", "tessa@example.com (opted out)",
     "tessa@example.com (do not email)", "tessa@example.com - bounced", "❌ tessa@example.com",
     "tessa@example.com [hard bounce]", "tessa@example.com INVALID", "tessa@example.com ❌",
     "tessa@example.com (bounced 3/4/2024)", "Unsubscribed: tessa@example.com",
     "DO NOT EMAIL tessa@example.com", "tessa@example.com (abgemeldet)", "Do not contact"],
)  # fmt: skip
def test_a_no_beside_an_address_counts(cell: str) -> None:
    found = beside(cell)
    assert (found.out, found.unclear) == ({0}, set())


@pytest.mark.parametrize(
    "cell",
    ["tessa@example.com (opted out by phone)", "Blocked Drains Ltd <tessa@example.com>",
     "tessa@example.com bounced; other@example.com"],
)  # fmt: skip
def test_what_is_not_clear_beside_an_address_is_told(cell: str) -> None:
    found = beside(cell)
    assert (found.out, found.unclear) == (set(), {0})
    assert found.unread == {2: {cell: [0]}}


@pytest.mark.parametrize(
    "cell",
    ["Tessa Marlow <tessa@example.com>", "tessa@example.com (work)", "✓ tessa@example.com",
     "tessa@example.com (not unsubscribed)", "tessa@example.com, other@example.com",
     "mailto:tessa@example.com", "No, Ana <ana@example.com>", "tessa@example.com (verified)",
     "invalid", "tessa"],
)  # fmt: skip
def test_what_else_is_beside_an_address_says_nothing(cell: str) -> None:
    assert beside(cell) == Answers()


@pytest.mark.parametrize(
    "cell",
    ["tessa@example.com (STOP)", "tessa@example.com (no newsletter)",
     "tessa@example.com (Newsletter: nein)", "tessa@example.com - please do not contact",
     "tessa@example.com [DNC per Bob]", "tessa@example.com (bitte keine E-Mails mehr)"],
)  # fmt: skip
def test_a_remark_beside_an_address_counts(cell: str) -> None:
    assert beside(cell).out == {0}


@pytest.mark.parametrize(
    "cell",
    ["tessa@example.com (Newsletter: ja)", "tessa@example.com (Newsletter: yes)",
     "tessa@example.com (old)", "tessa@example.com (main)", "tessa@example.com, no@example.com"],
)  # fmt: skip
def test_other_remarks_beside_an_address_say_nothing(cell: str) -> None:
    assert beside(cell) == Answers()


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("ada@old.example (bounced), ada@new.example", "ada@new.example"),
        ("ada@old.example (old), ada@new.example (current)", "ada@new.example"),
        ("ada@old.example (alt); ada@new.example", "ada@new.example"),
        ("ada@new.example; ada@old.example (bounced)", "ada@new.example"),
        ("ada@old.example (ancien) / ada@new.example", "ada@new.example"),
        ("ada@old.example [invalid], ada@new.example", "ada@new.example"),
        ("ada@old.example (old), ada@new.example (bounced)", "ada@old.example"),
        ("ada@old.example (work), ada@new.example (private)", "ada@old.example"),
    ],
)
def test_an_address_that_failed_or_is_old_is_not_used_if_another_is_left(
    cell: str, address: str
) -> None:
    columns = map_columns(_PERSON, {})
    assert Mapper(columns).map([["Ada", "Marlow", cell]]).emails == [address]


# ---------------------------------------------------------------- beside a profile


@pytest.mark.parametrize(
    ("cell", "out", "unclear"),
    [
        ("https://linkedin.com/in/lea - unsubscribed", {0}, set()),
        ("https://linkedin.com/in/lea (DNC)", {0}, set()),
        ("do not contact", {0}, set()),
        ("DO NOT CONTACT - legal", {0}, set()),
        ("https://linkedin.com/in/lea, bitte nicht kontaktieren", {0}, set()),
        ("linkedin.com/in/lea (not interested)", set(), {0}),
        ("https://linkedin.com/in/lea (work)", set(), set()),
        ("Unsubscribed", set(), set()),
        ("not found", set(), set()),
        ("https://linkedin.com/in/lea (not unsubscribed)", set(), set()),
        ("https://linkedin.com/in/unsubscribed", set(), set()),
    ],
)
def test_a_no_beside_a_profile_counts(cell: str, out: set[int], unclear: set[int]) -> None:
    columns = map_columns([*_PERSON, "LinkedIn URL"], {})
    row = ["Tessa", "Marlow", "tessa@example.com", cell]
    found = Mapper(columns).map([row]).answers
    assert (found.out, found.unclear) == (out, unclear)


# ---------------------------------------------------------------- beside a name


@pytest.mark.parametrize(
    ("header", "name"),
    [("Last Name", "Lovelace (DNC)"), ("First Name", "DO NOT CONTACT"), ("Last Name", "Opted out"),
     ("Full Name", "Ada Lovelace (unsubscribed)"), ("First Name", "Ada [do not email]"),
     ("Full Name", "Nicht mehr kontaktieren"), ("Last Name", "Meier - abgemeldet"),
     ("First Name", "Ne pas contacter")],
)  # fmt: skip
def test_a_no_beside_a_name_counts(header: str, name: str) -> None:
    mapped = Mapper(map_columns(["Email", header], {})).map([["a@a.example", name]] * 2)
    assert mapped.answers.out == {0, 1}


@pytest.mark.parametrize(
    "name",
    ["Stop", "No", "Non", "Bounce", "Unsubscribed", "Ada (Bounce)", "Ada (Stop)", "Dona Nicht",
     "Maria Jos\u00e9 (Pepa)", "Don Otto", "Ada Lovelace", "Lovelace (n\u00e9e Byron)", "Ada (No)",
     "Not Applicable", "Do Minh Anh", "Ada - Marketing", "Ada (not interested in dogs)"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["First Name", "Last Name", "Full Name"])
def test_other_names_say_nothing(header: str, name: str) -> None:
    mapped = Mapper(map_columns(["Email", header], {})).map([["a@a.example", name]])
    assert mapped.answers == Answers()


# ---------------------------------------------------------------- lists that a row is on


@pytest.mark.parametrize("header", ["Lists", "Tags", "Segment"])
@pytest.mark.parametrize(
    "value",
    ["Suppression list", "Unsubscribed contacts", "Bounced contacts", "Opt-outs 2023",
     "ICP-A, Unsubscribed contacts", "Abgemeldete Kontakte", "Liste de désabonnés",
     "Blacklisted leads", "Newsletter; Suppression list", "Newsletter Abmeldungen"],
)  # fmt: skip
def test_who_is_on_a_list_of_people_who_opted_out_did_so(header: str, value: str) -> None:
    assert answers([header], [value], ["Customers"]).out == {0}


@pytest.mark.parametrize("header", ["Lists", "Tags", "Segment"])
@pytest.mark.parametrize(
    "value",
    ["Newsletter unsubscribers win-back", "All minus unsubscribed", "event:bounce", "blacklist-fan",
     "Suppression systems", "Complaints managers", "Bounce house rentals", "unsubscribe-webinar",
     "Not unsubscribed", "Webinar: Unsubscribe", "Subscribers", "Contacts without opt-out",
     "Bounce Exchange customers", "Suppressed appetite study"],
)  # fmt: skip
def test_a_list_about_it_is_none(header: str, value: str) -> None:
    assert answers([header], [value], ["Customers"]) == Answers()


# ---------------------------------------------------------------- beside other consents


@pytest.mark.parametrize(
    "header",
    ["How would you like to be contacted?", "How should we contact you with offers?",
     "Consent source", "Photo consent", "Subscription plan", "Newsletter language"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["Please do not contact me", "Unsubscribed", "Do not email"])
def test_a_clear_no_counts_where_a_consent_is_to_something_else(header: str, value: str) -> None:
    assert answers([header], [value]).out == {0}


@pytest.mark.parametrize(
    ("header", "value"),
    [("Photo consent", "no"), ("Photo consent", "withdrawn"), ("Consent source", "Google"),
     ("How would you like to be contacted?", "By phone"), ("Consent form", "Newsletter")],
)  # fmt: skip
def test_any_other_answer_there_says_nothing(header: str, value: str) -> None:
    assert answers([header], [value]) == Answers()


@pytest.mark.parametrize("value", ["kein Mailing", "No email", "geen mailings"])
def test_no_mail_is_told_where_a_header_names_mail(value: str) -> None:
    assert answers(["Mailingkennzeichen"], [value]).unclear == {0}


@pytest.mark.parametrize(
    "value", ["user unsubscribed", "Recipient unsubscribed", "Subscriber opted out"]
)
def test_whoever_is_said_to_have_opted_out_is_the_person(value: str) -> None:
    assert answers(["Reason for removal"], [value]).out == {0}


@pytest.mark.parametrize(
    "value",
    ["Hat um Entfernung aus dem Verteiler gebeten",
     "Bittet um Löschung aus dem Verteiler", "Demande de suppression RGPD",
     "もう連絡しないでください", "今後は送らないでください", "メールしないでください"],
)  # fmt: skip
def test_a_wish_that_somebody_noted_is_one(value: str) -> None:
    assert answers(["Info"], [value]).out == {0}
