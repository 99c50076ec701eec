"""What people say when they refuse, in many languages, and what only looks like a refusal."""

# ruff: noqa: RUF001 # words of many languages

from __future__ import annotations

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import column_of, other_column


def verdict(header: str, value: str) -> Verdict:
    column = column_of(header) or other_column(header)
    return Verdict.FREE if column is None else verdict_on(column, value)


def said(text: str) -> list[str]:
    return [each.strip() for line in text.splitlines() for each in line.split("|") if each.strip()]


# ---------------------------------------------------------------- statuses

NOT_YET = """
    nicht kontaktiert|Noch nicht kontaktiert|Nicht angeschrieben|No contactado|Aún no contactado
    Niet benaderd|Nog niet benaderd|Not contacted yet|Ej kontaktad|Ikke kontaktet|Não contatado
    Non contattato|Pas encore contacté
"""
NO_MORE = """
    Nicht mehr kontaktieren|Nicht mehr kontaktiert|Nicht kontaktiert werden
    Möchte nicht kontaktiert werden|Darf nicht kontaktiert
    No contactar más|No contactado más|No debe ser contactado
    Niet meer benaderen|Niet meer benaderd|Wil niet benaderd worden|Niet benaderd worden
"""


@pytest.mark.parametrize("value", said(NOT_YET))
def test_somebody_who_was_not_written_to_yet_may_be(value: str) -> None:
    assert verdict("Status", value) is Verdict.FREE


@pytest.mark.parametrize("value", said(NO_MORE))
def test_somebody_who_must_not_be_written_to_is_not(value: str) -> None:
    assert verdict("Status", value) is Verdict.OUT


OF_LEADS = """
    Injoignable|Onbereikbaar|Irraggiungibile|Rejeté|Respinto|Devolvido|Rejeitado
    Odrzucony|Afvist|Zurückgewiesen|Ulaşılamaz|İptal|Отказ|Отказался
    cancelled|Canceled|Gekündigt|Résilié|Annulée|Cancelado|Cancellata|Cancelada|Opgezegd|Anulowano
"""


@pytest.mark.parametrize("value", said(OF_LEADS))
def test_a_status_that_may_be_of_a_call_or_a_lead_is_told(value: str) -> None:
    assert verdict("Status", value) is Verdict.UNREAD
    assert verdict("Order status", value) in (Verdict.FREE, Verdict.UNREAD)


