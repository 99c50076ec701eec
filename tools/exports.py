"""Which words exports use, as tables: `python -m tools.exports` writes `docs/exports.md`.

The tables are made of the data that the code goes by, so the page is never behind it:
`tests/unit/test_exports_page.py` compares the two. To add a part, add a function to `PARTS`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from listdrop.cells.headers import CANONICAL
from listdrop.cells.values import PLACEHOLDERS
from listdrop.prospects.recognising import aliases
from listdrop.prospects.vocabulary import consent_words
from listdrop.tables.encodings import READABLE as CODECS
from listdrop.tables.encodings import RIVALS
from listdrop.tables.languages import languages_of
from listdrop.tables.naming import READABLE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "exports.md"

_TITLE = """# Exports

Written by `python -m tools.exports` from the data that Listdrop goes by; a test compares the two.
"""

_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "sv": "Swedish", "da": "Danish",
    "no": "Norwegian", "fi": "Finnish", "cs": "Czech", "ro": "Romanian", "hu": "Hungarian",
    "tr": "Turkish", "ru": "Russian", "uk": "Ukrainian", "ja": "Japanese", "zh": "Chinese",
    "ko": "Korean", "ar": "Arabic", "sk": "Slovak", "el": "Greek", "bg": "Bulgarian",
    "hr": "Croatian", "sl": "Slovene", "et": "Estonian", "lt": "Lithuanian", "lv": "Latvian",
    "he": "Hebrew", "vi": "Vietnamese", "id": "Indonesian", "ca": "Catalan",
    "sr": "Serbian", "is": "Icelandic",
}  # fmt: skip

_CONSENT = """## Consent

What a file says about who may be written to is decided by columns and values. The words are in
[`consent.toml`](../layers/shared/listdrop/prospects/consent.toml), which is easy to extend. Case,
accents, spaces, `_` and `-` do not matter: `Email Address Is Opted-Out`, `email_opt_out` and
`emailAddressIsOptedOut` are one. In the tables, `a/b` is either word, `[a]` may be missing, `a*`
begins so, `*a*` stands within a word, and `=a` is the whole header or cell.

| Column | A row is `suppressed` (`opted_out`) for | Says nothing | Unclear |
|---|---|---|---|
| opt-out | yes, a date, a number, any other text | no, zero, empty, "subscribed" | any other text |
| bounce | the same | the same | the same; "soft" is sent |
| likely opt-out: `Remove`, `Objection` | yes, a date, words of no | no, zero, empty | other text |
| opt-in | no, zero, what says no | yes, a date, what says yes, empty | other text, "pending" |
| doubtful: opt-in or its end | the same | what says yes, empty | yes, a date, other text |
| validity of an address | no, zero, "invalid" | the rest | |
| status, stage | words of no, and of failed addresses of people | the rest | |
| tags, lists | a tag that is a word of no, or of a failed address | the rest | |
| unclear | words of no and of failed addresses | empty, dates, what says yes | the rest |
| mailing, but no known question | a cell that is nothing but a no of the person | the rest | no |
| anything else | the same | the rest | "not interested" and the like |
| companies, titles, places, topics | a clear no: "do not contact" | the rest | the same |

- Dates mean "since then". Dates that programs write for none (0, 1900-01-00, 1970-01-01, 0001-01-01
  and others) mean nothing.
- A "not" before a word turns it round: "not unsubscribed", "ohne Abmeldung". A word for an end
  makes an opt-out of a header that names a consent or advertising, and nothing else: `Newsletter
  cancelled`, `Werbeverbot`. With other words (`Stop smoking newsletter`), and of a subscription
  that may be paid for, it is doubtful. Words count within a status: "Unsubscribed (manual)",
  "Bounced - Hard".
- A header that asks for something about mailing is that of an opt-in column: `May we send you
  news?`, `Kontakt erwünscht`. Consent to photos or treatments, and what is known of a company
  (`Do they send newsletters`), says nothing.
- A column that is called like a law (`GDPR`, `RGPD`) is an opt-in column if there is nothing but
  yes and no in its first rows, and a no at least. In an opt-in column, the word for none is a no
  beside a yes or the names of newsletters. Beside a no, or where it fills cells of other columns
  too, it is an empty cell.
