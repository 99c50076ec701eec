"""Headers that name the end of a consent: a yes means no, and never the other way round."""

# ruff: noqa: E501, RUF001 # words of many languages

from __future__ import annotations

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import Kind, column_of
from listdrop.prospects.vocabulary import consent_words

TURNED: dict[tuple[str, str], str] = {
    ("Yes", "No"): """
        Newsletter cancelled|Newsletter canceled|Newsletter stop|Stop newsletter|Newsletter removed
        Newsletter cancellation|Excluded from marketing|Remove from newsletter|Marketing objection
        Removed from mailing list|Newsletter ended|Left newsletter|Quit newsletter|Stop marketing
        Objects to marketing|Marketing exclusion|Refused newsletter|Marketing prohibited
        Consent withdrawn
        Withdrawal of consent|Consent revoked|Marketing paused|Newsletter paused|Marketing block
        Rejects marketing|Marketing refusal|Unenrolled from newsletter|Declined newsletter
        Newsletter declined|Marketing suspended|Newsletter deleted|Right to be forgotten|Excluded
        IsExcludedFromCampaigns|emailOptInWithdrawn|NEWSLETTER_CANCELLED
    """,
    ("Ja", "Nein"): """
        Widerspruch Werbung|Widerspruch gegen Werbung|Newsletter Sperre|Newsletter gekündigt
        Newsletter-Austritt|Werbung unerwünscht|Newsletter unerwünscht|Werbeverbot|Newsletter-Stopp
        Newsletter storniert|Newsletter abgelehnt|Werbestopp|Rücknahme der Einwilligung|Kontaktverbot
        Einwilligung zurückgezogen|Kündigung Newsletter|Newsletter beendet|Marketing-Widerspruch
        Newsletter gelöscht|Mailing-Sperre|Newsletter gestoppt|Vom Newsletter ausgeschlossen
        Einwilligung erloschen|Kein Mailing|Newsletter abbestellt|Newsletterkündigung
    """,
    ("Oui", "Non"): """
        Résiliation newsletter|Arrêt newsletter|Stop newsletter|Exclu de la newsletter|Refus marketing
        Newsletter refusée|Newsletter annulée|Retrait consentement|Retrait du consentement
        Consentement révoqué|Refus de prospection|Opposé à la prospection|Newsletter résiliée
        Newsletter supprimée|Refus publicité|Stop pub
    """,
    ("Sí", "No"): """
        Cancelación newsletter|Excluido newsletter|Excluido de marketing|Rechaza newsletter
        Newsletter rechazada|Anulación boletín|Revocación de consentimiento|Retirada de consentimiento
        Newsletter cancelada|Eliminado de la newsletter|Oposición marketing
        Bloqueado marketing|Sin publicidad|Excluir de envíos
    """,
    ("Sì", "No"): """
        Cancellazione newsletter|Rifiuto marketing|Rimosso dalla newsletter|Revoca newsletter
        Escluso da newsletter|Revoca del consenso|Annullata newsletter|Ritiro consenso
        Disdetta newsletter|Blocco marketing|Cancellato dalla lista|Cancellata dalla newsletter
    """,
    ("Sim", "Não"): """
        Cancelamento newsletter|Recusa marketing|Removido da newsletter|Saiu da newsletter
        Revogação do consentimento|Retirou consentimento|Recusou newsletter|Newsletter cancelada
        Bloqueado marketing|Oposição marketing|NÃO É ASSINANTE|NÃO CONTATAR
    """,
    ("ja", "nee"): """
        Opzegging nieuwsbrief|Nieuwsbrief opgezegd|Nieuwsbrief stopgezet|Bezwaar marketing
        Intrekking toestemming|Nieuwsbrief geweigerd|Weigert nieuwsbrief|Uitgesloten van nieuwsbrief
        Verwijderd van nieuwsbrief|Stop nieuwsbrief
    """,
    ("tak", "nie"): """
        Rezygnacja z newslettera|Sprzeciw marketing|Odmowa marketingu|Cofnięcie zgody
        Usunięty z newslettera|Anulowany newsletter|Odwołanie zgody|Blokada newslettera
    """,
    ("ja", "nej"): """
        Stoppa nyhetsbrev|Nyhetsbrev avslutat|Samtycke återkallat|Nekat marknadsföring
        Opsagt nyhedsbrev|Stop nyhedsbrev|Nyhedsbrev opsagt|Samtykke trukket tilbage
    """,
    ("kyllä", "ei"): "Uutiskirje peruttu|Uutiskirjekielto|Suostumus peruttu|Kieltänyt uutiskirjeen",
    ("ano", "ne"): "Zrušení newsletteru|Zrušil odběr|Odvolání souhlasu|Odmítl newsletter",
    ("da", "nu"): "Retragere consimțământ|Refuz marketing|Anulare newsletter|A refuzat newsletter",
    ("igen", "nem"): "Hozzájárulás visszavonása|Hírlevél lemondva|Lemondta a hírlevelet",
    ("evet", "hayır"): "Onay iptal|Bülten iptali|Abonelik iptali|Onay reddi|ONAY İPTAL",
    ("да", "нет"): """
        Отмена подписки|Отзыв согласия|Запрет рассылки|Исключен из рассылки|Отказ от рекламы
    """,
    ("так", "ні"): "Скасування підписки|Відкликання згоди|Заборона розсилки",
    (
        "はい",
        "いいえ",
    ): "メルマガ停止|メルマガ拒否|案内停止|同意撤回|購読中止|メルマガ解約|メール拒否",
    ("是", "否"): "停止订阅|撤回同意|拒绝营销|订阅取消|禁止营销",
    ("예", "아니오"): "마케팅 거부|동의 철회|뉴스레터 거부|뉴스레터 해지|수신 중단",
    ("نعم", "لا"): "إلغاء النشرة البريدية|سحب الموافقة|رفض النشرة",
}


