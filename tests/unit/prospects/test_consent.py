from __future__ import annotations

import csv
import io

import pytest

from listdrop.models import Outcome
from listdrop.prospects.consent import Answers, find_consent
from listdrop.prospects.consent_columns import Kind, column_of
from listdrop.prospects.list_names import is_list_of_opt_outs
from listdrop.prospects.vocabulary import consent_words
from tests.support.world import World


def answers(header: str, *values: str) -> Answers:
    people = [f"ada{number}@example.com" for number in range(len(values))]
    return find_consent(["Email", header]).answers([people, values])


def is_out(header: str, value: str) -> bool:
    return answers(header, value).out == {0}


@pytest.mark.parametrize(
    "header",
    [
        "Email Opt Out",
        "Unsubscribed",
        "EMAIL_BLACKLISTED",
        "Has Opted Out of Email",
        "unsubscribed_at",
        "hs_email_optout",
        "Opted out of all email",
        "Email bounced",
        "Bounced",
        "Unsubscribed from Emails",
        "Has hard bounced",
        "Marked email as spam",
        "Unsubscribed Time",
        "BLACKLIST",
        "Unsubscribe",
    ],
)
@pytest.mark.parametrize("value", ["TRUE", "1", "yes", "Ja", "x", "2026-03-01", "01/03/2026 10:00"])
def test_a_flag_that_is_set_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize("kind", ["One to One", "Marketing Information", "1234567"])
def test_a_header_that_begins_as_the_table_says_is_a_flag(kind: str) -> None:
    assert is_out(f"Opted out of email: {kind}", "Yes")
    assert not is_out(f"Not {kind}", "Yes")
    assert not is_out("Opted out of emails sent", "Yes")


NOT_SET = [
    "", "FALSE", "0", "no", "Nein", " false ", "N/A", "-",
    "Falso", "FALSO", "Onwaar", "FALSK", "FALSKT", "USANN", "Fałsz", "EPÄTOSI", "NEPRAVDA",
    "Não", "NAO", "nee", "Nej", "nei", "Nie", "ei", "ne", "HAYIR", "Нет",
    "[not provided]", "#N/A", "unknown", "None", "NaN", "\u200b", "\xa0", "(blank)", "—",
    "0.0", "0,00", "00", "0000-00-00", "0000-00-00 00:00:00", "0%", "'-", '="0"', '="FALSE"',
    "Not opted out", "not_opted_out", "Opted in", "opted-in", "Active", "Subscribed",
]  # fmt: skip
SET = [
    "sí", "SÌ", "Tak", "SANT", "VERDADEIRO", "1.0", "0.5", "manual", "asked us by telephone",
    "12", "0001-02-03", "Non-subscribed", "not subscribed", "✓", "✅", "not any more", '="1"',
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_SET)
def test_a_flag_that_is_not_set_does_not(value: str) -> None:
    assert not is_out("Email Opt Out", value)


@pytest.mark.parametrize("value", SET)
def test_any_other_text_in_a_flag_opts_out(value: str) -> None:
    """Nobody is written to because we do not know a word."""
    assert is_out("Email Opt Out", value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("state", "not_interested"),
        ("Status", "Unsubscribed"),
        ("Lead Status", "Do Not Contact"),
        ("Email Status", "hard bounced"),
        ("Subscription Status", "opted-out"),
        ("Person - Marketing status", "Unsubscribed"),
        ("lastState", "emailsUnsubscribed"),
        ("lastState", "emailsBounced"),
        ("lastState", "emailsNotInterested"),
        ("lastState", "linkedinNotInterested"),
        ("Stage", "Do Not Contact"),
        ("Contact Stage", "Not Interested"),
        ("Interest Status", "not interested"),
        ("Status", "Opted_Out"),
        ("Status", "DO_NOT_CONTACT"),
        ("Status", "Do-Not-Contact"),
        ("Status", "Désabonné"),
        ("Status", "Hard-Bounced\u200b"),
    ],
)
def test_a_status_of_those_words_opts_out(header: str, value: str) -> None:
    assert is_out(header, value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("State", "CA"),
        ("Status", "Verified"),
        ("Status", "interested"),
        ("Notes", "unsubscribed"),
        ("lastState", "emailsOpened"),
        ("Stage", "Interested"),
    ],
)
def test_other_words_do_not(header: str, value: str) -> None:
    assert not is_out(header, value)