- In a column that Listdrop does not know, also without a header, and in notes, a cell that is
  nothing but a no of the person counts: "Do not contact", "unsubscribed 3/4/23".
- Companies, places, titles and topics may be called "Bounce", "Stop" or "Unsubscribe". In a column
  of these (`Company`, `City`, `Venue`), such a word says nothing; only a clear no counts.
  In a column of telephone numbers, "DNC" and "do not call" leave out the number.
- A clause is read as a cell is, with small words or with who said so: "Spoke in May. Unsubscribed",
  "DNC per Bob". A no among other words of a short cell is unclear, and "do not call" leaves out the
  number.
- What stands beside an address, a profile or a name in its cell counts, too: `ada@example.com
  (unsubscribed)`, `Lovelace (DNC)`. Of several addresses, one that failed or is old is not used
  if another is left.
- What a column says of another address than the one that is used, such as `Secondary Email Status`,
  leaves the row free if the address failed. Somebody who opted out did so for all addresses.
- A column about telephone calls or text messages only leaves out the telephone number. So does
  their status (`SMS status`), but not a reply to one. Columns about fax, post and cookies say
  nothing.
- What is unclear is named in `listdrop check`, on the job and in its message, as the warning
  `unclear_consent`. Its rows are sent, unless the route says `"unclear_consent": "suppress"`. But a
  text that is not understood in an opt-out or bounce column may be a no, and is in both columns of
  the table: its rows are never sent, whatever the route says, and the warning says so.
- A cell to the right of the last header is read as one without a header. If it is a no, the row is
  `suppressed`, and not `invalid`.
- Addresses and profiles in an opt-out or bounce column are those of people who opted out, wherever
  in the file they stand. If they are not the row's own, it is not sent either, and that is told.
- A file whose name has a word of the last tables is a list of people who opted out, and nothing of
  it is sent, unless another word turns that round. So is a file in a folder that is called just so,
  and one with such a title above its header (`List: Unsubscribes`), or whose sheet is called so.
- A line between the rows with nothing but such words (`=== Opted out ===`) suppresses the people
  below it, up to a line that begins another part (`Customers`).
- A file, a folder, a sheet, a title or such a line that is nothing but a word of the first two
  tables (`Abgemeldet`) counts, too. A reason may follow in such a line: `DNC - legal`.
- In an archive, the people of such a list are suppressed in the other tables, too, and so are those
  who opted out by a row of another table. So are the people of a workbook's other sheets that are
  called so.
