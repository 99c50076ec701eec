"""Columns about consent of which the first rows decide what a no, or a word for none, means."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listdrop.prospects.columns import map_columns
from listdrop.prospects.consent import Answers
from listdrop.prospects.deciding import decided
from listdrop.prospects.mapping import Mapper


def answers(header: str, cells: Sequence[str], note: str = "met at a fair") -> Answers:
    columns = map_columns(["Email", header, "Remark"], {})
    rows = [[f"p{place}@example.com", cell, note] for place, cell in enumerate(cells)]
    return Mapper(columns).map(rows).answers


# ---------------------------------------------------------------- laws


@pytest.mark.parametrize(
    ("header", "no", "yes"),
    [("RGPD", "non", "oui"), ("GDPR", "no", "yes"), ("DSGVO", "nein", "ja"), ("AVG", "nee", "ja"),
     ("LGPD", "não", "sim"), ("RODO", "nie", "tak"), ("gdpr", "FALSE", "TRUE"), ("RGPD", "0", "1"),
     ("LOPD", "no", "sí"), ("CCPA", "N", "Y"), ("DSGVO", "abgelehnt", "ja")],
)  # fmt: skip
def test_a_no_under_a_law_about_consent_is_one_and_a_yes_is_none(
    header: str, no: str, yes: str
) -> None:
    found = answers(header, [yes, no, ""])
    assert (found.out, found.unclear) == ({1}, set())
    assert answers(header, [no, no]).out == {0, 1}
    assert answers(header, [yes, ""]).unclear == {0}  # nobody knows what to


@pytest.mark.parametrize(
    ("header", "other"),
    [("GDPR", "deletion requested"), ("DSGVO", "siehe Akte"), ("RGPD", "2024-05-01"),
     ("AVG", "17"), ("GDPR", "erase")],
)  # fmt: skip
def test_beside_other_values_nobody_knows_what_a_no_means(header: str, other: str) -> None:
    found = answers(header, [other, "no", "yes"])
    assert {1, 2} <= found.unclear
    assert not {1, 2} & found.out


@pytest.mark.parametrize(
    ("header", "out"),
    [("GDPR deletion requested", {1}), ("DSGVO-Löschung", {1}), ("GDPR consent", {0}),
     ("Opposition RGPD", {1}), ("GDPR officer", set()), ("Permission", set())],
)  # fmt: skip
def test_longer_headers_and_others_are_read_as_before(header: str, out: set[int]) -> None:
    assert answers(header, ["no", "yes"]).out == out


# ---------------------------------------------------------------- none


NONE = [
    "keine", "Keiner", "aucune", "Aucun", "ninguna", "none", "None", "nessuna", "nenhuma", "geen",
    "żadna", "ingen", "žádný", "inga", "none of them",
]  # fmt: skip


@pytest.mark.parametrize("none", NONE)
@pytest.mark.parametrize("other", ["yes", "Weekly", "Product news", "Produktnews", "Oui"])
def test_none_beside_a_yes_or_the_names_of_newsletters_is_a_no(none: str, other: str) -> None:
    assert answers("Newsletter", [other, none, ""]).out == {1}
    assert answers("Email subscription", [other, none, none]).out == {1, 2}


@pytest.mark.parametrize("none", NONE)
@pytest.mark.parametrize("others", [["no", "yes"], ["nein", "ja"], ["0", "1"], ["non"], [""]])
def test_none_beside_a_no_or_alone_is_none(none: str, others: list[str]) -> None:
    assert len(others) not in answers("Newsletter", [*others, none]).out


@pytest.mark.parametrize("none", ["none", "None", "NONE"])
def test_none_that_fills_empty_cells_of_other_columns_is_an_empty_cell(none: str) -> None:
    assert answers("Newsletter", ["yes", none], note=none) == Answers()


@pytest.mark.parametrize("header", ["Status", "Info", "Subscription plan", "Email Opt Out"])
def test_none_is_no_no_in_other_columns(header: str) -> None:
    assert 1 not in answers(header, ["new", "none", ""]).out


# ---------------------------------------------------------------- tags


@pytest.mark.parametrize("header", ["Tags", "Labels", "Liste"])
@pytest.mark.parametrize(
    "tag",
    ["no-email", "no email", "NoEmail", "no_marketing", "no newsletter", "No-Spam",
     "kein newsletter", "Kein Marketing", "keine Mailings", "pas de mail", "pas d'e-mail",
     "pas-de-pub", "pas de newsletter", "sin newsletter", "no publicidad", "sin correos",
     "niente mail", "no pubblicità", "sem newsletter", "sem-marketing", "geen marketing",
     "geen nieuwsbrief",
     "bez newslettera", "bez maili", "inget nyhetsbrev", "ingen reklam", "intet nyhedsbrev",
     "ei markkinointia", "без рассылки"],
)  # fmt: skip
def test_a_tag_of_no_mail_is_a_no(header: str, tag: str) -> None:
    assert answers(header, [tag, f"vip; {tag}", "vip"]).out == {0, 1}


@pytest.mark.parametrize("header", ["Tags", "Labels", "Liste"])
@pytest.mark.parametrize(
    "tag",
    ["no-show", "no email yet", "no-code", "no budget", "newsletter idea", "no email address",
     "no email found", "no marketing team", "no marketing budget", "kein Budget",
     "keine Newsletter-Software", "pas de budget", "pas de mail trouvé", "sin presupuesto",
     "sem site", "geen budget", "bez budżetu", "ingen hemsida", "no website", "marketing",
     "newsletter", "no spam filter", "sans mail", "sin email", "senza email", "sem email",
     "utan e-post", "uden mail", "uten e-post", "bez emailu", "fără email"],
)  # fmt: skip
def test_another_tag_with_no_is_none(header: str, tag: str) -> None:
    assert answers(header, [tag, f"vip; {tag}"]) == Answers()


# ---------------------------------------------------------------- results of verifiers


@pytest.mark.parametrize(
    ("header", "cells", "out"),
    [
        ("Millionverifier Result", ["ok", "invalid", "catch_all", "disposable"], {1}),
        ("nb_result", ["valid", "invalid", "catchall", "unknown"], {1}),
        ("Debounce Result", ["Safe to Send", "Invalid", "Risky"], {1}),
        ("Tested", ["deliverable", "invalid", "role"], {1}),
        ("Email check", ["valid", "do_not_mail", "catch-all"], {1}),
        ("Bouncer", ["valid", "invalid", ""], {1}),
        ("ZeroBounce", ["valid", "invalid", ""], {1}),
        ("Coupon check", ["valid", "invalid"], set()),
        ("VAT check", ["valid", "invalid", "unknown"], set()),
        ("Quality", ["good", "bad", "risky"], set()),
        ("Risk", ["risky", "invalid argument"], set()),
        ("Packaging", ["disposable", "glass", "invalid"], set()),
    ],
)
def test_results_of_verifiers_are_known_by_their_words(
    header: str, cells: list[str], out: set[int]
) -> None:
    columns = decided(
        map_columns(["Email", header, "Remark"], {}),
        [[f"p{place}@example.com", cell, ""] for place, cell in enumerate(cells)],
    )
    rows = [[f"p{place}@example.com", cell, ""] for place, cell in enumerate(cells)]
    assert Mapper(columns).map(rows).answers.out == out
