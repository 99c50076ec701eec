"""Columns of who may be written to, and states that pass or are of text messages."""

# ruff: noqa: RUF001 # words of many languages

from __future__ import annotations

import pytest

from listdrop.prospects.columns import map_columns
from listdrop.prospects.consent import Answers
from listdrop.prospects.mapping import Mapper


def answers(header: str, *cells: str) -> Answers:
    columns = map_columns(["Email", header, "Phone"], {})
    rows = [[f"p{place}@example.com", cell, "+16505550100"] for place, cell in enumerate(cells)]
    return Mapper(columns).map(rows).answers


def headers(text: str) -> list[str]:
    return [header.strip() for line in text.strip().splitlines() for header in line.split("|")]


MAY = {
    ("No", "Yes"): """Contactable by email|Reachable by email|Contactable via e-mail|Marketable
        Marketing eligible|Eligible for email|Email eligible|Do we have permission?|Send mailings
        Include in mailings|Include in campaigns|Outreach allowed|Included in newsletters
        Has permission|Outreach permitted|Prospecting allowed""",
    ("nein", "ja"): """Kontaktierbar|Bewerbbar|Werblich ansprechbar|Per E-Mail kontaktierbar
        Anschreibbar|Akquise erlaubt|Kaltakquise erlaubt|UWG-konform|Ansprache erlaubt""",
    ("Non", "Oui"): """Contactable par mail|Contactable par e-mail|Prospectable|Sollicitable
        Peut être contacté|Peut être recontactée|Contactable""",
    ("No", "Sí"): """Contactable por email|Contactable por correo|Se puede contactar
        Puede ser contactado|Puede ser contactada|Se le puede contactar""",
    ("No", "Sì"): "Contattabile|Contattabile via email|Può essere contattato|Si può contattare",
    ("Não", "Sim"): """Pode ser contatado|Pode ser contactada|Contatável|Contactável por e-mail
        Pode contatar""",
    ("Nem", "Igen"): "Megkereshető|E-mailben megkereshető",
    ("いいえ", "はい"): "連絡可|連絡可能|メール可",
    ("아니오", "예"): "연락가능|연락 가능",
}


MAY_NOT = {
    ("Yes", "No"): """Unmarketable|Not marketable|Non-marketable contact|Remove from campaigns
        List removal|Do not prospect|Do not sequence|Do not enroll|Do not approach|No outreach
        No prospecting|Do not connect|Remove from mailings|Not eligible for email|No-go""",
    ("ja", "nein"): """Nicht kontaktierbar|Nicht bewerbbar|Nicht werblich ansprechbar|Keine Akquise
        Keine Ansprache|Nicht anschreibbar|Keine Kaltakquise""",
    ("Oui", "Non"): """Non prospectable|Ne peut pas être contacté|Ne peut plus être contactée
        Ne pas prospecter|Ne pas démarcher|Ne plus démarcher|Pas contactable|Non contactable""",
    ("Sí", "No"): """No contactable|No se puede contactar|No puede ser contactado|No prospectar
        No debe ser contactada|Excluir|No se le puede contactar""",
    ("Sì", "No"): "Non contattabile|Non può essere contattato|Non si può contattare|Escludere",
    ("Sim", "Não"): """Não pode ser contatado|Não contactável|Não pode ser contactada|Não contatável
        Excluir""",
    ("ja", "nee"): "Geen mailings|Geen mailing|Geen outreach|Niet contacteerbaar",
    ("Tak", "Nie"): "Nie można kontaktować|Nie można kontaktować się",
    ("Igen", "Nem"): "Nem megkereshető",
    ("Evet", "Hayır"): "Gönderilmesin|E-posta gönderilmesin",
    ("はい", "いいえ"): "送付不要|DM停止|DM送付不要|配信しない",
}


@pytest.mark.parametrize(
    ("header", "out", "other"),
    [
        (header, *said)
        for said, text in (*MAY.items(), *MAY_NOT.items())
        for header in headers(text)
    ],
)
def test_a_no_suppresses_where_a_column_says_who_may_and_a_yes_where_it_says_who_may_not(
    header: str, out: str, other: str
) -> None:
    found = answers(header, out, other, "")

    assert (found.out, found.unclear) == ({0}, set())


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Contactable by phone", ["No", "Yes"]),
        ("Telefonisch kontaktierbar", ["nein", "ja"]),
        ("Contactable par téléphone", ["Non", "Oui"]),
        ("Contattabile per telefono", ["No", "Sì"]),
        ("連絡可能時間", ["午前", "午後"]),
        ("연락 가능 시간", ["오전", "오후"]),
        ("Best time to contact", ["Morning", "No"]),
        ("Erreichbarkeit", ["abends", "nein"]),
        ("Kontaktiert", ["nein", "ja"]),
        ("Contacté", ["Non", "Oui"]),
        ("Contattato", ["No", "Sì"]),
        ("Marketable product", ["No", "Yes"]),
        ("Eligible for discount", ["No", "Yes"]),
        ("Do we have a contract?", ["No", "Yes"]),
        ("Excluir IVA", ["Sí", "No"]),
        ("Excluir", ["pedido 4711", ""]),
        ("Connected", ["No", "Yes"]),
        ("Sequence", ["No", "Yes"]),
    ],
)
def test_calls_times_and_other_things_suppress_nobody(header: str, cells: list[str]) -> None:
    assert answers(header, *cells).out == set()


# ---------------------------------------------------------------- nothing on record