"""

_SECTIONS = (
    ("no", "Words of no: headers of opt-out columns, statuses, tags"),
    ("failed", "Words of failed or blocked addresses: headers of bounce columns, statuses, tags"),
    ("tags_of_no", "No, as a whole tag"),
    ("unclear_alone", "Of these, not clear as a whole cell of another column, so that it is told"),
    ("failed_alone", "Words of failed addresses that count as a whole cell of another column"),
    ("like_names", "What is no clear no in a column of companies, places, titles and topics"),
    ("like_products", "Of these, unclear as a whole cell of a column of telephone numbers"),
    ("no_calls", "No to calls, as a whole cell of a column of telephone numbers"),
    ("status_only", "No, as a whole status"),
    ("unclear_failed", "Of calls or leads, too: reported in a status that names no e-mail"),
    ("unclear_status", "The end of an order or a deal, perhaps: reported in a status"),
    ("failed_delivery", "No, only in a status of e-mails"),
    ("of_delivery", "Words of headers of such a status, besides those of e-mail"),
    ("not_of_addresses", "What is said of other things than addresses in a status"),
    ("denied", "No, only in a column about consent"),
    ("granted", "Yes, only in a column about consent"),
    ("open", "Neither yes nor no"),
    ("yes", "Yes"),
    ("not_so", "No"),
    ("none", "None: a no beside a yes or names of newsletters, in an opt-in column"),
    ("negators", "Words that turn round what follows"),
    ("opt_out_columns", "Other headers of opt-out columns"),
    (
        "likely_out_columns",
        "Headers of opt-out columns with texts that may be about something else",
    ),
    ("do_not_call", "Headers of columns that leave out the telephone number"),
    ("opt_in_columns", "Headers of opt-in columns"),
    ("asking", "Words that ask for consent, beside a word of mailing: opt-in columns"),
    ("contacting", "Words of contact, that people are asked for"),
    ("offering", "Words of what people are sent, besides those of e-mail and advertising"),
    ("not_asked", "With one of these, a header of mailing does not ask for consent"),
    ("attending", "Whole headers of who comes, in which a no is none to mail"),
    ("unclear_columns", "Headers that are about consent, and do not say what a yes means"),
    ("laws", "Of these, laws: with nothing but yes and no in their cells, opt-in columns"),
    ("both_ways", "Headers that have both"),
    ("valid_columns", "Headers of columns that say whether an address is valid"),
    ("verified", "What verifiers of addresses say: a column with nothing else is one of theirs"),
    ("verified_mail", "Of these, what is said of nothing but addresses: one of them must be there"),
    ("status_columns", "Words of headers of status columns"),
    ("whole_columns", "Statuses in which only a value counts that says nothing else"),
    ("other_things", "Words of headers of statuses that are not about a person"),
    ("reports", "Words of headers of what is noted of a person, also about a call or a company"),
    ("not_of_people", "Headers with cells that may name consent as a subject"),
    ("topics", "Headers of what may be called like a no: only a clear no counts"),
    ("tag_columns", "Headers of tags and lists"),
    ("texting", "About messages by telephone, of which a status says who wants them"),
    ("pushed", "About messages of apps, which say nothing"),
    ("phone", "About telephone calls"),
    ("post", "About post and the like"),
    ("email", "About e-mail, whatever else"),
    ("never_consent", "Headers that are never about consent"),
    ("consent_after_all", "Headers that are about consent despite one of these words"),
    ("about_something_else", "The same of opt-in columns"),
    ("other_consents", "The same where no word of mailing is beside them"),
    ("noted", "The same of opt-in columns whose header ends with one of these words"),
    ("details", "Headers of opt-outs with texts, which are a no"),
    ("turning", "Words that turn an opt-in header into an opt-out"),
    ("advertising", "Headers of what people may not want, with one of these words"),
    ("plain_words", "Words that may stand beside these"),
    ("possible", "What can be done later, and turns nothing"),
    ("also_paid", "What may be paid for, so that its end is doubtful"),
    ("engaged", "What people did with a newsletter or pay for: statuses, and no consent"),
    ("ends_of_else", "Of what else people opt out: not clear, if nothing of mailing is named"),
    ("accented", "Headers that say so only with their accents"),
    ("circumstances", "Headers of who noted an opt-out, or why: people in it did not opt out"),
    ("dates", "Headers of dates, in which zero says nothing"),
    ("small_words", "Words that may stand between a not and what it turns round"),
    ("files", "Names of lists"),
    ("about_a_column", "Names with such a word name a column, and no list"),
    ("left_out_before", "What turns a name round, before it"),
    ("left_out_after", "What turns a name round, after it"),
    ("undecided", "Words that decide nothing, and are quoted as they are"),
    ("not_for_good", "What makes an instruction about the file of a name, or one for now"),
    ("repaired", "What turns a name of failed addresses round, after it"),
    ("subjects", "What names a subject, and no people"),
    ("subjects_of_cells", "The same in cells, but not in the names of files"),
    ("about_else", "Before a colon: a title names something else"),
    ("beginning_sentences", "At the beginning: a line is no title"),
    ("removal", "What people ask for, as a whole clause of a remark"),
    ("refusing", "What people do not want, with what it is about"),
    ("written_to", "What they do not want: being written to"),
    ("requesting", "What people ask for, with what it is"),
    ("leaving", "What they ask for: the end of being written to"),
    ("speakers", "Who may be named before it"),
    ("beside_wish", "What may stand beside the two in a clause"),
    ("before_no", "What may stand before a no in a clause"),
    ("after_no", "What may stand after it"),
    ("sources", "Before who said so, or where"),
    ("mistakes", "With one of these, a no was none"),
    ("gone", "Beside one of several addresses: it is not the one to use"),
)


def consent() -> Iterator[str]:
    """Yield the lines of the part about consent."""
    yield from _CONSENT.splitlines()
    words = consent_words()
    missing = words.keys() - dict(_SECTIONS).keys()
    if missing:
        raise ValueError(f"sections without a title: {sorted(missing)}")
    for name, title in _SECTIONS:
        rows = ((_LANGUAGES[code], _listed(phrases)) for code, phrases in words[name].items())
        yield from ("", f"### {title} (`{name}`)", "", *_table(("Language", "Words"), rows))


def _listed(phrases: Iterable[str]) -> str:
    return ", ".join(phrase.replace("|", "\\|").replace("*", "\\*") for phrase in phrases)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(row)} |"


_HEADERS = """## Headers

