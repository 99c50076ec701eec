"""Phrases in texts: where the words of a text end counts, so none is made of two of them."""

from __future__ import annotations

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import column_of
from listdrop.prospects.phrases import Phrases, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dés-inscrit", ["desinscrit"]),
        ("Liste des inscrits", ["liste", "des", "inscrits"]),
        ("liste-des-inscrits", ["liste", "des", "inscrits"]),
        ("un-subscribed", ["unsubscribed"]),
        ("isUnSubscribed", ["is", "unsubscribed"]),
        ("Non-subscribed", ["non", "subscribed"]),
        ("linkedInValid", ["linkedin", "valid"]),
        ("LinkedIn Validated At", ["linkedin", "validated", "at"]),
        ("E-Mail_opt out", ["email", "opt", "out"]),
        ("News-Letter", ["newsletter"]),
        ("emailAddressIsOptedOut", ["email", "address", "is", "opted", "out"]),
    ],
)
def test_words_are_those_that_people_mean(text: str, expected: list[str]) -> None:
    assert list(words(text)) == expected


def test_a_word_of_a_phrase_is_not_put_together_from_two() -> None:
    phrases = Phrases(["invalid", "opt/opted out", "desinscri*", "*abmeldung*", "*werbe sperre*"])

    def found(text: str) -> bool:
        assert phrases.is_just(words(text)) <= phrases.found_in(words(text))
        return phrases.found_in(words(text))

    for text in ("invalid", "optout", "opted out", "désinscrite", "Newsletterabmeldung",
                 "Werbesperre", "Werbe-Sperre", "dés-inscrit"):  # fmt: skip
        assert found(text), text
    for text in ("in valid", "Opt in, valid", "date des inscriptions", "ab Meldung", "o ptout"):
        assert not found(text), text


def test_chinese_words_may_have_blanks_between_them() -> None:
    assert list(Phrases(["수신거부"]).spans(words("이메일 수신 거부"))) == [(1, 3)]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("LinkedIn valid", "yes"), ("linkedInValid", "true"), ("LinkedIn: valid", "Yes"),
        ("LinkedIn Validated At", "2024-01-01"), ("LinkedIn valide", "oui"),
        ("Check-in valid", "yes"), ("Opt-in valid", "yes"), ("Email in valid domain", "Yes"),
        ("Liste des inscrits", "Oui"), ("Date des abonnements", "2024-01-01"),
        ("Rabatt ab Bestellung", "5%"), ("Av registrerad person", "Ja"), ("Ab Meldung", "x"),
        ("Marketing status", "Opt-in active"), ("Marketing status", "Opted in, active"),
        ("Email status", "Opt-In valid"), ("Statut", "Liste des abonnés"),
    ],
)  # fmt: skip
def test_nobody_is_suppressed_for_two_words_that_look_like_one(header: str, value: str) -> None:
    column = column_of(header)
    assert column is None or verdict_on(column, value) is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Opted-Out", "yes"), ("un-subscribed", "yes"), ("UnSubscribed", "yes"),
        ("Dés-inscrit", "oui"), ("Dés-abonné le", "2024-01-01"), ("emailAddressIsOptedOut", "1"),
        ("Werbe-Sperre", "ja"), ("Kontakt-Sperre", "ja"), ("Werbe-Widerspruch", "ja"),
        ("Sperr-Liste", "ja"), ("Abmelde-Datum", "01.02.2024"), ("Hard-bounced", "yes"),
        ("Black-listed", "yes"), ("Ab-Meldung", "ja"), ("Dis-iscritto", "sì"),
        ("E-Mail-Adresse ungültig", "ja"),
        ("Status", "Un-subscribed"), ("Statut", "dés-abonné"), ("News-Letter", "nein"),
        ("Nyhets-brev", "nej"),
    ],
)  # fmt: skip
def test_words_with_a_hyphen_are_still_found(header: str, value: str) -> None:
    column = column_of(header)
    assert column is not None
    assert verdict_on(column, value) is Verdict.OUT
