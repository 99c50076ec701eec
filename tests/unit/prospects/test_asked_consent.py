"""Questions, refusals and statuses about being written to, in the words that people use."""

# ruff: noqa: E501, RUF001 # words of many languages

from __future__ import annotations

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import column_of


def verdict(header: str, value: str) -> Verdict:
    column = column_of(header)
    return Verdict.FREE if column is None else verdict_on(column, value)


def headers(texts: str) -> list[str]:
    return [each.strip() for line in texts.splitlines() for each in line.split("|") if each.strip()]


QUESTIONS: dict[tuple[str, str], str] = {
    ("Yes", "No"): """
        Can we contact you by email?|May we send you news?|Would you like to hear from us?
        Do you want to hear about our offers?|I would like to be contacted|Happy to be contacted?
        Allow contact|Accepts contact|Contact permission|Join our mailing list|Add to mailing list
        Sign me up|Keep me informed|Keep me posted about news|Receive promotional emails
        Marketing communications|Special offers|Email updates|Product updates|E-Mailing|Email comms
        Contact by: Email|Permissions - Email|Email [Y/N]|preferences[email]|E-shot|Stay in touch
        Would you like to receive updates?|Please send me updates|Allow follow-up|Follow-up allowed
        I agree to receive news from [us] and partners|Can we email you?|Willing to receive offers
    """,
    ("Ja", "Nein"): """
        Dürfen wir Sie kontaktieren?|Darf per E-Mail kontaktiert werden|Kontakt erwünscht
        Rundschreiben|Ich möchte per E-Mail informiert werden|Werbliche Ansprache erlaubt|Infomail
        Kontaktaufnahme|Möchten Sie Neuigkeiten erhalten?
    """,
    ("Oui", "Non"): """
        Emailing|Accord emailing|Offres commerciales|Prospection autorisée
        Souhaitez-vous recevoir nos offres ?|Pouvons-nous vous contacter ?|Peut-on vous contacter par email ?
    """,
    (
        "Sí",
        "No",
    ): "Envío de publicidad|Recibir novedades|¿Podemos contactarle?|¿Desea recibir información?",
    (
        "Sì",
        "No",
    ): "Comunicazioni commerciali|Possiamo contattarla?|Desidera ricevere le nostre offerte?",
    ("Sim", "Não"): "Podemos entrar em contato?|Deseja receber novidades?",
    ("Ja", "Nee"): "AVG akkoord|Mailing ontvangen|Mogen wij u benaderen?",
    ("Tak", "Nie"): "Czy możemy się z Tobą skontaktować?",
    ("Ja", "Nej"): "Får vi kontakta dig?|Må vi kontakte dig?",
    ("Kyllä", "Ei"): "Saako ottaa yhteyttä?",
    ("Ano", "Ne"): "Můžeme vás kontaktovat?|Odebírat novinky",
    ("да", "нет"): "Можно ли с вами связаться?|Получать новости",
    ("可", "不可"): "DM可否",
    ("希望する", "希望しない"): "メールマガジン|案内メール",
    ("구독", "미구독"): "뉴스레터",
    ("כן", "לא"): "רשימת תפוצה",
    ("Jā", "Nē"): "Jaunumi",
    ("Da", "Ne"): "Obavijesti",
    ("Да", "Не"): "Билтен|Сагласност",
    ("Já", "Nei"): "Fréttabréf",
}


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), texts in QUESTIONS.items() for header in headers(texts)],
)
def test_a_no_to_a_question_about_mailing_suppresses(header: str, yes: str, no: str) -> None:
    assert verdict(header, no) is Verdict.OUT
    assert verdict(header, yes) is Verdict.FREE
    assert verdict(header, "") is Verdict.FREE


@pytest.mark.parametrize("value", ["No, thanks", "Withdrawn", "Revoked", "nicht gewünscht"])
def test_a_refusal_in_words_suppresses(value: str) -> None:
    assert verdict("Contact permission", value) is Verdict.OUT
    assert verdict("Kontaktaufnahme", value) is Verdict.OUT


