"""Headers and cells in which something about consent is negated: never read the wrong way round."""

from __future__ import annotations

from itertools import cycle, product

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import Column, Kind, column_of
from listdrop.prospects.list_names import is_list_of_opt_outs
from listdrop.prospects.phrases import Phrases, expanded, words
from listdrop.prospects.vocabulary import consent_words, negators
from tests.support.thoroughness import some_of


def kind_of(header: str) -> Kind | None:
    column = column_of(header)
    return column and column.kind


# ---------------------------------------------------------------- every phrase


def phrases_of(language: str) -> list[str]:
    """Return every phrase of a language, a word that begins so as just its beginning."""
    sections = consent_words().values()
    phrases = (phrase for section in sections for phrase in section.get(language, ()))
    return [text.replace("*", "") for phrase in phrases for text in expanded(phrase, " ")]


def read(text: str) -> None:
    """Read a text as a header, as a file's name, and as cells."""
    column_of(text)
    is_list_of_opt_outs(f"{text}.csv")
    for kind in Kind:
        verdict_on(Column(kind), text)


LANGUAGES = sorted(consent_words()["no"])
NEGATORS = sorted(negators())


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_read_behind_a_word_that_negates_them(language: str) -> None:
    for negator, phrase in zip(cycle(NEGATORS), phrases_of(language)[::4], strict=False):
        read(f"{negator} {phrase}")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_read_behind_every_word_that_negates(language: str) -> None:
    own = {"not", *consent_words()["negators"].get(language, ())}
    pairs = list(product(sorted(own), phrases_of(language)))
    for negator, phrase in some_of(pairs):
        column_of(f"{negator} {phrase}")
        verdict_on(Column(Kind.OPT_IN), f"{negator} {phrase}")


def test_what_a_word_begins_with_is_found_once_where_a_text_ends() -> None:
    found = Phrases(["consent*", "consentement*", "opt*"])
    assert list(found.spans(words("without consent"))) == [(1, 2)]
    assert list(found.spans(words("not opt in"))) == [(1, 2)]


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (
            Kind.UNCLEAR,
            ["Newsletter nicht gewünscht", "Einwilligung nicht erteilt", "No longer wants emails",
             "Does not want newsletter", "Won't receive newsletter", "Nie chce newslettera",
             "Did not give consent", "Consenso mai dato", "Newsletter: no"],
        ),
        (
            Kind.OPT_OUT,
            ["Doesn't accept marketing", "Nechce newsletter", "Contact not allowed",
             "Email not allowed", "E-mails are not permitted", "Mailing not permitted",
             "Email not ok", "Email not enabled", "Marketing not allowed", "Kontakt nicht erlaubt",
             "Mailing nicht erlaubt", "Darf nicht kontaktiert werden", "Emails disabled",
             "Marketing disabled", "Not contactable", "Stop mailing", "May not email",
             "Must not be contacted", "Cannot email", "Can't be emailed", "Don't subscribe",
             "Newsletter declined", "Newsletter refusée"],
        ),
        (
            Kind.OPT_IN,
            ["Newsletter (yes/no)", "Newsletter: ja oder nein", "Consentement (oui/non)",
             "Consent: no=0, yes=1", "Newsletter Mai 2024", "Newsletter Mai", "Contact allowed",
             "May email", "Newsletter"],
        ),
    ],
)  # fmt: skip
def test_a_header_that_denies_consent_is_never_read_as_one_that_gives_it(
    kind: Kind, headers: list[str]
) -> None:
    assert {header: kind_of(header) for header in headers} == dict.fromkeys(headers, kind)


@pytest.mark.parametrize("header", ["May not call", "Cannot call", "Phone contact not allowed"])
def test_calls_that_are_not_allowed_leave_out_the_number_alone(header: str) -> None:
    assert column_of(header) == Column(Kind.OPT_OUT, of_calls=True)


