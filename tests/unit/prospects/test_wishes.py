"""People who say in their own words that they want no e-mail, and those who say nothing like it."""

from __future__ import annotations

import re

import pytest

from listdrop.prospects.clauses import Remark, remark
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper

NO = {
    "en": """doesn't want emails|does not want to be contacted|asked us not to contact him again
        |requested removal|Opted out of all marketing|He doesn't want any more emails
        |doesn't want to receive our newsletter|she asked not to be emailed|wants to be removed
        |asked us to remove her|wants off the list|please take him off the list
        |no longer wants to receive emails|I don't want to be contacted|Don't reach out again
        |asked to be taken off the list|Do not add to any list|Requested no further contact
        |Nice call. Does not wish to be contacted|doesn't want our emails or newsletters
        |Unsubscribed from all lists|They don't want any emails|We do not wish to be contacted
        |Please don't send any more emails|Do not send newsletters|don't add her to any list""",
    "de": """hat sich vom Newsletter abgemeldet|Hat der Werbung widersprochen
        |möchte keine E-Mails mehr|Möchte nicht mehr kontaktiert werden|wünscht keine Werbung
        |will nicht kontaktiert werden|wünscht keinen Kontakt|bitte aus dem Verteiler nehmen
        |aus dem Verteiler gelöscht|Bitte keine Mails mehr schicken|bittet um Löschung
        |nicht mehr per Mail kontaktieren|hat um Löschung gebeten|Widerspruch gegen Werbung""",
    "fr": """désabonnement demandé|ne souhaite plus recevoir nos emails|ne veut pas de mail
        |ne veut plus être contacté|ne souhaite pas être contactée|demande de désinscription
        |a demandé à être désinscrit|s'est désabonné de la newsletter|à ne plus solliciter
        |veuillez ne plus me contacter|à retirer de la liste|ne veut plus recevoir d'emails""",
    "es": """no quiere recibir correos|no volver a contactar|no quiere ser contactado
        |pidió no ser contactada|no enviar más correos|no quiere más correos|no le escriban
        |no quiere que le contactemos|quiere darse de baja""",
    "it": """non vuole essere contattato|non desidera ricevere comunicazioni|si è disiscritto
        |chiede di non essere contattata|ha chiesto di essere cancellato|non vuole più email""",
    "pt": """não quer receber e-mails|não deseja ser contactado|não quer mais emails
        |pediu para não ser contatado|pediu para ser removido|não voltar a contactar""",
    "nl": """wil geen mails ontvangen|wenst geen mail|wil niet meer benaderd worden
        |graag van de lijst verwijderen|verzoekt geen contact|wil geen nieuwsbrief""",
    "pl": """nie wysyłać maili|wypisał się|wypisała się z newslettera|prosi o usunięcie z bazy
        |nie chce maili|nie chce otrzymywać newslettera|nie życzy sobie kontaktu""",
    "cs": """neposílat e-maily|nechce e-maily|odhlášen z newsletteru|nepřeje si být kontaktován
        |žádá o výmaz|už nekontaktovat""",
    "sv": """vill inte ha mejl|skicka inte mejl|vill ej bli kontaktad|önskar inte bli kontaktad
        |kontakta inte igen|vill bli borttagen""",
    "da": """ønsker ikke mails|vil ikke have mails|ønsker ikke at blive kontaktet|send ikke mails
        |afmeldt nyhedsbrev|har afmeldt sig""",
    "no": """ønsker ikke e-post|vil ikke bli kontaktet|ønsker ikke å bli kontaktet
        |har meldt seg av|avmeldt nyhetsbrev""",
    "fi": """ei halua sähköposteja|ei halua uutiskirjettä|ei toivo yhteydenottoa|ei saa lähettää
        |pyysi poistoa""",
    "tr": """mail istemiyor|e-posta gönderilmesin|mail göndermeyin|e-posta almak istemiyor""",
    "ru": """отписался от рассылки|просил не писать|не хочет получать письма|больше не писать
        |просит удалить из базы|исключить из рассылки|не отправлять письма""",
    "uk": "відписався від розсилки|просив не писати|не хоче отримувати листи|видалити з бази",
    "hu": "nem kér e-mailt|nem szeretne emailt kapni|ne keresd|kéri a törlését",
    "ro": "nu dorește emailuri|nu mai trimiteți|nu dorește să fie contactat|a cerut ștergerea",
    "ja": "送信しないでください|連絡しないでください|メールを送らないでください|配信を希望しない",
    "zh": "不要再发邮件|请不要再联系|不再联系|拒绝邮件",
    "ko": "메일 보내지 마세요|더 이상 연락하지 마세요",
    "ar": "لا ترسلوا رسائل|لا تتواصل معه|لا يريد رسائل",
}
"""What is no as a whole clause, by language."""