The words are in [`aliases.toml`](../layers/shared/listdrop/prospects/aliases.toml), which is easy
to extend. Case, accents, spaces, `_` and `-` do not matter, nor do invisible marks, an asterisk or
a colon (`First Name*`). Where a file has several columns for a field, the first that is not empty
counts, row by row, in the order of the table. Any other column is a custom field under its own
header.

- **Enrichment tools**: `(Lusha) Work email` and `Work email (Lusha)` are `Work email`, with any of
  the tools below. "Required" and the like may stand in brackets, too.
- **Paths**: of `Emails / Primary Email`, `emails.primaryEmail` or `Contact > Email`, the last part
  counts, if what stands before it is listed below. After a company, only its name and its website
  count. Anything else, such as an owner's address, stays a custom column.
- **Roles**: `Delegate Name`, `Attendee Surname` or `Lead Mobile` is what it is without the word for
  the row's person.
- **Other people**: beside a second person's name (`Secondary Contact`, `Name 2`), further columns
  such as `Email 2` are that person's, and stay custom columns. So do those of a host or a sender
  (`User Email`) beside others, or beside the name of a guest.
- **Addresses**: in a file without any of the headers for `email`, a word for e-mail among words
  that change nothing is one: `Client Email`, `Kontakt E-Mail`. Of two such headers neither counts,
  and beside somebody in another role (`Candidate Name`) a role's address does not.
- **Lists**: `emails/0` and `emails[1]` are `emails`, in this order. Emoji around a header do not
  count.
- **Choices**: a column of addresses or telephone numbers that has only yes and no in the first
  rows, beside another of its field, says whether somebody wants to be written to or called. A
  `Contact` with only yes and no is reported as unclear.
- **Names**: whether a `Name`, `Nom` or `Nombre` is a whole name, a first or a last name is decided
  once for the whole column, by the first rows of the file. Beside a first name it is the last name,
  and the other way round, unless it holds the other part. Alone, it is a whole name if at least
  half of its values have two words. A title or a name beside ratings, reviews or a place's id is a
  business. So is the only name in a row that is its company's, too (`Acme` at `Acme`).