@pytest.mark.parametrize(
    ("header", "value"),
    [("Email status", "Unreachable"), ("Email status", "Rejeté"), ("Status", "E-mail devolvido"),
     ("Status", "unreachable"), ("Newsletter", "Отказ"), ("Newsletter", "Rejeté"),
     ("Onay durumu", "Abonelik iptal edildi"), ("Status", "Widerspruch"),
     ("Auftragsstatus", "Abgemeldet"), ("Lead status", "Not interested")],
)  # fmt: skip
def test_a_status_of_an_address_or_a_consent_counts(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.OUT


@pytest.mark.parametrize(
    ("header", "value"),
    [("Bestellstatus", "Widerruf"), ("Auftragsstatus", "Widerrufen"), ("Sipariş durumu", "İptal"),
     ("Статус заказа", "Отказ"), ("Estado del pedido", "Suscripción cancelada"),
     ("Stato ordine", "Iscrizione annullata"), ("注文状態", "退会")],
)  # fmt: skip
def test_the_end_of_an_order_is_told(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.UNREAD


# ---------------------------------------------------------------- other columns

BEGUN: dict[Verdict, str] = {
    Verdict.UNREAD: """
        Не интересует|Non interessato|Non interessata|غير مهتم|nie jest zainteresowany|No acepta
        δεν ενδιαφέρεται|ne želi|Nu este interesat|Não interessado
        Не интересует их продукт|Non interessato al prodotto|No acepta pagos con tarjeta
        Ne želi primati ponude
    """,
    Verdict.OUT: """
        Abonelikten çıktı|Abonelikten ayrıldı|Отказ от рассылки|İletişim kurmayın|ne küldjenek
        Email unsubscribed
    """,
    Verdict.FREE: """
        Consenso|Inte svarat
    """,
}


@pytest.mark.parametrize(
    ("value", "expected"), [(value, each) for each, text in BEGUN.items() for value in said(text)]
)
def test_a_phrase_of_several_words_with_any_end_is_a_whole_cell(
    value: str, expected: Verdict
) -> None:
    assert verdict("Remark", value) is expected


# ---------------------------------------------------------------- answers

REFUSED = """
    Eher nicht|Lieber nicht|Nicht einverstanden|Ich möchte nicht|Stimme nicht zu|Ich will das nicht
    Pas d'accord|Je ne suis pas d'accord|Plutôt pas|Ne souhaite pas|Je refuse
    No acepto|No autorizo|No quiero|Prefiero que no|Non accetto|Non autorizzo|Preferisco di no
    Não autorizo|Não aceito|Não quero|Liever niet|Wil ik niet|Ga niet akkoord
    Raczej nie|Nie wyrażam zgody|Nie chcę|Samtycker ej|Godkänner inte|Accepterer ikke|Vil ikke
    En suostu|En halua|Nesouhlasím|Nechci|Nu sunt de acord|Nu doresc|Nem járulok hozzá
    Nem szeretném|İstemiyorum|Onaylamıyorum|Не хочу|Не согласна|Не желаю|Не погоджуюсь
    受け取らない|いりません|希望しません|不愿意|不想|不需要|원하지 않음|لا أرغب|لا أوافق
    I don't agree|Do not accept|I do not consent|I'd rather not|Doesn't want|Δεν συμφωνώ
    Khong muon|Tidak mau|לא מסכים
"""
OPEN = """
    not asked|not yet|no preference|Weiß nicht|nicht gefragt|noch nicht|aucune préférence
    sin preferencia|Not sure|Warum nicht|не знаю|还没有
"""
AGREED = "I agree|J'accepte|Sí, acepto|Aceito|Zgadzam się|Ich stimme zu: ja|同意する|موافق"


@pytest.mark.parametrize("value", said(REFUSED))
def test_who_refuses_in_words_is_not_written_to(value: str) -> None:
    assert verdict("Newsletter", value) is Verdict.OUT


@pytest.mark.parametrize("value", said(OPEN))
def test_an_answer_that_is_no_refusal_is_told(value: str) -> None:
    assert verdict("Newsletter", value) is Verdict.UNREAD


@pytest.mark.parametrize("value", said(AGREED))
def test_who_agrees_in_words_is_written_to(value: str) -> None:
    assert verdict("Newsletter", value) is not Verdict.OUT


# ---------------------------------------------------------------- headers of something else

ENGAGED = """
    Newsletter opened|Newsletter clicked|Opened newsletter|Newsletter read|Newsletter geöffnet
    Newsletter ouverte|Boletín abierto|Newsletter aperta|Nieuwsbrief geopend|Nyhetsbrev öppnat
    Paid subscription|Has subscription|Is subscribed to Sales Navigator|Sends newsletter
    Newsletter sponsor|Newsletter platform
"""


@pytest.mark.parametrize("header", said(ENGAGED))
def test_what_somebody_did_with_a_newsletter_is_no_consent(header: str) -> None:
    for value in ("No", "FALSE", "0", "Yes", "Substack"):
        assert verdict(header, value) is Verdict.FREE, value
    assert verdict(header, "Unsubscribed") is Verdict.OUT


@pytest.mark.parametrize(
    ("header", "value"),
    [("Bloque", "3"), ("Bloque", "1"), ("Bloque / Piso", "2"), ("Blocked by", "Legal"),
     ("Complaint number", "4711"), ("Website bounce", "45"), ("Opposition", "PSG"),
     ("Suppressed fields", "name"), ("Noise suppression", "Yes"), ("Check bounced", "Yes"),
     ("Fecha baja empresa", "2024-01-02"), ("Opt out of lunch", "Yes"),
     ("Opt out of insurance", "x"), ("Отказ", "дорого"), ("İptal", "stok")],
)  # fmt: skip
def test_the_end_of_something_else_is_no_opt_out(header: str, value: str) -> None:
    assert verdict(header, value) in (Verdict.FREE, Verdict.UNREAD)
    assert verdict(header, "") is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "value"),
    [("Bloque", "Oui"), ("Bloqué", "1"), ("BLOQUÉ", "Oui"), ("Opposition", "Oui"),
     ("Opposition prospection", "x"), ("Subscription", "Unsubscribed"), ("Subscription", "No"),
     ("Email bounced", "Yes"), ("Clicked unsubscribe", "Yes"), ("Fecha de baja", "2024-01-02"),
     ("Send newsletter", "No"), ("Отказ", "Да"), ("İptal", "Evet"),
     ("Spam complaint", "Yes"), ("Check here to opt out", "Yes"),
     ("Unsubscribed via website", "Yes"), ("Email blocked by provider", "Yes")],
)  # fmt: skip
def test_an_end_of_mailing_is_one(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.OUT


# ---------------------------------------------------------------- questions and refusals in headers

QUESTIONS = {
    ("Yes", "No"): "Do you want to stay informed?|Would you like to be kept up to date?",
    ("Ja", "Nee"): "Wilt u op de hoogte blijven?",
    ("Ja", "Nein"): "Möchten Sie auf dem Laufenden bleiben?|Auf dem Laufenden bleiben",
    ("Oui", "Non"): "Souhaitez-vous être tenu informé ?|Être tenue au courant",
    ("Sí", "No"): "¿Quiere estar informado?|¿Desea mantenerse al día?",
    ("Sì", "No"): "Vuoi restare aggiornato?",
    ("Sim", "Não"): "Quer ficar informado?",
    ("Tak", "Nie"): "Czy chcesz być na bieżąco?",
    ("Да", "Нет"): "Хотите быть в курсе?",
    ("Ja", "Nej"): "Vill du hålla dig uppdaterad?|Vil du holdes opdateret?",
    ("Kyllä", "Ei"): "Haluatko pysyä ajan tasalla?",
    ("是", "否"): "是否可联系|允许联系|可以联系",
}


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), text in QUESTIONS.items() for header in said(text)],
)
def test_a_question_about_being_kept_informed_asks_for_consent(
    header: str, yes: str, no: str
) -> None:
    assert verdict(header, no) is Verdict.OUT
    assert verdict(header, yes) is Verdict.FREE