HARMLESS = {
    "en": """doesn't want to change vendors|does not want a demo|asked not to reschedule
        |wants removal of old servers|asked us to remove the logo|requested a call back
        |doesn't use email|did not get the email|does not want contact lenses
        |don't forget to email her|wants to be contacted in May|no email yet|Email not found
        |has not been emailed|wants emails in French|do not send the invoice|asked for contact
        |wants to unsubscribe from a competitor|Tree removal|Removal|Emails|Contact|He is nice
        |wants no sugar|please do|A list of parts|please|A removal|Bat removal|Bad removal
        |They don't email|He does not email|I don't contact them|They do not send newsletters
        |We don't mail|wants to take off|Please take them|will removal|She does not contact us""",
    "de": """möchte keinen Rabatt|will nicht wechseln|wünscht Kontakt|bittet um Rückruf
        |bittet um Löschung der alten Bestellung|hat um ein Angebot gebeten|keine Mail-Adresse
        |noch nicht kontaktiert|möchte Newsletter|Löschung|Verteiler: Vertrieb|Bitte um Mail""",
    "fr": """ne souhaite plus de sucre|demande de devis|souhaite être contacté|à recontacter
        |ne veut plus changer de fournisseur|demande une remise|pas encore contacté|liste""",
    "es": """no quiere cambiar de proveedor|no desea demo|quiere recibir correos|pidió presupuesto
        |no localizado|le escribimos en mayo""",
    "it": "non vuole cambiare fornitore|vuole essere contattato|chiede un preventivo|ha chiesto",
    "pt": "não quer mudar de fornecedor|quer receber e-mails|pediu orçamento|não respondeu",
    "nl": "wil geen korting|wil graag mail ontvangen|nog niet benaderd|graag van dichtbij zien",
    "pl": "nie chce rabatu|prosi o kontakt|prosi o ofertę|nie odebrał",
    "cs": "nechce slevu|žádá o nabídku|prosí o kontakt|zatím bez odpovědi",
    "sv": "vill inte byta|vill bli kontaktad|inte kontaktad|vill ha mejl",
    "da": "ønsker ikke at skifte|ønsker mails|ikke kontaktet endnu|har spurgt om pris",
    "no": "ønsker ikke å bytte|ønsker e-post|ikke kontaktet enda|vil bli kontaktet",
    "fi": "ei halua vaihtaa|haluaa sähköposteja|pyysi tarjousta|ei vastannut",
    "tr": "indirim istemiyor|mail istiyor|teklif istedi|mail gönderildi",
    "ru": "не хочет менять|хочет получать письма|просит перезвонить|письмо отправлено",
    "uk": "не хоче міняти|хоче отримувати листи|просить передзвонити",
    "hu": "nem kér kedvezményt|e-mailt kér|árajánlatot kér",
    "ro": "nu dorește reducere|dorește emailuri|a cerut ofertă",
    "ja": "メールで連絡希望|連絡済み|送信済み",
    "zh": "希望邮件联系|已联系|尚未联系",
    "ko": "메일 희망|연락 완료",
    "ar": "يريد رسائل|تم التواصل معه",
}
"""What is no such no. Some of it is quoted as unclear."""


def each(texts: dict[str, str]) -> list[str]:
    return [text.strip() for said in texts.values() for text in said.split("|")]


@pytest.mark.parametrize("text", each(NO))
def test_a_wish_for_no_mail_is_a_no(text: str) -> None:
    assert remark(text) is Remark.OUT


@pytest.mark.parametrize("text", each(HARMLESS))
def test_another_wish_is_none(text: str) -> None:
    assert remark(text) is not Remark.OUT


@pytest.mark.parametrize("header", ["Notes", "Bemerkung", "Info", "Column1"])
def test_such_cells_are_found_in_any_column(header: str) -> None:
    """Cells are first sorted out by their beginnings."""
    cells = each(NO)
    rows = [[f"p{place}@example.com", cell] for place, cell in enumerate(cells)]
    mapped = Mapper(map_columns(["Email", header], {})).map(rows)
    assert [cells[n] for n in sorted(set(range(len(cells))) - mapped.answers.out)] == []


@pytest.mark.parametrize("header", ["Notes", "Bemerkung", "Info", "Column1"])
def test_others_are_sent(header: str) -> None:
    cells = each(HARMLESS)
    rows = [[f"p{place}@example.com", cell] for place, cell in enumerate(cells)]
    mapped = Mapper(map_columns(["Email", header], {})).map(rows)
    assert [cells[n] for n in sorted(mapped.answers.out)] == []


@pytest.mark.parametrize("header", ["Status", "Lead status", "Newsletter", "Einwilligung", "Tags"])
def test_a_wish_counts_in_columns_about_consent(header: str) -> None:
    cells = [text for text in each(NO) if not re.search("[.;,]", text)]
    rows = [[f"p{place}@example.com", cell] for place, cell in enumerate(cells)]
    mapped = Mapper(map_columns(["Email", header], {})).map(rows)
    assert [cells[n] for n in sorted(set(range(len(cells))) - mapped.answers.out)] == []


@pytest.mark.parametrize("header", ["Order status", "Payment status", "Statut de commande"])
def test_a_wish_does_not_count_of_an_order(header: str) -> None:
    rows = [["p@example.com", "removal requested"], ["q@example.com", "bittet um Löschung"]]
    assert not Mapper(map_columns(["Email", header], {})).map(rows).answers.out


@pytest.mark.parametrize("header", ["Tags", "Labels"])
def test_another_tag_is_sent(header: str) -> None:
    cells = [text for text in each(HARMLESS) if "unsubscribe" not in text]
    rows = [[f"p{place}@example.com", cell] for place, cell in enumerate(cells)]
    mapped = Mapper(map_columns(["Email", header], {})).map(rows)
    assert [cells[n] for n in sorted(mapped.answers.out)] == []
