"""Headers and cells in which something about consent is negated: never read the wrong way round."""

from __future__ import annotations

from itertools import cycle, product

import pytest

from listdrop.prospects.consent import verdict_on
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
