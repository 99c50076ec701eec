"""E-mail addresses as they stand in cells: what is sent of them, or why they are not."""

from __future__ import annotations

_LABEL = "b" * 63

# Sent as they are.
GOOD = """
ada@example.com|a@b.co|ADA@EXAMPLE.COM|Ada.Lovelace@Example.Com|ada.lovelace@example.co.uk
ada+list@example.com|ada+a+b@example.com|ada-l@example.com|ada_l@example.com|_@example.com
-@example.com|1@example.com|123456@example.com|a1b2@example.com|o'rourke@example.com
!@example.com|#@example.com|$@example.com|%@example.com|&@example.com
+@example.com|/@example.com|=@example.com|?@example.com
~@example.com|!#$%&'+-/=?_~@example.com|ada@exam-ple.com|ada@e.xample.com
ada@a.b.c.d.e.example.com|ada@1.com|ada@123.com|ada@1a.com|ada@a1.com|ada@example.museum
ada@example.photography|ada@example.travelersinsurance|ada@xn--mller-kva.de|ada@example.xn--p1ai
ada@a--b.com|ada@example.test|ada@example.local|ada@example.invalid|ada@mail.example
jürgen@example.com|josé.garcía@example.es|ада@example.com|ада@пример.рф|用户@例子.广告|ada@müller.de
θσερ@εχαμπλε.ψομ|ada@例え.テスト|チサ@example.jp|भारत@example.in|ada@straße.example|null@example.com
none@example.com|undefined@example.com|noreply@example.com|postmaster@example.com|a.b.c.d@example.com
x@x.xx|ada=example.org@example.com|ada%example.org@example.com|ada/lovelace@example.com
customer/department=shipping@example.com|1234567890@example.com|very.common@example.com
disposable.style.email.with+symbol@example.com|other.email-with-hyphen@example.com
fully-qualified-domain@example.com|user.name+tag+sorting@example.com|x@example.com
example-indeed@strange-example.com|admin@mailserver1.example|mailhost!username@example.org
""".replace("\n", "|").strip("|").split("|")  # fmt: skip
GOOD += [
    "a" * 64 + "@example.com",
    f"ada@{_LABEL}.com",
    f"{'a' * 64}@{_LABEL}.{_LABEL}.{'c' * 57}.com",
    f"ada@{'a.' * 100}com",
]

# What is around the one address is taken off, and the first of several counts.
TIDIED = [
    " ada@example.com", "ada@example.com ", "\tada@example.com\t", "ada@example.com\n",
    "\u00a0ada@example.com\u00a0", "\u200bada@example.com", "ada@example.com\ufeff",
    "a\u00adda@example.com", "\u2060ada@example.com\u200d", "mailto:ada@example.com",
    "MAILTO:ada@example.com", "mailto: ada@example.com", "<ada@example.com>",
    "Ada <ada@example.com>", "Ada Lovelace <ada@example.com>", '"Lovelace, Ada" <ada@example.com>',
    "'ada@example.com'", '"ada@example.com"', "(ada@example.com)", "[ada@example.com]",
    "ada@example.com.", "ada@example.com,", "ada@example.com;", ";ada@example.com",
    "ada@example.com, grace@example.com", "ada@example.com; grace@example.com",
    "ada@example.com grace@example.com", "ada@example.com|grace@example.com",
    "ada@example.com\ngrace@example.com", "n/a; ada@example.com", "ada@, ada@example.com",
    "ada@example.com (work)", "ada@example.com / -", "work: ada@example.com",
    "Ada <ada@example.com>, Grace <grace@example.com>", "<mailto:ada@example.com>",
    "'@ada@example.com, ada@example.com", "ada&#64;example.com", "&lt;ada@example.com&gt;",
    "=ada@example.com", "+ada@example.com", "/ada@example.com", "%20ada@example.com",
]  # fmt: skip

EMPTY = [
    "", " ", "\t", "\u00a0", "\u200b", "\ufeff", "n/a", "N/A", "NA", "n.a.", "null", "NULL", "None",
    "nil", "NaN", "-", "--", "\u2013", "\u2014", "?", ".", "#N/A", "(none)", "(blank)", "undefined",
    "unknown", "Not available", "[not provided]", "#REF!", "#VALUE!", "#NAME?",
]  # fmt: skip

BAD = [
    "'@example.com",  # the apostrophe is a spreadsheet's guard before the at
    "ada", "@", "@example.com", "ada@", "ada@@example.com", "ada@grace@example.com", "ada@example",
    "ada@localhost", "ada@.com", "ada@.example.com", "ada@example..com", "ada@example.c",
    "ada@example.1", "ada@example.123", "ada@127.0.0.1", "ada@[127.0.0.1]", "ada@[IPv6:::1]",
    "ada@-example.com", "ada@example-.com", "ada@exa_mple.com", "ada@exam!ple.com",
    "ada@example.com-", "ada@ex*mple.com", ".ada@example.com", "ada.@example.com",
    "a..da@example.com", "ada @example.com", "ada@ example.com", "ada@exam ple.com",
    "ada lovelace@example", '"ada"@example', "ada(at)example.com", "ada at example dot com",
    "ada[at]example.com", "ada#example.com", "ada.example.com", "http://example.com",
    "https://www.linkedin.com/in/ada", "ada@example,com", "ada@example;com", "ada@example/com",
    "a\\b@example.com", "ada\x01@example.com", "ada\x7f@example.com", "a:b@example.com",
    "ada@exam\x02ple.com", "ada@example.com@", "@ada@example.com",
    "<ada@example", "Ada <>", "Ada <ada>", "a@b", "ada@example.x1", "ada@üñî", "ada@例え",
    "ada@😀", "0", "1", "true", "@SUM(1)", "=1+1", "+49 151 2345", "....@....", "%@%",
    "ada@%20.com", "x" * 300,
    "a" * 65 + "@example.com",
    f"ada@{'b' * 64}.com", f"ada@{'b.' * 130}com", f"{'a' * 64}@{_LABEL}.{_LABEL}.{_LABEL}.com",
    "ada@xn--.com", "ada@example.com\\", "ada;grace@example.com", "ada,grace@example.com",
    "https://ada@example.com", "$ada@example.com", "ada@ex\u202eample.com",
    # Masks and templates.
    "*@example.com", "^@example.com", "`@example.com", "{@example.com", "}@example.com",
    "a***a@example.com", "{ada}@example.com", "{first}.{last}@example.com", "***da@example.com",
    "ada|grace@example.com", "'ada'@example.com", "assistant: grace@example.com",
]  # fmt: skip

CASES = [
    *((cell, "") for cell in GOOD + TIDIED),
    *((cell, "missing_email") for cell in EMPTY),
    *((cell, "invalid_email") for cell in BAD),
]
"""Each cell, and the reason why its row is not sent: empty where it is."""

"""Cells that do not yet become what they should, and why."""
