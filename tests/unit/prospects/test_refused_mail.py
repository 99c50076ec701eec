# ruff: noqa: E501, RUF001 # headers in their own letters
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
    |Gönderme|Не рассылать|不发邮件
    |Välj bort e-post|Valt bort e-post|Fravælg e-mail|Fravalgt e-mails|Velg bort e-post
    |Meldt av all e-post|Sähköpostikielto|Ei sähköposteja|Suoramarkkinoinnin esto
    |Sähköpostimarkkinoinnin esto|Zákaz e-mailů|Nepřeji si zasílat obchodní sdělení
    |E-postayı reddetti|Отказ от электронной почты|Не получать рассылку|Не получать письма
    |Відмова від електронної пошти|Не хочу отримувати розсилку|Renunțare la e-mail|Fără e-mailuri
    |Nu se permit mesaje e-mail|Nu doresc să primesc emailuri|E-mail nem engedélyezett
    |电子邮件选择退出|選擇退出電子郵件|谢绝邮件|不允许使用电子邮件|Disattivazione e-mail
    |Rifiuto e-mail|Exclusion des e-mails|Exclu des campagnes|Exclue des envois
    |Excluido de campañas|Von Kampagnen ausgeschlossen|Escluso dalle campagne
    |Excluído das campanhas|Uitgesloten van campagnes|Excluded from lists|Removed from list on
    |Nej tak til reklame|Nei takk til nyhetsbrev|Nej tack till nyhetsbrev
    |À retirer des mailings|À exclure des envois|Ne pas mailer|Austragedatum|Versandsperre|Löschvermerk
    |DSGVO-Sperre|Aus Verteiler entfernen|Derecho de supresión|Excluir de la lista|Blocco invii
    |Escludi da invii|Diritto all'oblio|Excluir da lista|Direito de oposição|Uitsluiten van mailing
    |Recht op vergetelheid|Skip outreach|unsubscribedChannelIds|unsubscribed_message_type_ids
    |Δεν επιθυμώ να λαμβάνω ενημερώσεις"""
IN = """Godkänner e-post|Samtycke e-post|E-post tillåten|Vill ha e-post|Samtykke til e-post
    |Ønsker e-post|E-post samtykke|Tillat e-post|Tillåt e-post|E-posta izni|E-posta onayı
    |Får kontaktas via e-post|Nyhetsbrev e-post|Suscripción a todo el correo electrónico
    |Iscrizione a tutte le e-mail|E-mail toestaan|Zezwalaj na e-mail|Salli sähköposti
    |Marketingmaterial senden|Envoyer les documents marketing|Marketingmateriaal verzenden
    |Enviar materiales de marketing|Skicka marknadsföringsmaterial|Wyślij materiały marketingowe
    |Отправлять маркетинговые материалы|发送市场营销材料|Lettre d'informations
    |Mailempfang gewünscht|Permission to send|Akzeptiert E-Mail-Marketing|Subskrypcja wszystkich e-maili|Inscrição em todos os e-mails|Lettre d'info|Rundmail|DM送付"""


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


@pytest.mark.parametrize(
    ("header", "allowed", "not_allowed"),
    [
        ("Tillåt inte e-post", "Tillåt", "Tillåt inte"),
        ("Tillad ikke mails", "Tillad", "Tillad ikke"),
        ("Ikke tillat e-post", "Tillat", "Ikke tillat"),
        ("Älä salli sähköpostiviestejä", "Salli", "Älä salli"),
        ("Nepovolit e-maily", "Povolit", "Nepovolit"),
        ("Nie zezwalaj na wiadomości e-mail", "Zezwalaj", "Nie zezwalaj"),
        ("Не разрешать сообщения электронной почты", "Разрешить", "Не разрешать"),
        ("Не дозволяти електронну пошту", "Дозволити", "Не дозволяти"),
        ("E-postalara İzin Verme", "İzin Ver", "İzin Verme"),
        ("E-mail nem engedélyezett", "Engedélyezés", "Nem engedélyezett"),
        ("Fără e-mailuri", "Se permite", "Nu se permite"),
        ("不允许使用电子邮件", "允许", "不允许"),
        ("Marketingmaterial senden", "Senden", "Nicht senden"),
        ("Envoyer les documents marketing", "Envoyer", "Ne pas envoyer"),
        ("Marketingmateriaal verzenden", "Verzenden", "Niet verzenden"),
        ("Enviar materiales de marketing", "Enviar", "No enviar"),
        ("Skicka marknadsföringsmaterial", "Skicka", "Skicka inte"),
        ("发送市场营销材料", "发送", "不发送"),
    ],
)
def test_who_may_be_written_to_in_the_words_of_dynamics(
    header: str, allowed: str, not_allowed: str
) -> None:
    assert verdict(header, allowed) is Verdict.FREE
    assert verdict(header, not_allowed) is Verdict.OUT