- **Order**: a whole name is read as first name and last name. The last name comes first where the
  header says so, before a comma, where the last names of the column are in capitals, in names
  written in Chinese, Japanese or Korean, in Vietnamese names (`Nguyễn Văn An`), and where the
  e-mail addresses of several employers show it (`first.last@`). What somebody does is no name (`Ada
  Lovelace, Attorney`), and what else stands after two words and a comma is not certain where the
  names of the column have no comma. In Cyrillic, a father's name shows the order (`Иванов Иван
  Иванович`). Where it cannot be known, both are left out, and the whole name is kept.
"""


def headers() -> Iterator[str]:
    """Yield the lines of the part about headers."""
    table = aliases()
    yield from _HEADERS.splitlines()
    fields = ((f"`{name}`", _code(table["fields"][name])) for name in CANONICAL)
    yield from ("", "### Fields", "", *_table(("Field", "Headers"), fields))
    short = (
        (
            _code(each["fields"]),
            _code(dict.fromkeys(each["fields"].values())),
            _code(each["headers"]),
        )
        for each in table["beside"]
    )
    yield from ("", "### Short headers", "")
    yield from ("With their accents, or beside another header of their language:", "")
    yield from _table(("Headers", "Fields", "Beside one of"), short)
    lists = (
        ("A whole name or one part of it", table["names"]["either"]),
        ("Last name first", table["names"]["last_first"]),
        ("Last name first, where people have several", table["names"]["surnames_first"]),
        ("Last name, first name, father's name", table["names"]["patronymic"]),
        ("Particles before a last name", table["names"]["particles"]),
        ("A second last name", table["names"]["second"]),
        ("Between two parts of a name", table["names"]["and"]),
        ("What kind a business is", table["businesses"]["kinds"]),
        ("Beginnings of questions", table["questions"]["starts"]),
        ("The row's person, before or after what it has", table["roles"]["names"]),
        ("The same, only before it", table["roles"]["before"]),
        ("What such a person has", table["roles"]["parts"]),
        ("The same, only after the person", table["roles"]["others"]),
        ("Between the two", table["roles"]["joints"]),
        ("E-mail", table["addresses"]["mail"]),
        ("Beside a word for e-mail", table["addresses"]["neutral"]),
        ("Only before one", table["addresses"]["first"]),
        ("Only after one", table["addresses"]["last"]),
        ("Beside one, for a private address", table["addresses"]["private"]),
        ("Beside one, who the row's person is", table["addresses"]["roles"]),
        ("A business's name, in a list of businesses", table["businesses"]["names"]),
        ("Surely a list of businesses, with one more", table["businesses"]["sure"]),
        ("Perhaps a list of businesses", table["businesses"]["likely"]),
        ("Surely one, if its values are 0 to 5", table["businesses"]["rating"]),
        ("Enrichment tools", table["tools"]["names"]),
        ("In brackets, without a meaning", table["tools"]["harmless"]),
        ("First parts of a path", table["paths"]["neutral"]),
        ("The same, for a company", table["paths"]["company"]),
        ("Last parts of a path, after LinkedIn", table["paths"]["linkedin"]),
        ("Perhaps a host's or a sender's", table["doubtful"]["headers"]),
        ("Perhaps another's, unless alone of their field", table["doubtful"]["alone"]),
        ("What a guest's name begins with", table["doubtful"]["guests"]),
        ("Before a second person's name", table["second_person"]["before"]),
        ("A second person's name", table["second_person"]["headers"]),
        ("In a second person's other headers", table["second_person"]["marks"]),
    )
    listed = ((title, _code(words)) for title, words in lists)
    yield from ("", "### Kinds of headers", "", *_table(("Kind", "Words"), listed))
    empty = sorted({word.casefold() for word in PLACEHOLDERS})
    yield from ("", "### Cells that are empty", "", _code(empty))


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


_FILES = """## Files and encodings

A name ends in one of {readable}, or has no suffix and is text. The encodings:

| Encoding | Of | Read where |
|---|---|---|
| `utf-8` | anything | it is valid, with or without a byte order mark |
| `utf-16` | anything | it has a byte order mark, or a zero in every other byte of ASCII |
| `iso2022_jp` | Japanese e-mail | its escapes tell |"""


def encodings() -> Iterator[str]:
    """Yield the lines of the part about files and encodings."""
    readable = ", ".join(f"`{suffix}`" for suffix in READABLE)
    yield from _FILES.format(readable=readable).splitlines()
    for encoding, of in CODECS.items():
        names = ", ".join(name.title() for name in languages_of(encoding))
        yield f"| `{encoding}` | {of} | its words are like {names} |"
    rare = ", ".join(f"`{name}`" for name in RIVALS)
    yield ""
    yield f"Files in these are not read unless a route's `encoding` names them: {rare}."


PARTS: Sequence[Callable[[], Iterable[str]]] = (headers, consent, encodings)
"""The parts of the page, in order. Each yields lines, of which the first is a title."""


def page() -> str:
    """Return the page."""
    parts = ("\n".join(part()) for part in PARTS)
    return "\n".join((_TITLE, *parts)) + "\n"


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