def test_do_not_call_drops_only_the_telephone_number() -> None:
    consent = find_consent(["Email", "Phone", "Do Not Call"])
    cells = [["ada@example.com", "bo@example.com"], ["+44 1", "+44 2"], ["TRUE", "FALSE"]]
    assert consent.answers(cells).out == set()
    assert consent.answers(cells).silent == {0}
    assert consent.answers([*cells[:2], ["Falso", "0000-00-00"]]).silent == set()


# ---------------------------------------------------------------- columns, by what they mean


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (
            Kind.OPT_OUT,
            ["Email Address Is Opted-Out", "email_opt_out", "emailAddressIsOptedOut", "EMAILOPTOUT",
             "DNC", "donotbulkemail", "Do Not Send Newsletter", "No newsletter", "Not subscribed",
             "Consent withdrawn on", "Kein Newsletter", "Newsletter-Abmeldung am", "Abmeldedatum",
             "Werbewiderspruch", "Ne pas contacter", "Désinscrit le", "Pas de newsletter",
             "Fecha de baja", "No contactar", "Disiscritto", "Non contattare", "Senza consenso",
             "Não contatar", "Descadastrado em", "Afgemeld", "Uitgeschreven op", "Niet mailen",
             "Wypisany", "Brak zgody", "Nie kontaktować", "Avregistrerad", "Kontakta ej", "Afmeldt",
             "Kontakt ikke", "Avmeldt dato", "Ikke kontakt", "Markkinointikielto", "Odhlášen",
             "Nesouhlas", "Dezabonat", "Leiratkozott", "Abonelikten çıktı", "Отписался",
             "Не беспокоить", "Відписаний", "配信停止", "メルマガ解除日", "退订", "取消订阅时间",
             "수신거부", "구독 취소", "إلغاء الاشتراك"],
        ),
        (
            Kind.OPT_IN,
            ["Accepts Email Marketing", "subscribed_to_emails", "isSubscribed", "Newsletter",
             "Marketing consent", "GDPR Consent", "OPTIN_TIME", "Not unsubscribed", "OK to contact",
             "Einwilligung Werbung", "Werbeeinwilligung", "Newsletter abonniert", "Consentement",
             "Abonné", "Accepte les e-mails", "Consentimiento", "Suscrito", "Acepta publicidad",
             "Consenso marketing", "Iscritto alla newsletter", "Consentimento", "Toestemming",
             "Nieuwsbrief", "Zgoda marketingowa", "Zapisany", "Samtycke", "Nyhetsbrev", "Samtykke",
             "Nyhedsbrev", "Uutiskirje", "Markkinointilupa", "Souhlas", "Consimțământ", "Hírlevél",
             "Hozzájárulás", "Ticari ileti izni", "Bülten", "Согласие на рассылку", "Подписан",
             "Згода", "Розсилка", "メルマガ", "メール配信希望", "订阅", "同意接收邮件", "수신동의",
             "뉴스레터", "النشرة البريدية", "موافقة"],
        ),
        (
            Kind.BOUNCE,
            ["EmailBouncedReason", "email_disabled", "invalid", "Hard bounced", "Blacklisted",
             "Marked email as spam", "Gesperrt", "Unzustellbar", "Bloqué", "Rebotado", "Bloccato",
             "Bloqueado", "Geblokkeerd", "Zablokowany", "Spärrad", "Blokeret", "Virheellinen",
             "Nedoručeno", "Blocat", "Letiltva", "Geçersiz", "Заблокирован", "Недійсний",
             "ブロック", "无效", "차단", "محظور"],
        ),
        (
            Kind.STATUS,
            ["Status", "Email Status", "lead_category", "Estado", "Statut", "Stato", "Situação",
             "Kontaktstatus", "Stan", "Tila", "Stav", "Állapot", "Durum", "Статус", "ステータス",
             "状态", "상태", "الحالة", "Lifecycle Stage"],
        ),
        (Kind.VALID, ["Email valid", "is_valid", "Deliverable", "Not bounced"]),
        (Kind.UNCLEAR, ["GDPR", "Opt-in/Opt-out", "DSGVO", "Do not invite", "Inscrit"]),
        (Kind.TAGS, ["Lists", "Segments", "Gruppen"]),
    ],
)  # fmt: skip
def test_a_column_is_known_by_what_its_header_means(kind: Kind, headers: list[str]) -> None:
    found = {header: column_of(header) for header in headers}
    assert {header: column and column.kind for header, column in found.items()} == dict.fromkeys(
        headers, kind
    )