@pytest.mark.parametrize(
    ("header", "none", "yes"),
    [
        ("Zgoda marketingowa", "brak", "jest"),
        ("Zgoda na marketing e-mail", "Brak", "tak"),
        ("Consent", "absent", "given"),
        ("Consent", "missing", "given"),
        ("Consent", "Not on file", "On file"),
        ("Einwilligung", "fehlt", "liegt vor"),
        ("Einwilligung", "Nicht vorhanden", "Vorhanden"),
        ("Consentement", "absent", "donné"),
        ("Consentimiento", "falta", "otorgado"),
        ("Consenso", "mancante", "dato"),
        ("Consentimento", "ausente", "concedido"),
        ("Toestemming", "ontbreekt", "gegeven"),
        ("Samtycke", "saknas", "finns"),
        ("Samtykke", "mangler", "givet"),
        ("Souhlas", "chybí", "udělen"),
        ("Suostumus", "puuttuu", "annettu"),
        ("Hozzájárulás", "hiányzik", "megadva"),
        ("Consimțământ", "lipsă", "acordat"),
        ("Согласие", "отсутствует", "есть"),
        ("Consent", "Not provided", "Provided"),
    ],
)
def test_a_consent_that_is_missing_is_none(header: str, none: str, yes: str) -> None:
    found = answers(header, none, yes, "")

    assert (found.out, found.unclear) == ({0}, set())
    assert answers(header, yes, "").out == set()


@pytest.mark.parametrize(
    ("header", "no", "yes"),
    [
        ("Samtykke", "Afslået", "Givet"),
        ("Samtykke til markedsføring", "afslog", "ja"),
        ("Souhlas", "Zamítnuto", "Uděleno"),
        ("Souhlas", "zamítl", "udělen"),
        ("Onay", "Alınmadı", "Alındı"),
        ("メルマガ配信", "配信しない", "配信する"),
        ("メール配信", "送らない", "送る"),
        ("メルマガ", "送信しない", "送信する"),
        ("Email eligibility", "Not eligible", "Eligible"),
        ("Marketing eligibility", "Ineligible", "Eligible"),
    ],
)
def test_these_words_refuse_and_their_opposites_agree(header: str, no: str, yes: str) -> None:
    found = answers(header, no, yes, "")

    assert found.out == {0}
    assert 1 not in found.unclear


# ---------------------------------------------------------------- states that pass


@pytest.mark.parametrize(
    ("header", "hard", "soft"),
    [
        ("Statut", "Rebond permanent", "Rebond temporaire"),
        ("Statut", "Rebond définitif", "Rebond doux"),
        ("Statut", "Hard bounce", "Bounce temporaire"),
        ("Estado", "Rebote duro", "Rebote suave"),
        ("Estado", "Rebote permanente", "Rebote temporal"),
        ("Estado", "Rebotado", "Rebote blando"),
        ("Stato", "Rimbalzo permanente", "Rimbalzo temporaneo"),
        ("Stato", "Hard bounce", "Rimbalzo soft"),
        ("Status", "Hard bounce", "Bounce temporário"),
        ("Status", "Harde bounce", "Zachte bounce"),
        ("Status", "Gebounced", "Tijdelijk onbestelbaar"),
        ("Status", "Odbite trwale", "Odbite tymczasowo"),
        ("Status", "Odbity", "Miękkie odbicie"),
        ("Status", "Harter Bounce", "Weicher Bounce"),
        ("Status", "Dauerhaft unzustellbar", "Vorübergehend unzustellbar"),
        ("Status", "Unzustellbar", "Temporär unzustellbar"),
        ("Status", "Hård studs", "Mjuk studs"),
        ("Status", "Studsat permanent", "Studsat tillfälligt"),
        ("Status", "Ugyldig adresse", "Bounce (midlertidig)"),
        ("Stav", "Nedoručeno", "Dočasně nedoručeno"),
        ("Статус", "Жесткий возврат", "Мягкий возврат"),
        ("Статус", "Недоставлено", "Временно недоставлено"),
        ("ステータス", "バウンス", "一時的バウンス"),
        ("ステータス", "ハードバウンス", "ソフトバウンス"),
    ],
)
def test_an_address_that_fails_for_a_while_is_written_to(header: str, hard: str, soft: str) -> None:
    assert answers(header, hard, soft).out == {0}


# ---------------------------------------------------------------- states of text messages


@pytest.mark.parametrize(
    "header",
    ["SMS Status", "sms_status", "SMS marketing status", "WhatsApp Status", "SMS-Status",
     "Statut SMS", "Estado SMS", "Stato SMS", "Estado de WhatsApp", "Text message status",
     "Status WhatsApp", "SMS state"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["Unsubscribed", "opted_out", "Opt-out", "STOP"])
def test_who_wants_no_text_messages_gets_mail_without_a_number(header: str, value: str) -> None:
    found = answers(header, value, "subscribed")

    assert (found.out, found.unclear, found.silent) == (set(), set(), {0})


@pytest.mark.parametrize("header", ["Push status", "Web push status", "Push subscription state"])
def test_who_wants_no_pushed_messages_gets_mail(header: str) -> None:
    assert answers(header, "unsubscribed", "subscribed") == Answers()


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Email and SMS status", "Unsubscribed"),
        ("Email status", "Unsubscribed"),
        ("Status", "Unsubscribed (SMS)"),
        ("SMS reply", "Please remove me"),
        ("WhatsApp response", "Not interested, unsubscribe me"),
        ("SMS response", "unsubscribed"),
        ("Call status", "Do not contact"),
        ("Call outcome", "Do not contact"),
        ("Post-webinar status", "Do not contact"),
        ("Push-back status", "Do not contact"),
    ],
)
def test_who_says_no_in_another_state_or_in_a_reply_gets_nothing(header: str, value: str) -> None:
    assert answers(header, value, "active").out == {0}