REFUSALS: dict[tuple[str, str], str] = {
    ("Yes", "No"): """
        Prefer not to be contacted|Please tick here if you would prefer not to hear from us
        Not to be contacted|No further contact|No more emails|Email Not Wanted|Refuses contact
        Objection|Objected to processing|Right to erasure|Individual: Don't Process
        Forget this Individual|Remove?|To remove|Bad email|hs_email_bad_address|Email Suspended|DNE
        Deceased?|npsp__Deceased__c|Unsuscribed|Unsubcribed|Unsubsribed|Unsubscibed|Unsubbed
        emailunsubscribed
    """,
    ("Ja", "Nein"): "Ich möchte keine Werbung|Möchte nicht kontaktiert werden|Verstorben",
    ("Oui", "Non"): "Je ne souhaite pas recevoir d'offres|Décédé|Ne veut plus recevoir",
    ("Sí", "No"): "No deseo recibir publicidad|No quiero recibir ofertas|Fallecido",
    ("Sì", "No"): "Non desidero ricevere offerte|Non voglio ricevere email",
    ("Sim", "Não"): "Não quero receber ofertas|Não perturbe",
    ("Ja", "Nej"): "Reklamebeskyttet|Reklamspärr|Reserverad mot reklam",
    ("כן", "לא"): "הסרה מרשימת תפוצה",
    ("Да", "Не"): "Одјављен",
    ("Já", "Nei"): "Afskráður",
    ("あり", "なし"): "オプトアウト",
}


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), texts in REFUSALS.items() for header in headers(texts)],
)
def test_a_yes_to_a_refusal_suppresses(header: str, yes: str, no: str) -> None:
    assert verdict(header, yes) is Verdict.OUT
    assert verdict(header, no) is Verdict.FREE


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Right to erasure", "2023-05-05"), ("Estado", "De baja"), ("Status", "Remove from list"),
        ("Status", "Reported as spam"), ("Status", "Stop emailing"), ("Status", "No contact"),
        ("Status", "Not to be contacted"), ("Status", "No emails"), ("Status", "Wants out"),
        ("Status", "Deceased"), ("Delivery status", "Failed"), ("Delivery status", "Dropped"),
        ("Delivered", "No"), ("reason", "550 5.1.1 mailbox unavailable"),
        ("Status", "554-5.7.1 rejected"), ("Last event", "group_unsubscribe"),
        ("Email result", "invalid"), ("Category", "Unsubscribed"), ("Interest", "Not interested"),
        ("Lead Status", "Invalid phone number and email"), ("Email status", "invalid"),
    ],
)  # fmt: skip
def test_a_status_of_these_words_suppresses(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.OUT


@pytest.mark.parametrize(
    ("header", "value"),
    [("Status da inscrição", "Cancelado"), ("Bounce type", "Transient"), ("CAN-SPAM", "No"),
     ("Objection", "Too expensive"), ("Remove", "2nd floor")],
)  # fmt: skip
def test_what_may_be_either_is_told(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.UNREAD


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Category", "Bouncy castle hire"), ("Category", "Bounce house rental"),
        ("Category", "Blocked drain service"), ("Category", "Invalid carriage supplier"),
        ("Categoría", "Abogado de invalidez"), ("Categoria", "Invalidi civili"),
        ("Kategorie", "Gesperrte Straßen"), ("Interest", "Unsubscribe tools"),
        ("Lead Status", "Invalid phone number"), ("Lead Status", "Unreachable by phone"),
        ("Outcome", "Number invalid"), ("Outcome", "Bounced call"), ("Event", "Bounce Festival"),
        ("Lead Status", "Blocked - waiting on budget"), ("Scrape status", "Blocked"),
        ("HTTP status", "blocked"), ("Enrichment status", "invalid"), ("Order status", "Failed"),
        ("Lead status", "Failed to reach"), ("Deal status", "Dropped"), ("Event Name", "Bounced"),
        ("Status", "Room 550 5th floor"), ("Status", "Avböjt offert"),
        ("Status", "Offert avböjd"),
    ],
)  # fmt: skip
def test_a_status_of_something_else_leaves_free(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.FREE


SAID_BY: dict[tuple[str, str], str] = {
    ("Yes", "No"): """
        I agree to be contacted by Acme and its partners|I consent to receive marketing by Acme
        Consent to marketing by Acme|I agree to receive newsletters until further notice
        I agree to receive emails until I unsubscribe
    """,
    ("Ja", "Nein"): """
        Ich bin mit der Zusendung von Werbung einverstanden|Möchten Sie von uns kontaktiert werden?
        Einwilligung in den Erhalt von Newslettern|Darf durch Partner kontaktiert werden
    """,
    ("Oui", "Non"): """
        J'accepte d'être contacté par vos équipes|J'accepte d'être contactée par Acme
        J'accepte de recevoir des offres par les partenaires
    """,
    ("Sí", "No"): """
        Acepto recibir publicidad por parte de Acme|Acepto ser contactado por un comercial
        Autorizo a ser contactada por Acme
    """,
    ("Sim", "Não"): "Aceito receber ofertas por parte da Acme",
    ("Ja", "Nee"): "Ik wil benaderd worden door Acme",
    ("Tak", "Nie"): "Wyrażam zgodę na otrzymywanie ofert przez e-mail",
}


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [(header, yes, no) for (yes, no), texts in SAID_BY.items() for header in headers(texts)],
)
def test_who_writes_and_until_when_is_no_source_of_a_consent(
    header: str, yes: str, no: str
) -> None:
    assert verdict(header, no) is Verdict.OUT
    assert verdict(header, yes) is Verdict.FREE