def headers(texts: str) -> list[str]:
    return [
        header.strip()
        for line in texts.splitlines()
        for header in line.split("|")
        if header.strip()
    ]


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), texts in TURNED.items() for header in headers(texts)],
)
def test_a_yes_to_the_end_of_a_consent_is_a_no(header: str, yes: str, no: str) -> None:
    column = column_of(header)

    assert column is not None
    assert verdict_on(column, yes) is Verdict.OUT
    assert verdict_on(column, no) is Verdict.FREE
    assert verdict_on(column, "") is Verdict.FREE


DOUBTFUL = """
    Stop smoking newsletter|Newsletter fin d'année|Subscription cancelled|Subscription Canceled At
    Abonnement résilié|Suscripción anulada|Consent to Terms & Cancellation Policy|Newsletter ACME removed
"""


@pytest.mark.parametrize("header", headers(DOUBTFUL))
def test_a_header_that_may_be_turned_is_never_read_the_wrong_way_round(header: str) -> None:
    column = column_of(header)

    assert column is not None
    assert column.kind is Kind.DOUBTFUL
    assert verdict_on(column, "No") is Verdict.OUT
    assert verdict_on(column, "Yes") is Verdict.UNREAD
    assert verdict_on(column, "2026-01-02") is Verdict.UNREAD
    assert verdict_on(column, "") is Verdict.FREE


NOT_TURNED = """
    Exclusive Newsletter|Subscribed to exclusive offers|Offres exclusives newsletter|Newsletter Peru
    Acepta recibir newsletter y promociones exclusivas|Suscripción Perú|Suostumus perustettu
    Ontvang exclusieve aanbiedingen nieuwsbrief|Nieuwsbrief (Engels)|Engelsk nyhetsbrev
    Blockchain Newsletter|Retirement Newsletter|Prevention Newsletter|Lapsed members newsletter
    Hidden gems newsletter|Newsletter Kündigungsschutz|Uudiskiri (eesti keel)|Newsletter Ara
    I agree to receive marketing emails. I can withdraw my consent at any time
    I agree to receive the newsletter. I can unsubscribe at any time
    Newsletter (you can opt out at any time)|Accept marketing (can be cancelled any time)
    Einwilligung Newsletter (jederzeit widerrufbar)|Consentement (retrait possible)
    Ich willige in den Newsletter ein (Widerruf jederzeit möglich)
    Acconsento newsletter (revoca in qualsiasi momento)|Souhlas s newsletterem (lze odvolat)
    Accepts marketing excluding SMS|Consent to be contacted|May be contacted|Opt in to be emailed
    I agree to be contacted|Newsletter not cancelled
"""


@pytest.mark.parametrize("header", headers(NOT_TURNED))
def test_a_consent_is_not_turned_by_other_words(header: str) -> None:
    column = column_of(header)

    assert column is not None
    assert verdict_on(column, "Yes") is Verdict.FREE
    assert verdict_on(column, "No") is Verdict.OUT


OTHERS = """
    Kontaktversuch abgelehnt|Kontaktformular gelöscht|Kontakt beendet|Marketing Rejected Reason
    Rejected by Marketing|Campaigns Paused|Emails deleted|Promotions expired|Trial expired emails
    Marketing Event - Cancelled|Mailing list: Cancelled Orders|Marketing budget restrictions
    Mailing Address Restricted|Comunicaciones canceladas|Cancel At Period End|Order Cancelled
    Deleted|Removed From Sequence|Mailing State
"""