@pytest.mark.parametrize(
    "header",
    ["Email", "Job Title", "Notes", "unsubscribe_url", "List-Unsubscribe link", "OPTIN_IP",
     "Subscription plan", "Subscription price", "Subscribers", "Consent source", "Newsletters sent",
     "Bounce rate", "donotpostalmail", "donotfax", "Cookie consent", "City", "Interestingness",
     "Option", "Optics", "Description", "Subsidiary", "Contact owner", "Werbeagentur",
     "Avg revenue", "Einwohner", "Gesellschafter", "Lead score", "Unterschrift"],
)  # fmt: skip
def test_other_columns_say_nothing_about_consent(header: str) -> None:
    column = column_of(header)
    assert column is None or not answers(header, "no", "0", "yes", "pending").out


# ---------------------------------------------------------------- values, by what they say

NO_AND_YES = {
    "en": ("No", "Yes"), "de": ("Nein", "Ja"), "fr": ("Non", "Oui"), "es": ("No", "Sí"),
    "it": ("No", "Sì"), "pt": ("Não", "Sim"), "nl": ("Nee", "Ja"), "pl": ("Nie", "Tak"),
    "sv": ("Nej", "Ja"), "da": ("Nej", "Ja"), "no": ("Nei", "Ja"), "fi": ("Ei", "Kyllä"),
    "cs": ("Ne", "Ano"), "ro": ("Nu", "Da"), "hu": ("Nem", "Igen"), "tr": ("Hayır", "Evet"),
    "ru": ("Нет", "Да"), "uk": ("Ні", "Так"), "ja": ("いいえ", "はい"), "zh": ("否", "是"),
    "ko": ("아니요", "예"), "ar": ("لا", "نعم"),
}  # fmt: skip
FALSE_AND_TRUE = [
    ("FALSE", "TRUE"), ("FALSCH", "WAHR"), ("FAUX", "VRAI"), ("FALSO", "VERDADERO"),
    ("FALSO", "VERO"), ("FALSO", "VERDADEIRO"), ("ONWAAR", "WAAR"), ("FAŁSZ", "PRAWDA"),
    ("FALSKT", "SANT"), ("FALSK", "SAND"), ("USANN", "SANN"), ("EPÄTOSI", "TOSI"),
    ("NEPRAVDA", "PRAVDA"), ("FALS", "ADEVĂRAT"), ("HAMIS", "IGAZ"), ("YANLIŞ", "DOĞRU"),
    ("ЛОЖЬ", "ИСТИНА"), ("ХИБНІСТЬ", "ІСТИНА"), ("偽", "真"), ("假", "真"), ("거짓", "참"),
    ("خطأ", "صحيح"), ("0", "1"), ("n", "y"), ("✗", "✓"), ("off", "on"), ("☐", "☑"), ("0.0", "1.0"),
    ("No (imported)", "Yes (imported)"), ("無", "有"),
]  # fmt: skip


@pytest.mark.parametrize(("no", "yes"), [*NO_AND_YES.values(), *FALSE_AND_TRUE])
def test_yes_and_no_count_by_what_the_column_asks(no: str, yes: str) -> None:
    for written in (str, str.lower, str.upper):
        rows = (written(no), written(yes), "")
        assert answers("Email Opt Out", *rows).out == {1}
        assert answers("Accepts Email Marketing", *rows).out == {0}
        assert answers("Newsletter", *rows).unclear == set()
        assert answers("Email valid", *rows).out == {0}
        assert answers("Status", *rows).out == set()
        assert answers("GDPR", *rows).unclear == {0, 1}