TURNED: dict[tuple[str, str], list[str]] = {
    ("Ja", "Nej"): ["Inget nyhetsbrev", "Samtycke saknas", "Intet nyhedsbrev", "Samtykke mangler"],
    ("Ja", "Nein"): ["Einwilligung fehlt", "Nichteinwilligung", "Newsletter fehlt"],
    ("Yes", "No"): ["Consent missing", "Lacks consent", "Missing consent"],
    ("Ja", "Nee"): ["Toestemming ontbreekt"],
    ("Oui", "Non"): ["Consentement manquant"],
    ("Sí", "No"): ["Falta consentimiento"],
    ("はい", "いいえ"): [
        "メルマガ未登録", "メルマガ未購読", "メルマガを希望しない", "メルマガを登録していない",
        "ニュースレター非購読",
    ],
    ("是", "否"): [
        "不希望收到邮件", "不愿意接收邮件", "不想接收邮件", "没有订阅", "未订阅", "不再订阅",
        "是否不希望收到邮件",
    ],
    ("نعم", "لا"): ["لا يرغب في النشرة"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), headers in TURNED.items() for header in headers],
)
def test_a_yes_to_what_a_header_negates_is_a_no(header: str, yes: str, no: str) -> None:
    assert kind_of(header) is Kind.OPT_OUT
    assert verdict_on(Column(Kind.OPT_OUT), yes) is Verdict.OUT
    assert verdict_on(Column(Kind.OPT_OUT), no) is Verdict.FREE


@pytest.mark.parametrize(
    "header",
    ["是否订阅", "有没有订阅", "要不要接收邮件", "愿不愿意接收邮件", "无料メルマガ", "無料メルマガ",
     "不動産メルマガ", "メルマガ同意の有無", "未退订", "Newsletter (نعم/لا)", "Zgoda (tak/nie)"],
)  # fmt: skip
def test_what_only_looks_like_a_negation_turns_nothing(header: str) -> None:
    assert kind_of(header) is Kind.OPT_IN


@pytest.mark.parametrize("header", ["同意いただけない場合は送信できません", "不用品メルマガ"])
def test_a_header_whose_negation_is_not_understood_is_unclear(header: str) -> None:
    assert kind_of(header) is Kind.UNCLEAR


# ---------------------------------------------------------------- values

CONSENT = Column(Kind.OPT_IN)


