"""Which letters a file has: the right ones, or it is rejected."""

from __future__ import annotations

import pytest

from listdrop.cells.headers import fold
from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Route
from listdrop.tables.encodings import READABLE, RIVALS
from listdrop.tables.languages import languages, languages_of
from listdrop.tables.spooling import Spool, spool
from listdrop.tables.unpacking import receive
from tools.benchmarks.encodings import MOST_REJECTED, corpus, outcome


def spooled(content: bytes, encoding: str | None = None) -> Spool:
    return spool(receive([content]), encoding=encoding)


def told(text: str, encoding: str) -> str:
    """The text as it is read; or the reason why it is not."""
    try:
        source = spooled(text.encode(encoding))
    except UploadRejectedError as rejected:
        return rejected.reason if "UTF-8" in rejected.text else "no advice"
    with source.file:
        source.file.seek(0)
        return source.file.read().decode(source.encoding)


def people(*names: str) -> str:
    return "Name;Email\r\n" + "".join(f"{name};p{at}@x.com\r\n" for at, name in enumerate(names))


POLISH = people("Łukasz Wiśniewski", "Małgorzata Dąbrowska", "Paweł Wójcik", "Żaneta Gołąb")
SLOVENIAN = people("Žiga Kovačič", "Špela Zupančič", "Uroš Krajnc", "Maša Božič")


@pytest.mark.slow
def test_small_files_of_the_corpus_have_the_right_letters_or_none() -> None:
    found = [(file, outcome(file)) for file in corpus(sizes=(2, 10), files=1)]
    assert [file[:3] for file, said in found if said == "wrong"] == []
    rejected = sum(said == "rejected" for _, said in found)
    assert rejected <= 2 * MOST_REJECTED * len(found)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (people("Jürgen Groß"), "cp1252"),
        (people("Zoë", "O\u2019Brien"), "cp1252"),
        (people("Łukasz Wiśniewski", "Małgorzata Dąbrowska"), "cp1250"),
        (people("Юрий Журавлёв", "Анна Тихонова"), "cp1251"),
        (people("Юрий Журавлёв", "Анна Тихонова"), "koi8-r"),
        (people("Ελένη Παπαδοπούλου", "Γιώργος Βλάχος"), "cp1253"),
        (people("Işıl Şahin", "Doğan Yıldız"), "cp1254"),
        (people("张伟", "李娜", "王芳"), "gbk"),
        (people("陳怡君", "林志明"), "big5"),
        (people("佐藤 太郎", "鈴木 花子", "ひかり商事", "田中 さくら"), "shift_jis"),
        (people("김민준", "이서연"), "euc_kr"),
        (people("Jürgen Müller", "Günther Weiß", "Käthe Böhm", "Jörg Groß"), "cp850"),
        (people("Łukasz", "Zoë"), "utf-16-le"),
        (people("Łukasz", "Zoë"), "utf-16-be"),
        (people("佐藤", "鈴木"), "iso2022_jp"),
    ],
)
def test_names_are_read_in_their_encoding(text: str, encoding: str) -> None:
    assert told(text, encoding) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (people("Çağrı Öztürk"), "cp857"),
        (people("Ļubova Bērziņa"), "cp775"),
        (people("Nguyê\u0303n"), "cp1258"),
        (people("Şule"), "mac_turkish"),
        (people("Čeněk Dvořák", "Růžena"), "mac_latin2"),
        (people("Γιώργος"), "cp737"),
    ],
)
def test_names_in_a_rare_encoding_are_not_taken_for_others(text: str, encoding: str) -> None:
    assert told(text, encoding) in (text, "not_text")


@pytest.mark.parametrize("encoding", ["cp1257", "iso8859-13", "cp1250"])
@pytest.mark.parametrize("text", [POLISH, SLOVENIAN])
def test_central_european_names_in_a_baltic_encoding_are_not_read_wrongly(
    text: str, encoding: str
) -> None:
    found = told(text, encoding)
    assert found == text or (encoding != "cp1250" and found == "not_text")


def test_a_route_may_say_the_encoding() -> None:
    text = people("Юрий")
    source = spooled(text.encode("cp855"), "cp855")
    with source.file:
        assert source.encoding == "cp855"


@pytest.mark.parametrize("damage", [b"\xff", b"\xc3", b"\xe2\x82"], ids=repr)
def test_utf_8_with_damaged_letters_is_rejected_and_told_apart(damage: bytes) -> None:
    content = people("Zoë", "Jürgen", "François", "Łukasz", "A?a").encode().replace(b"?", damage)

    with pytest.raises(UploadRejectedError) as rejected:
        spooled(content)

    assert rejected.value.text == "The file is UTF-8 with damaged characters: export it again."


def test_a_byte_order_mark_says_more_than_a_route() -> None:
    source = spooled(people("Zoë").encode("utf-8-sig"), "cp1251")
    with source.file:
        assert source.encoding == "utf-8-sig"


@pytest.mark.parametrize("name", ["cp1251", "shift_jis", "UTF-16", "latin-1", "gb18030"])
def test_a_route_names_an_encoding_of_text(name: str) -> None:
    assert Route(destinations=(Destination(provider="toy"),), encoding=name).encoding == name


@pytest.mark.parametrize("name", ["cp9999", "base64", "rot13", "cp037", "punycode", ""])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must name an encoding"):
        Route(destinations=(Destination(provider="toy"),), encoding=name)


@pytest.mark.parametrize(
    "name",
    [
        "JÃ¼rgen",
        "ZoÃ«",
        "FranÃ§ois",
        "Å\x81ukasz",
        "Ð®Ñ€Ð¸Ð¹",
        "d\u00e2\u20ac\u2122Or",
        "Zo\ufffd",
        "J√ºrgen",
        "JÃƒÂ¼rgen",
        "å±±ç”°",
        "å¤ªéƒŽ",
        "ê¹€ë¯¼ìˆ˜",
    ],
)
def test_letters_that_were_read_wrongly_before_are_warned_of_and_kept(name: str) -> None:
    text = people(name)
    source = spooled(text.encode())
    with source.file:
        assert [warning.code for warning in source.warnings] == ["possible_mojibake"]
        assert name not in source.warnings[0].text or len(name) < 4  # it names nobody
        source.file.seek(0)
        assert source.file.read().decode() == text


@pytest.mark.parametrize(
    "name", ["JOÃO", "Ñandú", "Юрий Рё", "Ângela Â", "½ Ä", "Ð", "张伟", "année « 2024 »"]
)
def test_letters_that_are_right_are_not_warned_of(name: str) -> None:
    source = spooled(people(name).encode())
    with source.file:
        assert source.warnings == ()


def test_every_encoding_has_a_language_and_every_language_a_model() -> None:
    assert all(languages_of(each) for each in (*READABLE, *RIVALS))
    assert all(fold(name) == name for name in languages())