@pytest.mark.parametrize("header", headers("""
    Consent given by|Opt-in by|Einwilligung durch|Einwilligung von|Consentement obtenu par
    Consent until|Einwilligung gültig bis|Subscribed by user|Consentimiento hasta|Zgoda przez
"""))  # fmt: skip
def test_who_noted_a_consent_and_how_long_it_lasts_say_nothing(header: str) -> None:
    assert verdict(header, "No") is Verdict.FREE
    assert verdict(header, "Bob") is Verdict.FREE


OTHERS = """
    Photo consent|Image consent|Media consent|Parental consent|Consent for medical treatment
    Consent to background check|Credit check consent|Einwilligung Fotos|Einwilligung Schufa
    Consentement photo|Consenso foto|Zgoda na wizerunek|Zgoda rodzica|Do they send newsletters
    Has newsletter|Does the company have a newsletter?|Do you know if they send newsletters?
    Uses email marketing|Accepts all|Email accept-all|Allow email tracking|Receive invoices by email
    Permission to contact employer|Do not merge|Do not sync|Email verified (yes/no)
    Contacted (yes/no)|How can we help with your marketing?|How would you like to be contacted?
    E-Mail erhalten|是否有邮箱|Do you have a newsletter?|Do you currently send newsletters?
    Did you receive our email?|Have you seen the newsletter?|Do you do email marketing?
    Haben Sie einen Newsletter?|Versenden Sie Newsletter?|Avez-vous une newsletter ?
    ¿Tienen newsletter?|Avete una newsletter?|Heeft u een nieuwsbrief?|Newsletter archive
    Newsletter partner|Haben Sie unsere E-Mail erhalten?|Avez-vous reçu notre email ?
"""


@pytest.mark.parametrize("header", headers(OTHERS))
@pytest.mark.parametrize("value", ["No", "Yes", "Nein", "Non", "Nie"])
def test_a_consent_to_something_else_leaves_free(header: str, value: str) -> None:
    assert verdict(header, value) is Verdict.FREE


@pytest.mark.parametrize(
    "header",
    [
        "Photo newsletter", "Newsletter for parents", "Video newsletter",
        "Do you want to receive the newsletter?", "Möchten Sie unseren Newsletter erhalten?",
        "Souhaitez-vous recevoir notre newsletter ?", "Wilt u onze nieuwsbrief ontvangen?",
        "Haben Sie unseren Newsletter abonniert?", "Do you subscribe to our newsletter?",
    ],
)  # fmt: skip
def test_a_newsletter_about_something_else_is_one(header: str) -> None:
    assert verdict(header, "No") is Verdict.OUT


def test_a_request_to_be_erased_suppresses_and_is_told() -> None:
    assert verdict("Right to erasure", "Requested") is Verdict.OUT_UNREAD


def test_paying_without_contact_is_no_refusal() -> None:
    assert verdict("Pago sin contacto", "Sí") is Verdict.FREE
    assert verdict("Sin contacto", "Sí") is Verdict.OUT


@pytest.mark.parametrize("header", ["Can we contact you by phone?", "May we call you?"])
def test_a_no_to_calls_leaves_out_the_number_alone(header: str) -> None:
    column = column_of(header)
    assert column is None or column.of_calls