def test_every_language_has_every_kind_of_word() -> None:
    for section in ("no", "failed", "denied", "granted", "open", "yes", "not_so", "opt_in_columns",
                    "status_columns", "details", "dates", "files", "left_out_before"):  # fmt: skip
        assert set(consent_words()[section]) >= set(NO_AND_YES), section


@pytest.mark.parametrize(
    "status",
    ["Unsubscribed (manual)", "Bounced - Hard", "email_bounced", "Unsubscribed: 2025-01-02",
     "Do not contact - legal", "UNSUBSCRIBED_BY_USER", "Opted-out via link", "Complained (spam)",
     "Abgemeldet am 3.2.", "Abbestellt", "E-Mail unzustellbar", "Nicht mehr kontaktieren",
     "Désabonné(e)", "Désinscrit le 3 mai", "Ne plus contacter", "Adresse invalide",
     "Dado de baja", "Dada de baja (web)", "Rebotado", "No contactar", "Baja",
     "Disiscritto", "Non contattare", "Indirizzo non valido", "Descadastrado", "Não contatar",
     "E-mail devolvido", "Uitgeschreven", "Afgemeld via link", "Wypisany", "Zablokowany",
     "Avregistrerad", "Studsade", "Afmeldt", "Avmeldt", "Perunut uutiskirjeen", "Odhlášen",
     "Nedoručitelné", "Dezabonat", "Respins", "Leiratkozott", "Visszapattant", "Abonelikten çıktı",
     "Geri döndü", "Отписан", "Недоставлено", "Відписався", "Заблоковано",
     "配信停止済み", "バウンス", "已退订", "退信", "수신거부함", "반송됨", "ملغي الاشتراك", "مرتد"],
)  # fmt: skip
def test_a_status_counts_by_its_words_and_not_as_a_whole(status: str) -> None:
    assert answers("Status", status).out == {0}
    assert answers("Newsletter", status).out == {0}
    assert answers("Payment status", status).out <= {0}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Email Status", "Verified"), ("Email Status", "valid"), ("Email Status", "catch-all"),
        ("Lead Status", "Open"), ("Lead Status", "Open - Not Contacted"),
        ("Lead Status", "Inactive"),
        ("Lead Status", "Unqualified"), ("State", "CA"), ("Stage", "Closed Lost"), ("Stage", "New"),
        ("Estado", "Baja California"), ("Estado", "Activo"), ("Status", "Aktiv"),
        ("Status", "Not unsubscribed"), ("Status", "never bounced"), ("Status", "Nicht abgemeldet"),
        ("Status", "Soft bounce"), ("Status", "Resubscribed"), ("Status", "Subscribed"),
        ("Status", "Kontaktiert"), ("Statut", "Actif"), ("Stato", "Iscritto"), ("Status", "购读中"),
        ("Newsletter", "yes"), ("Newsletter", "weekly"), ("Newsletter", "2024-03-01"),
        ("Newsletter", ""), ("Newsletter", "n/a"), ("GDPR Consent", "Granted (web form)"),
        ("Consent", "Legitimate interest"), ("Email consent date", "0"),
        ("Email consent date", "1970-01-01"), ("Email consent date", "2024-05-06 10:00"),
        ("Email consent date", ""), ("Opt-in date", "00/00/0000"), ("Do not call", "yes"),
        ("SMS opt out", "yes"), ("Do not contact", "0"), ("Payment status", "Bounced"),
        ("Order status", "Blocked"), ("Company State", "Blocked"), ("Category", "Spam filters"),
        ("Tags", "not unsubscribed; vip"), ("Tags", "unsubscribe-flow-tester"),
        ("Tags", "newsletter, dncx"), ("Unsubscribed", "1900-01-00"), ("donotemail", "Allow"),
        ("donotsendmm", "Send"), ("donotphone", "Do Not Allow"), ("Optin_time", ""),
        ("Unsubscribe link", "https://example.com/u/1"), ("Subscription plan", "none"),
        ("SMS consent", "no"), ("Phone opt-in", "no"), ("Country", "No"), ("Interest", "Golf"),
    ],
)  # fmt: skip
def test_nobody_is_suppressed_for_other_words(header: str, value: str) -> None:
    assert answers(header, value).out == set()


