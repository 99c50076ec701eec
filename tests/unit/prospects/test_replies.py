"""What people write back: in the first person, and as an order. A whole clause of it is a no."""

# ruff: noqa: RUF001 # words of many languages

from __future__ import annotations

import re

import pytest

from listdrop.prospects.clauses import Remark, remark
from listdrop.prospects.columns import map_columns
from listdrop.prospects.mapping import Mapper


def is_out(header: str, text: str) -> bool:
    """Whether somebody with this cell in a column opted out."""
    mapped = Mapper(map_columns(["Email", header], {})).map([["ada@example.com", text]])
    return mapped.answers.out == {0}


def texts(table: dict[str, str]) -> list[str]:
    return [
        re.sub(r"\s+", " ", text).strip() for said in table.values() for text in said.split("|")
    ]


NO = {
    "en": """Asked to be removed from all lists|Take off list|Take off the mailing list
        |Remove me from all your lists|Please remove us from your database|Leave me alone
        |Stop spamming me|Stop sending me emails|Please stop emailing her|Told me to stop emailing
        |Don't ever contact me again|Never email me again|I'd like to opt out
        |I would like to unsubscribe|Told us not to contact her|Said not to email him
        |GDPR deletion request received|Data erasure request|Cease and desist
        |Complained about our emails|How did you get my address? Delete my data.""",
    "de": """Hören Sie auf, mir zu schreiben|Schreiben Sie mir nicht mehr|Lassen Sie mich in Ruhe
        |Streichen Sie mich von der Liste|Tragen Sie mich bitte aus|Nehmt mich aus dem Verteiler
        |Löschen Sie bitte meine Daten|Entfernen Sie uns aus Ihrem Verteiler""",
    "fr": """Arrêtez de m'écrire|Arrêtez de nous envoyer des mails|Supprimez mes données
        |Ne me contactez plus|Ne m'écrivez plus|Laissez-moi tranquille|Cessez de me contacter
        |Merci de supprimer mes coordonnées""",
    "es": """Por favor elimíneme de su lista|No me escriban más|Borren mis datos
        |Dejen de escribirme|Darme de baja|Dejad de enviarme correos|Denme de baja
        |Quítenme de la lista|No me contacten""",
    "it": """Non scrivetemi più|Cancellate i miei dati|Smettetela di scrivermi
        |Non contattatemi più|Non mi scrivete più|Lasciatemi in pace""",
    "pt": """Não me contate mais|Parem de enviar e-mails|Apaguem os meus dados|Não me escrevam mais
        |Pare de me enviar mensagens|Excluam meus dados""",
    "nl": """Schrijf me uit|Verwijder mijn gegevens|Stop met mailen|Laat mij met rust
        |Mail mij niet meer|Wis mijn gegevens""",
    "pl": """Proszę usunąć moje dane|Nie piszcie do mnie|Przestańcie pisać|Usuńcie moje dane
        |Nie piszcie więcej|Wypiszcie mnie|Proszę mnie wypisać""",
    "sv": """Ta bort mig från listan|Sluta mejla mig|Radera mina uppgifter|Ta bort oss
        |Sluta skicka mejl""",
    "da": """Slet mig fra listen|Stop med at skrive til mig|Slet mine oplysninger|Fjern mig
        |Skriv ikke til mig igen""",
    "no": "Fjern meg fra listen|Slutt å sende meg e-post|Slett mine opplysninger|Slett meg",
    "fi": """Poistakaa minut listalta|Poistakaa tietoni|Poista minut
        |Lopettakaa viestien lähettäminen""",
    "cs": "Smažte moje údaje|Přestaňte mi psát|Odhlaste mě|Vymažte mě z databáze",
    "ru": """Удалите меня|Удалите мои данные|Отпишите меня|Больше не пишите мне
        |Перестаньте писать|Прекратите рассылку""",
    "tr": "Beni listeden çıkarın|Verilerimi silin|Artık yazmayın|Listenizden çıkarın",
    "ja": "リストから削除してください|リストから外してください|私の情報を削除してください",
    "zh": "请把我从名单中删除|删除我的信息|请将我移除",
    "ko": "목록에서 삭제해주세요|제 정보를 삭제해주세요",
}