@pytest.mark.parametrize(
    "header",
    ["Can we share your details with sponsors?", "May sponsors contact you?",
     "May our partners email you?", "Share my data with partners"],
)  # fmt: skip
def test_a_no_to_sponsors_is_told_or_counts(header: str) -> None:
    assert verdict(header, "No") in (Verdict.OUT, Verdict.UNREAD)
    assert verdict(header, "Yes") is Verdict.FREE


UNWANTED = {
    ("Ja", "Nein"): "Kontakt unerwünscht|E-Mail unerwünscht|Mailverbot|Nicht anmailen"
    "|Sperrkennzeichen|Kein Kontakt gewünscht",
    ("Oui", "Non"): "Contact non souhaité",
    ("Sí", "No"): "Contacto no deseado",
    ("Sì", "No"): "Contatto non desiderato",
    ("Ja", "Nee"): "Contact ongewenst",
    ("Да", "Нет"): "Отказ от писем|Не хочу получать письма",
    ("Evet", "Hayır"): "E-posta almak istemiyorum",
    ("はい", "いいえ"): "メールを受け取らない",
}


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), text in UNWANTED.items() for header in said(text)],
)
def test_a_yes_to_unwanted_contact_is_a_no(header: str, yes: str, no: str) -> None:
    assert verdict(header, yes) is Verdict.OUT
    assert verdict(header, no) is Verdict.FREE


OPTED_OUT = """
    Kontaktverbot|Kein Kontakt gewünscht|Kein Kontakt mehr|E-Mail-Stopp|Bitte nicht schreiben
    Nicht anmailen|Plus de contact|Contact non souhaité|Se dio de baja|Pidió baja|Pidió la baja
    No más contacto|No más correos|Nessun contatto desiderato|Não escrever|Pediu remoção
    Geen contact meer|Geen contact gewenst|Nie chce kontaktu|Nie pisać|Önskar ej kontakt
    Skriv ikke|Nepsat|İletişim kurulmasın|Yazmayın|Просил удалить|Просила убрать|Не пишите
    メールNG|連絡NG|お断り|請勿打擾|请勿打扰|不要发邮件|拉黑|연락금지|لا يرغب|عدم التواصل
    Not opted in|Asked to stop|Asked us to stop emailing
"""
NOT_OPTED_OUT = """
    Kontakt gewünscht|Noch kein Kontakt|Kein Kontakt möglich|No contact yet|Geen contact gehad
    Pas encore de contact|Brak kontaktu|Нет контакта|Просил перезвонить|未联系|特别联系人
    Asked to stop by|Not opted in yet|De baja médica|Recevoir plus de mails
"""


@pytest.mark.parametrize("value", said(OPTED_OUT))
def test_a_status_in_which_somebody_refuses_contact_suppresses(value: str) -> None:
    assert verdict("Status", value) is Verdict.OUT


@pytest.mark.parametrize("value", said(NOT_OPTED_OUT))
def test_a_status_without_contact_is_no_refusal(value: str) -> None:
    assert verdict("Status", value) is Verdict.FREE


# ---------------------------------------------------------------- what is not told


@pytest.mark.parametrize(
    ("header", "value"),
    [("Follow-up email", "No"), ("Emailed", "No"), ("Email signature", "No"),
     ("Rechnung per E-Mail", "Nein"), ("Facture par e-mail", "Non"), ("GDPR officer", "Anna"),
     ("Do you need a hotel room?", "No thank you"), ("Primary contact", "No"),
     ("Newsletter platform", "Substack"), ("Ansprechpartner", "Nein"), ("聯繫人", "否"),
     ("联系人", "否"), ("联系方式", "无")],
)  # fmt: skip
def test_what_asks_for_nothing_is_not_told(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [("Follow up by email", "No", Verdict.UNREAD), ("Newsletter", "No thank you", Verdict.OUT),
     ("Status", "No thank you", Verdict.OUT), ("GDPR", "Yes", Verdict.UNREAD),
     ("Updates", "No thank you", Verdict.UNREAD)],
)  # fmt: skip
def test_a_no_to_what_may_be_asked_is_still_told(
    header: str, value: str, expected: Verdict
) -> None:
    assert verdict(header, value) is expected