@pytest.mark.parametrize("header", headers(OTHERS))
def test_what_else_is_cancelled_or_removed_says_nothing(header: str) -> None:
    column = column_of(header)

    assert column is None or verdict_on(column, "Yes") is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Email Status", "No email found"),
        ("Lead Status", "No email"),
        ("Outcome", "No emails sent yet"),
        ("Status", "No marketing budget"),
        ("Kontaktstatus", "inaktiv"),
        ("Kontaktstatus", "abgelehnt"),
        ("Newsletter", "Yes, may be contacted"),
    ],
)
def test_nobody_is_suppressed_who_did_not_say_no(header: str, value: str) -> None:
    column = column_of(header)

    assert column is not None
    assert verdict_on(column, value) is Verdict.FREE


FEWER_WORDS = {
    # language: yes, no, an opt-in column, an opt-out column
    "sk": ("áno", "nie", "Súhlas s marketingom", "Odvolanie súhlasu"),
    "el": ("Ναι", "Όχι", "Συγκατάθεση", "Διαγραφή από newsletter"),
    "bg": ("Да", "Не", "Съгласие", "Отписан"),
    "hr": ("Da", "Ne", "Privola", "Odjava"),
    "sl": ("Da", "Ne", "Soglasje", "Preklic soglasja"),
    "et": ("Jah", "Ei", "Nõusolek", "Loobunud"),
    "lt": ("Taip", "Ne", "Sutikimas", "Atsisakė"),
    "lv": ("Jā", "Nē", "Piekrišana", "Atteicies"),
    "he": ("כן", "לא", "הסכמה", "ביטול דיוור"),
    "vi": ("Có", "Không", "Đồng ý", "Hủy đăng ký"),
    "id": ("Ya", "Tidak", "Persetujuan", "Berhenti berlangganan"),
    "ca": ("Sí", "No", "Consentiment", "Consentiment retirat"),
}


@pytest.mark.parametrize("language", FEWER_WORDS)
def test_a_yes_and_a_no_count_in_languages_with_few_words(language: str) -> None:
    yes, no, opt_in, opt_out = FEWER_WORDS[language]
    for header, leaves in ((opt_in, no), (opt_out, yes)):
        column = column_of(header)
        assert column is not None, header
        for value in (yes, no, yes.upper(), no.upper()):
            is_out = value.casefold() == leaves.casefold()
            assert (verdict_on(column, value) is Verdict.OUT) == is_out, (header, value)


@pytest.mark.parametrize(
    ("header", "free", "out"),
    [
        ("E-Mails nicht zulassen", "Zulassen", "Nicht zulassen"),
        ("Keine Massen-E-Mails zulassen", "Zulassen", "Nicht zulassen"),
        ("Ne pas autoriser les e-mails", "Autoriser", "Ne pas autoriser"),
        ("No permitir correo electrónico", "Permitir", "No permitir"),
        ("E-mail niet toestaan", "Toestaan", "Niet toestaan"),
        ("Não permitir emails", "Permitir", "Não permitir"),
        ("Bulk Email", "Allow", "Do Not Allow"),
        ("Send Marketing Materials", "Send", "Do Not Send"),
        ("I agree to be contacted", "I agree", "I do not agree"),
        ("E-Mail erlaubt", "ja", "nein"),
        ("DOI bestätigt", "ja", "nein"),
        ("Marketingmails toegestaan", "ja", "nee"),
        ("Consent", "thank you", "no thank you"),
        ("Consent", "\U0001f44d", "\U0001f44e"),
        ("Newsletter", "✅", "\U0001f6ab"),
        ("Status", "aktiv", "Widerspruch"),
        ("Status", "neu", "DSGVO-Löschung"),
        ("Statut", "actif", "NPAI"),
        ("Statut", "actif", "Liste rouge"),
        ("Status", "New", "Wants no contact"),
        ("Status", "New", "Remove"),
        ("Lead status", "Included", "Excluded"),
        ("Sub status", "alias_address", "possible_trap"),
        ("Stato marketing", "Iscritto", "Non iscritto"),
        ("Status de marketing", "Inscrito", "Não inscrito"),
        ("Status marketingu", "Zapisany", "Niezapisany"),
        ("Marketing status", "Subscribed", "Not subscribed"),
        ("Marketing contact status", "Marketing contact", "Unsubscribed"),
    ],
)
def test_words_of_programs_count_in_their_columns(header: str, free: str, out: str) -> None:
    column = column_of(header)

    assert column is not None
    assert verdict_on(column, free) in (Verdict.FREE, Verdict.UNREAD)
    assert verdict_on(column, out) is Verdict.OUT