@pytest.mark.parametrize(
    "value",
    ["0", "0.0", "1900-01-00", "1900-01-01", "1/0/1900", "1970-01-01", "1970-01-01T00:00:00Z",
     "01.01.1970 00:00", "Jan 1, 1970", "1-Jan-70", "12/31/1969", "0001-01-01", "1/1/0001",
     "0001-01-01T00:00:00+00:00", "1899-12-30", "30.12.1899", "1601-01-01", "1753-01-01",
     "0000-00-00 00:00:00", "00/00/0000", "00:00.0", "-62135596800", "1900"],
)  # fmt: skip
def test_a_date_that_is_none_means_nothing(value: str) -> None:
    assert answers("Unsubscribed at", value).out == set()
    assert answers("Opt-in date", value) == Answers()


@pytest.mark.parametrize(
    "value",
    ["2025-03-02T08:00:00.000+0000", "3/2/2025", "02.03.25", "2 Mar 2025", "2. März 2025",
     "March 2, 2025 8:00 AM", "2 mars 2025", "1735725600", "1735725600000", "45718", "2025-03",
     "2025/03/02", "2025年3月2日", "Sun Mar 02 2025 08:00:00 GMT", "1998-05-04"],
)  # fmt: skip
def test_a_date_means_since_then(value: str) -> None:
    assert answers("Unsubscribed at", value).out == {0}
    assert answers("Opt-in date", value) == Answers()
    assert answers("Newsletter", value) == Answers()


@pytest.mark.parametrize("column", ["donotemail", "donotbulkemail", "Do not allow Emails"])
def test_what_dynamics_allows_is_a_yes_to_mailing(column: str) -> None:
    found = answers(column, "Allow", "Do Not Allow", "")
    assert (found.out, found.unread) == ({1}, {})


@pytest.mark.parametrize("value", ["\\N", "NULL", "None", "NaN", "-", "n/a", "unknown", "(blank)"])
def test_an_opt_in_column_that_is_empty_says_nothing(value: str) -> None:
    assert answers("Newsletter", value) == Answers()


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Contactable", "N"), ("Send emails", "No"), ("Permission to contact", "No"),
        ("Abonné newsletter", "0"), ("Einwilligung", "nicht erteilt"), ("Consent", "withdrawn"),
        ("Consentement", "refusé"), ("Suscrito", "Baja"), ("Consenso", "negato"),
        ("Quer receber e-mails", "Não"), ("Mag gemaild worden", "nee"), ("Zgoda", "wycofana"),
        ("Samtycke", "återkallat"), ("Samtykke", "nektet"), ("Markkinointilupa", "kielletty"),
        ("Souhlas", "odvolán"), ("Abonat la newsletter", "nu"), ("Hírlevél", "leiratkozott"),
        ("Pazarlama izni", "Yok"), ("Согласие", "отозвано"), ("Згода", "відкликано"),
        ("ニュースレター", "不要"), ("メルマガ購読", "\u00d7"), ("邮件订阅", "取消订阅"),
        ("이메일 수신", "거부"),
        ("الموافقة", "مرفوض"), ("Newsletter", "No 2024-01-02"), ("Newsletter", "No (asked)"),
        ("Newsletter", "2025-01-02 unsubscribed"), ("RGPD", "refus"),
    ],
)  # fmt: skip
def test_an_opt_in_that_is_withdrawn_denied_or_missing_suppresses(header: str, value: str) -> None:
    assert answers(header, value).out == {0}


