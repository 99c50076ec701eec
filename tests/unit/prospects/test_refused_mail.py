# ruff: noqa: RUF001 # headers in their own letters
"""Headers in many languages that say that no mail is wanted, and those that ask for it.

What stands there must never be read the wrong way round: a yes to "do not allow" is a no.
"""

from __future__ import annotations

import pytest

from listdrop.prospects.consent import Verdict, verdict_on
from listdrop.prospects.consent_columns import column_of


def headers(text: str) -> list[str]:
    return [each.strip() for each in text.split("|")]


def verdict(header: str, value: str) -> Verdict:
    column = column_of(header)
    assert column is not None
    return verdict_on(column, value)


OUT = """Anuló su suscripción a todo el correo electrónico
    |Canceló la suscripción a todos los correos|Se dio de baja de todos los correos electrónicos
    |Anular suscripción|Rehúsa correo electrónico|Rechaza correos
    |Cancelou a assinatura de todos os e-mails|Annullata l'iscrizione a tutte le e-mail
    |Ha annullato l'iscrizione a tutte le email|Afgemeld voor alle e-mail
    |Abonnement op alle e-mails opgezegd|Geen e-mail toestaan|Avprenumererat på all e-post
    |Avregistrerad från alla e-postmeddelanden|Tillåt inte e-post|Ikke tillat e-post
    |Tillat ikke e-post|Tillad ikke e-mails|Ikke send e-post
    |Zrezygnowano z subskrypcji wszystkich e-maili|Anulowano subskrypcję wszystkich wiadomości
    |Nie zezwalaj na e-mail|Nie zezwalaj na wiadomości e-mail|Älä salli sähköpostia
    |Nepovolit e-maily|Tüm e-postalardan çıktı|Tüm e-postaların aboneliğinden çıkıldı
    |E-posta gönderme|Отказался от всех писем|Отменил подписку на все письма
    |Не разрешать электронную почту|不允许电子邮件|이메일 허용 안 함
    |Ne pas autoriser l'envoi d'e-mails en nombre|Ne pas autoriser les e-mails
    |Keine Massen-E-Mails zulassen|S'est désabonné de tous les e-mails|DNM|Block emails
    |Mailingsperre|Mailing-Sperre|Pas de mailing|Opposé|Uitschrijfdatum|Ej utskick|Ej mejl
    |Gönderme|Не рассылать|不发邮件"""
IN = """Godkänner e-post|Samtycke e-post|E-post tillåten|Vill ha e-post|Samtykke til e-post
    |Ønsker e-post|E-post samtykke|Tillat e-post|Tillåt e-post|E-posta izni|E-posta onayı
    |Får kontaktas via e-post|Nyhetsbrev e-post|Suscripción a todo el correo electrónico
    |Iscrizione a tutte le e-mail|E-mail toestaan|Zezwalaj na e-mail|Salli sähköposti
    |Subskrypcja wszystkich e-maili|Inscrição em todos os e-mails|Lettre d'info|Rundmail|DM送付"""


@pytest.mark.parametrize("header", headers(OUT))
def test_a_yes_to_a_refusal_is_a_no(header: str) -> None:
    assert verdict(header, "true") is Verdict.OUT
    assert verdict(header, "1") is Verdict.OUT
    assert verdict(header, "false") is Verdict.FREE
    assert verdict(header, "") is Verdict.FREE


@pytest.mark.parametrize("header", headers(IN))
def test_a_no_to_a_consent_is_one(header: str) -> None:
    assert verdict(header, "false") is Verdict.OUT
    assert verdict(header, "true") is Verdict.FREE


@pytest.mark.parametrize(
    "header", ["Post", "Samtycke post", "Skicka post", "Direct mail", "Lettre par courrier"]
)
@pytest.mark.parametrize("value", ["Nej", "No", "Ja"])
def test_what_comes_by_post_is_no_mail(header: str, value: str) -> None:
    column = column_of(header)
    assert column is None or verdict_on(column, value) is Verdict.FREE


@pytest.mark.parametrize("header", ["Active_subscription", "Active subscription", "Aktives Abo"])
def test_a_subscription_may_be_one_that_is_paid_for(header: str) -> None:
    """Of a Substack export, everybody who reads for free would be suppressed."""
    column = column_of(header)
    assert column is None or verdict_on(column, "false") is not Verdict.OUT