@pytest.mark.parametrize("header", ["TPS", "CTPS", "Telephone Preference Service"])
def test_registers_of_telephone_calls_leave_out_the_number_alone(header: str) -> None:
    column = column_of(header)

    assert column is not None
    assert (column.kind, column.of_calls) == (Kind.OPT_OUT, True)


@pytest.mark.parametrize("header", ["Bounced Soft", "Soft bounces", "Consent to Track"])
def test_a_column_about_something_else_says_nothing(header: str) -> None:
    assert column_of(header) is None


def test_a_phrase_begins_so_only_at_its_end() -> None:
    wrong = [
        phrase
        for section in consent_words().values()
        for phrases in section.values()
        for phrase in phrases
        if "*" in phrase.strip("*=").rstrip("*")
    ]
    assert wrong == []


ENDED = """
    Data wycofania zgody|Data cofnięcia zgody|Data rezygnacji z newslettera|Дата отзыва согласия
    Дата отказа от рассылки|Дата отмены подписки|Дата скасування підписки|Дата відкликання згоди
    Data retragerii consimțământului|Suostumuksen peruutuspäivä|Dato for tilbagetrækning af samtykke
    Dato for tilbaketrekking av samtykke|Datum för återkallelse av samtycke|Datum intrekking toestemming
    Hozzájárulás visszavonásának dátuma|Datum odvolání souhlasu|撤回同意时间|同意撤回日|동의 철회일
"""


@pytest.mark.parametrize("header", headers(ENDED))
def test_the_day_on_which_a_consent_ended_is_a_no(header: str) -> None:
    column = column_of(header)
    assert column is not None
    assert verdict_on(column, "2024-01-02") is Verdict.OUT
    assert verdict_on(column, "") is Verdict.FREE


NOUNS = {
    "Consent": "Objection|Objection received|Withdrawal|Withdrawal confirmed|Refusal|Revocation|Declines",
    "Data Processing Basis": "Consent - Declined|Consent - Withdrawn",
    "Lawful basis": "Objection received",
    "Einwilligung": "Ablehnung|Entzug|Widerspruch liegt vor|Widerspruch erhalten",
    "Consentement": "Retrait|Opposition reçue|Révocation|Refus",
    "Consentimiento": "Oposición|Rechazo|Revocación|Retirada",
    "Consenso": "Rifiuto|Revoca|Ritiro|Opposizione|Nego il consenso",
    "Consentimento": "Oposição|Recusa|Revogação",
    "Toestemming": "Bezwaar|Weigering|Intrekking",
    "Zgoda": "Cofnięcie|Wycofanie|Odmowa",
    "Samtycke": "Återkallelse|Avböjt",
    "Согласие": "Отзыв|Запрет|Отказ",
    "Newsletter": "Turned off|Muted|Disagree|I disagree|Decline|Absolutely not|No way",
    "Marketing status": "Nie subskrybuje",
}


@pytest.mark.parametrize(
    ("header", "value"),
    [(header, value) for header, values in NOUNS.items() for value in headers(values)],
)
def test_a_word_for_the_end_of_a_consent_is_a_no_to_it(header: str, value: str) -> None:
    column = column_of(header)
    assert column is not None
    assert verdict_on(column, value) is Verdict.OUT


@pytest.mark.parametrize(
    "value",
    [
        *("Cancellation received", "Was given, cancelled", "Given, paused"),
        *("Stop confirmed", "Ended, confirmed", "Accepted termination"),
    ],
)
def test_a_yes_beside_a_word_for_an_end_is_told(value: str) -> None:
    column = column_of("Consent")
    assert column is not None
    assert verdict_on(column, value) is Verdict.UNREAD


@pytest.mark.parametrize("header", headers("""
    Profiling consent|Consentement profilage|Consenso profilazione|Consentimiento perfilado
    Einwilligung Profiling|Zgoda na profilowanie|Analytics consent|Consent: online advertising
    Location consent|GDPR Permissions: Customized online advertising|Follow Email Activity
"""))  # fmt: skip
@pytest.mark.parametrize("value", ["No", "false", "Do Not Allow"])
def test_a_no_to_what_is_no_mail_says_nothing(header: str, value: str) -> None:
    column = column_of(header)
    assert column is None or verdict_on(column, value) is Verdict.FREE