@pytest.mark.parametrize(
    "value",
    ["Je n'accepte pas", "N'autorise plus", "同意しません", "Kabul etmiyorum", "没有订阅",
     "承諾しません", "許可しません", "同意しなかった", "同意していません", "同意いただけません",
     "未订阅", "비구독", "İzin vermiyorum"],
)  # fmt: skip
def test_a_yes_that_is_negated_on_either_side_is_a_no(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.OUT


@pytest.mark.parametrize(
    "value",
    ["J'accepte", "同意する", "同意します", "已订阅", "Kabul ediyorum", "未退订", "Not withdrawn",
     "Subscribed", "Ich bin angemeldet", "Yes, I agree"],
)  # fmt: skip
def test_a_yes_that_nothing_negates_is_one(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.FREE


@pytest.mark.parametrize(
    "value",
    ["Subscribed, no spam", "同意 (送信不能)", "Angemeldet, aber nicht für Werbung",
     "Abonné, pas de publicité", "Iscritto ma senza offerte", "订阅过但现在不了"],
)  # fmt: skip
def test_a_yes_beside_a_negation_that_is_not_understood_is_told(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.UNREAD


OPT_OUT = Column(Kind.OPT_OUT)


@pytest.mark.parametrize(
    "value",
    ["Yes (withdrawn)", "Yes, revoked", "Yes - refused", "Oui (retiré)", "Sí, revocado",
     "Ja (ingetrokken 2024)", "はい (撤回)", "Yes (bounced)", "Tak (wycofana)"],
)  # fmt: skip
def test_a_yes_that_was_taken_back_is_a_no(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.OUT


@pytest.mark.parametrize(
    "value",
    ["Yes (stop)", "Ja (abgelaufen)", "Yes (until withdrawn)", "Sí (cancelado)", "Yes (expired)",
     "Oui (résilié en mars)"],
)  # fmt: skip
def test_a_yes_beside_an_end_is_told(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.UNREAD


@pytest.mark.parametrize(
    "value", ["Yes (not withdrawn)", "Yes (web form)", "Yes (imported)", "Ja (am Stand)"]
)
def test_a_yes_that_is_explained_stays_one(value: str) -> None:
    assert verdict_on(CONSENT, value) is Verdict.FREE


@pytest.mark.parametrize(
    "value",
    ["No (please stop)", "No - do not email", "No, unsubscribe me", "Non (ne plus contacter)",
     "Nein (bitte nicht anschreiben)", "Nej (kontakta inte)", "No (bounced)", "No: remove me"],
)  # fmt: skip
def test_a_no_beside_an_opt_out_is_one_and_told(value: str) -> None:
    assert verdict_on(OPT_OUT, value) is Verdict.OUT_UNREAD


@pytest.mark.parametrize(
    "value",
    ["No (never asked)", "No (not unsubscribed)", "No (imported)", "No (inactive)",
     "Not unsubscribed", "Nein (laut Liste)", "Non (jamais désinscrit)"],
)  # fmt: skip
def test_a_no_to_an_opt_out_that_is_explained_stays_one(value: str) -> None:
    assert verdict_on(OPT_OUT, value) is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [
        ("Not on blacklist", "Yes", "No"), ("Not on suppression list", "Yes", "No"),
        ("Not in unsubscribe list", "TRUE", "FALSE"), ("Nicht auf Sperrliste", "ja", "nein"),
        ("Nicht auf der Robinsonliste", "ja", "nein"), ("Pas sur liste noire", "oui", "non"),
        ("No está en lista negra", "sí", "no"), ("Niet op zwarte lijst", "ja", "nee"),
        ("Non in lista nera", "sì", "no"),
    ],
)  # fmt: skip
def test_who_is_not_on_a_list_of_noes_may_be_written_to(header: str, yes: str, no: str) -> None:
    column = column_of(header)
    assert column is not None
    assert verdict_on(column, yes) is Verdict.FREE
    assert verdict_on(column, no) is Verdict.OUT


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("Not on blacklist", Verdict.FREE), ("Not on the do not contact list", Verdict.FREE),
        ("Nicht auf Sperrliste", Verdict.FREE), ("On blacklist", Verdict.OUT),
        ("On the do not contact list", Verdict.OUT), ("Auf Sperrliste", Verdict.OUT),
        ("No - on blacklist", Verdict.OUT), ("Nein, auf Sperrliste", Verdict.OUT),
    ],
)  # fmt: skip
def test_a_status_names_a_list_of_noes(value: str, verdict: Verdict) -> None:
    column = column_of("Status")
    assert column is not None
    assert verdict_on(column, value) is verdict


@pytest.mark.parametrize("value", ["Not selected", "Unselected", "Not ticked", "Unticked"])
def test_an_empty_box_is_no_yes(value: str) -> None:
    assert verdict_on(Column(Kind.OPT_OUT), value) is Verdict.FREE
    assert verdict_on(Column(Kind.OPT_IN), value) is Verdict.OUT


@pytest.mark.parametrize("value", ["NaT", "9999-12-31", "31.12.9999", "Invalid date", "2999-12-31"])
def test_what_programs_write_for_no_date_is_none(value: str) -> None:
    assert verdict_on(Column(Kind.OPT_OUT), value) is Verdict.FREE
    assert verdict_on(Column(Kind.BOUNCE), value) is Verdict.FREE


# ---------------------------------------------------------------- tags with an answer


@pytest.mark.parametrize(
    "tag",
    ["accepts_marketing:no", "newsletter:false", "email_optin=no", "marketing: no, vip",
     "Consent: withdrawn", "optout:1", "unsubscribed:yes", "Newsletter: nein", "opt-in: 0"],
)  # fmt: skip
def test_a_tag_with_an_answer_is_read_as_a_column_is(tag: str) -> None:
    assert verdict_on(Column(Kind.TAGS), tag) is Verdict.OUT


@pytest.mark.parametrize(
    "tag",
    ["accepts_marketing:yes", "unsubscribed:no", "dnc: no", "optout:0", "industry:no", "sms: no",
     "Status: New", "utm_source:newsletter", "newsletter:spring", "bounce: 0", "blog: off",
     "unsubscribed=false", "gdpr: yes"],
)  # fmt: skip
def test_any_other_answer_leaves_free(tag: str) -> None:
    assert verdict_on(Column(Kind.TAGS), tag) is Verdict.FREE


def test_what_people_may_do_at_any_time_is_told_where_a_consent_is_expected() -> None:
    column = Column(Kind.OPT_IN)
    assert verdict_on(column, "You can unsubscribe at any time") is Verdict.UNREAD
    assert verdict_on(column, "Unsubscribed") is Verdict.OUT
    assert column_of("Consent text") is None


def test_a_complaint_is_what_a_case_is_about() -> None:
    column = column_of("Case status")
    assert column is not None
    assert verdict_on(column, "Complaint") is Verdict.FREE
    assert verdict_on(column, "Klacht") is Verdict.FREE