@pytest.mark.parametrize("text", texts(NO))
def test_an_order_to_stop_is_a_no_in_any_column(text: str) -> None:
    assert remark(text) is Remark.OUT
    for header in ("Notes", "Last message", "Field 7"):
        assert is_out(header, text)


SOMETHING_ELSE = {
    "en": """Wants to unsubscribe from a competitor|Would like to opt out of the pension plan
        |Take off at nine|Leave me a message|Stop by our booth|Told me to stop by
        |Complained about the price|Cease fire|Delete the second order|Never been to Leeds
        |Removed the tariff from all lists of prices|I'd like to know more
        |Told us not to worry|Please stop by|Stopped smoking""",
    "de": """Hört auf die Frage nicht|Löscht Feuer|Schreiben Sie mir|Lassen Sie mich wissen
        |Tragen Sie mich ein|Streichen Sie den zweiten Posten""",
    "fr": """Arrêtez-vous à notre stand|Supprimez la deuxième ligne|Laissez-moi un message
        |Ne manquez plus rien|Contactez-moi""",
    "es": "Escríbanme|Denme un precio|Dejen un mensaje|Borren la segunda línea",
    "it": "Scrivetemi|Lasciatemi un messaggio|Non vedo l'ora|Cancellate la riunione",
    "pt": "Escrevam-me|Parem no stand|Apaguem a segunda linha|Não me lembro mais",
    "nl": "Schrijf me in|Mail mij|Stop met roken|Verwijder regel twee",
    "sv": "Ta bort rad två|Sluta röka|Mejla mig",
    "da": "Skriv til mig|Stop med at ryge|Slet linje to",
    "ru": "Пишите мне|Удалите вторую строку|Перестаньте волноваться",
    "ja": "リストから選択してください",
    "zh": "请把我加入名单",
}


@pytest.mark.parametrize("text", texts(SOMETHING_ELSE))
def test_an_order_of_something_else_is_none(text: str) -> None:
    assert remark(text) is not Remark.OUT


@pytest.mark.parametrize(
    ("header", "text"),
    [("Réponse", "Stop"), ("Réponse", "Pas intéressé"), ("Antwort", "Kein Interesse"),
     ("Respuesta", "No me interesa"), ("Risposta", "Non mi interessa"),
     ("Resposta", "Não tenho interesse"), ("Antwoord", "Geen interesse"),
     ("Odpowiedź", "Nie jestem zainteresowany"), ("Svar", "Inte intresserad"),
     ("Reply", "Not interested"), ("Reply", "STOP")],
)  # fmt: skip
def test_a_short_no_is_one_in_a_reply(header: str, text: str) -> None:
    assert is_out(header, text)


@pytest.mark.parametrize(
    ("header", "text"),
    [("Réponse", "Oui avec plaisir"), ("Antwort", "Ja"), ("Antwort", "Nein"),
     ("Respuesta", "Claro, hablemos"), ("Risposta", "Volentieri"), ("Resposta", "Sim"),
     ("Antwoord", "Graag"), ("Odpowiedź", "Chętnie"), ("Svar", "Nej"), ("Svar", "Gärna")],
)  # fmt: skip
def test_another_reply_is_none(header: str, text: str) -> None:
    assert not is_out(header, text)


@pytest.mark.parametrize(
    ("header", "no", "yes"),
    [("Antwort per E-Mail erwünscht", "nein", "ja"), ("Newsletter (Antwort)", "nein", "ja")],
)
def test_a_question_stays_one_beside_the_word_for_a_reply(header: str, no: str, yes: str) -> None:
    rows = [["a@example.com", no], ["b@example.com", yes]]

    assert Mapper(map_columns(["Email", header], {})).map(rows).answers.out == {0}