@pytest.mark.parametrize(
    "header",
    headers("""Email kieltänyt|E-mail geweigerd|Kunde ønsker ingen e-mail|E-posta iptal
    |Odmowa e-mail|Email withdrawn|Customer wants no e-mail|Courriel refusé|Email: verweigert
    |Non mailing|Without mailing|Mailing not wanted list"""),
)
@pytest.mark.parametrize("value", ["yes", "1", "x"])
def test_a_yes_to_what_may_refuse_mail_is_told(header: str, value: str) -> None:
    assert verdict(header, value) in (Verdict.UNREAD, Verdict.OUT, Verdict.OUT_UNREAD)


@pytest.mark.parametrize(
    "header", ["No. of emails", "Email (yes/no)", "Cancellation email sent", "Email", "Email no."]
)
def test_a_yes_to_what_refuses_nothing_says_nothing(header: str) -> None:
    column = column_of(header)
    assert column is None or verdict_on(column, "yes") is Verdict.FREE


@pytest.mark.parametrize(
    "header", ["Faxabmeldung", "FAX送信除外", "Älä salli puheluja", "Nu apelați", "谢绝致电",
               "不允许电话联络", "Geen telefoongesprekken toestaan", "Не телефонувати"]
)  # fmt: skip
def test_a_refusal_of_calls_or_faxes_is_none_of_mail(header: str) -> None:
    column = column_of(header)
    assert column is not None
    assert column.of_calls


DEAD = """
    Twarde odbicie|Pysyvä palautus|Жесткий отказ|Постоянная ошибка доставки|Kalıcı geri dönüş|Hardbounce
    하드바운스|Signalé comme spam|Als Spam markiert|Als Spam gemeldet|Spam gemeldet|Marcado como spam
    Segnalato come spam|Denunciou como spam|Gemarkeerd als spam|Oznaczono jako spam
    Markerad som skräppost|Markeret som spam|Merket som spam|Пожаловался на спам|Отметил как спам
    迷惑メール報告|标记为垃圾邮件|스팸 신고|Označeno jako spam|Marcat ca spam|Spamként jelölve
    Spam olarak işaretlendi|Merkitty roskapostiksi|Spam-Beschwerde|Spambeschwerde|Beschwerde
    Queja|Segnalazione spam|Denúncia de spam|Klacht|Skarga|Klagomål|Жалоба|Скарга|Şikayet|投诉
    Dead server|Unknown email|Unknown recipient|User unknown|Not sendable|Non contactable|Not mailable
    Uncontactable|Contact unsubscribed|Erreur définitive|Erreur permanente
"""


@pytest.mark.parametrize("value", [v for line in DEAD.strip().splitlines() for v in headers(line)])
def test_a_status_of_complaints_and_dead_addresses_suppresses(value: str) -> None:
    assert verdict("Status", value) is Verdict.OUT


@pytest.mark.parametrize(
    "value", ["Zurückgewiesen", "Rejeté", "Respinto", "Odrzucono", "Devolvido", "Teruggestuurd"]
)
def test_what_is_turned_away_is_mail_in_a_status_of_marketing(value: str) -> None:
    for header in ("Marketing-Status", "Statut marketing"):
        assert verdict(header, value) is Verdict.OUT
    assert verdict("Status", value) is not Verdict.OUT


@pytest.mark.parametrize(
    "header",
    headers("""I do not wish to receive marketing emails|I don't want to receive any emails
    |Please tick if you do NOT want to hear from us|Does not wish to be contacted|Motivo de baja
    |Baja voluntaria|Derecho de oposición ejercido|Hard bounce count|Hard bounces total"""),
)
def test_a_header_that_refuses_in_other_words_is_an_opt_out(header: str) -> None:
    assert verdict(header, "1") is Verdict.OUT
    assert verdict(header, "0") is Verdict.FREE


@pytest.mark.parametrize("header", ["Bounce count", "Soft bounce count", "Baja médica"])
def test_a_count_of_what_passes_is_no_refusal(header: str) -> None:
    column = column_of(header)
    assert column is None or verdict_on(column, "1") is not Verdict.OUT


def test_what_people_may_do_later_is_no_refusal() -> None:
    header = "I agree to receive communications until I unsubscribe"
    assert verdict(header, "Yes") is Verdict.FREE
    assert verdict(header, "No") is Verdict.OUT