def test_klaviyo_tells_who_was_never_asked_from_who_said_no() -> None:
    found = answers(
        "Email Marketing Consent", "SUBSCRIBED", "NEVER_SUBSCRIBED", "UNSUBSCRIBED", "",
        "Never subscribed", "unsubscribed",
    )  # fmt: skip
    assert (found.out, found.unclear) == ({2, 5}, {1, 4})
    assert answers("Email Suppressions", "", "UNSUBSCRIBE", "HARD_BOUNCE", "[]").out == {1, 2}


@pytest.mark.parametrize(
    "cell",
    ["unsubscribed", "vip; Unsubscribed", '"hot","unsubscribed"', "a|désabonné", "vip, Abgemeldet",
     "Unsubscribed 2024", "DNC", "x ::: do-not-contact", "配信停止", "Dado de baja, x", "bounced"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Tags", "Labels", "Lists"])
def test_a_tag_that_is_such_a_word_suppresses(header: str, cell: str) -> None:
    assert find_consent(["Email", header], tags=(1,)).answers([["a@a.example"], [cell]]).out == {0}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Newsletter", "vielleicht"), ("Consent", "Verbal"), ("Zustimmung", "siehe Akte"),
        ("Consentement", "à voir"), ("同意", "口頭"), ("Zgoda", "ustna"), ("GDPR", "yes"),
        ("Subscription status", "2"), ("Opt-in/Opt-out", "no"), ("Bounced", "soft"),
        ("Marketing status", "Non-marketing contact"),
        ("Do not track", "yes"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_unclear(header: str, value: str) -> None:
    found = answers(header, value, "")
    assert (found.out, found.unclear) == (set(), {0})
    assert found.unread == {1: {value: [0]}}


@pytest.mark.parametrize("header", ["Abgemeldet", "Email Opt Out", "수신거부", "Blacklisted"])
def test_what_an_opt_out_says_and_nobody_understands_is_a_no_and_told(header: str) -> None:
    found = answers(header, "xyzzy")
    assert (found.out, found.unclear, found.unread) == ({0}, set(), {1: {"xyzzy": [0]}})


@pytest.mark.parametrize(
    ("header", "value"),
    [("Unsub reason", "too many e-mails"), ("EmailBouncedReason", "550 5.1.1 user unknown"),
     ("Abmeldegrund", "kein Bedarf"), ("Motif de désinscription", "trop"), ("Bounce type", "hard")],
)  # fmt: skip
def test_a_reason_is_a_no_and_nothing_to_tell(header: str, value: str) -> None:
    found = answers(header, value, "")
    assert (found.out, found.unread) == ({0}, {})


# ---------------------------------------------------------------- names of files

LISTS = [
    "unsubscribed_members_export_3f2", "cleaned_members_export", "Do-Not-Contact 2026",
    "unsubscribe", "unsubscribes-2026", "Unsubscribed Contacts", "lemlist-unsubscribers",
    "unsubscribedContacts", "UnsubscribedContacts", "UnSubscribed", "unsubscribed2026",
    "opt-out list", "optout", "opt_out", "OptOut-2026", "optOuts", "opted out", "Opted-Out",
    "do not contact", "doNotContact", "Do_Not_Email", "DNC", "dnc-list", "DNCList",
    "Suppression List", "suppression_list", "suppressed (1)", "blocklisted_contacts",
    "BlackList", "blacklist", "Blocklist", "blacklisted", "cleaned members", "CleanedMembers",
    "suppression_bounces", "suppression_group_unsubscribes", "hard_bounces 2025", "spam complaints",
    "bounced-contacts", "Abmeldungen Mai", "Newsletterabmeldungen", "Sperrliste", "Robinsonliste",
    "désinscrits", "desabonnes_2025", "Liste noire", "ne pas contacter", "bajas 2024",
    "Dados de baja", "lista negra", "Disiscritti", "cancellati", "descadastrados",
    "uitschrijvingen", "afmeldingen", "wypisani", "czarna lista", "avregistrerade",
    "spärrlista", "afmeldte",
    "avmeldinger", "estolista", "peruneet", "odhlášení", "dezabonați", "leiratkozók",
    "abonelikten çıkanlar", "kara liste", "отписавшиеся", "чёрный список", "відписані",
    "配信停止リスト", "除外リスト", "退订客户", "黑名单", "수신거부 명단", "إلغاء الاشتراك",
    "cleaned_email_audience_export_1a2b", "cleaned_segment_export_2", "suppressionlist", "suppress",
    "removal requests", "remove-list", "blocked contacts", "gdpr_deletion_requests", "exclude list",
    "Opposition RGPD", "STOP emailing", "perutut",
]  # fmt: skip
OTHERS = [
    "subscribed_members_export", "people", "resubscribed", "cleaned", "cleaned list",
    "nonsubscribed", "opt ins", "do contact", "dncx", "contacts",
    "leads-without-unsubscribed", "dnc-checked-leads", "leadsWithoutUnsubscribed", "no-bounces",
    "leads_dnc_scrubbed", "dnc-clean", "bounce-free", "excluding opt-outs", "never-bounced",
    "leads minus unsubscribes", "unsubscribed-removed", "non-opted-out", "not-blacklisted",
    "ohne Abmeldungen", "Kunden ohne abgemeldete", "Sperrliste bereinigt", "sans désinscrits",
    "hors liste noire", "sin bajas", "senza disiscritti", "sem descadastrados",
    "zonder afmeldingen", "bez wypisanych", "utan avregistrerade", "uden afmeldinger",
    "uten avmeldinger",
    "ilman peruneet", "без отписавшихся", "без відписаних", "配信停止除外", "退订已排除",
    "수신거부 제외", "dynamics-donotemail", "bounced-reason", "header-nao-contatar",
    "Fire Suppression Companies", "checked against DNC", "leads vs dnc",
    "Suppression list applied", "contacts net of unsubscribes",
    "unsubs taken out", "Baja California", "exclusive leads", "resubscribers",
    "abonnenten", "stop-smoking leads",
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("inbox/unsubscribed/people.csv", False),
        ("inbox/spring/unsubscribed/2025-03.csv", True),
        ("inbox/spring/2025/no-unsubscribed/03.csv", False),
        *((f"inbox/spring/{name}.csv", True) for name in LISTS),
        *((f"inbox/spring/{name}.csv", False) for name in OTHERS),
    ],
)
def test_a_file_of_people_who_opted_out_is_known_by_its_name(key: str, expected: bool) -> None:
    assert is_list_of_opt_outs(key) is expected


def people(*rows: tuple[str, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_who_opted_out_is_suppressed_and_never_sent() -> None:
    world = World()
    content = people(
        ("Email", "Unsubscribed"), ("a@example.com", "no"), ("b@example.com", "2026-01-01")
    )

    job = world.process(content)

    assert (job.counts["confirmed"], job.counts["suppressed"]) == (1, 1)
    assert world.script.sent_rows == {1: 1}
    assert world.outcomes(job)[2].outcome is Outcome.SUPPRESSED
    assert world.outcomes(job)[2].reason == "opted_out"


def test_nothing_of_a_list_of_unsubscribed_people_is_sent() -> None:
    world = World()

    job = world.process(people(("Email",), ("a@example.com",), ("b",)), "unsubscribed_export.csv")

    assert job.counts["suppressed"] == 2
    assert job.state == "succeeded"
    assert job.reason == "unsubscribed_list"
    assert [warning.code for warning in job.warnings] == ["unsubscribed_list"]
    assert not world.script.sent_rows


def test_an_invalid_row_that_opted_out_is_suppressed() -> None:
    world = World()

    job = world.process(people(("Email", "Opt out"), ("", "yes"), ("bo@example.com", "")))

    assert world.outcomes(job)[1].reason == "opted_out"
    assert job.counts["invalid"] == 0


def test_who_opted_out_is_not_sent_from_a_later_row_either() -> None:
    world = World()
    content = people(
        ("Email", "Opt out"), ("a@example.com", "yes"), ("A@example.com", ""), ("b@example.com", "")
    )

    job = world.process(content)

    assert world.script.sent_rows == {3: 1}
    assert world.outcomes(job)[2].reason == "duplicate_of_row_1"
