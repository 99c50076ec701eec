"""Country calling codes: how many digits their numbers have, and where a zero belongs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

_LONGEST: Mapping[str, int] = {
    code: digits
    for digits, codes in {
        10: "45 47 65 501",
        11: """1 7 27 32 33 34 36 40 41 46 48 51 56 61 66 93 94 216 222 223 226 227 228 230 232 235
            236 241 253 257 266 267 268 350 356 357 370 371 372 373 374 382 386 389 502 503 504 505
            506 507 509 591 598 852 853 961 965 968 973 974 975 993""",
        12: """20 30 44 52 53 57 58 60 63 64 81 82 84 90 91 92 95 98 211 212 213 218 220 221 224 231
            233 237 240 242 244 245 249 250 251 252 254 255 256 258 260 261 262 263 264 265 351 354
            355 359 375 376 377 380 385 387 420 421 423 593 595 855 886 962 963 966 967 970 971 992
            994 995 996 998""",
        13: "31 54 55 86 225 229 234 243 353 358 378 850 856 880 964 976 977",
    }.items()
    for code in codes.split()
}
"""The most digits of a usual telephone number, with the code: of a person's or an office's. Codes
with longer numbers are left out."""

_OLD_MEXICAN, _LONGEST_OLD_MEXICAN = "+521", 13
"""Mexican mobile numbers had a 1 after the code until 2019, and are still written so."""

_WITH_ZERO = ("39", "225", "241", "242", "378")
"""Codes whose numbers keep the zero that others leave out: Italy's, for example."""


def is_too_long(number: str) -> bool:
    """Whether a number, a plus and digits, is longer than the usual ones of its country."""
    if number.startswith(_OLD_MEXICAN):
        return len(number) - 1 > _LONGEST_OLD_MEXICAN
    return any(len(number) - 1 > _LONGEST.get(number[1:end], len(number)) for end in (2, 3, 4))


_START = itemgetter(slice(4))
"""The plus and the digits that a code has at most."""


def any_too_long(numbers: Sequence[str]) -> bool:
    """Whether any of many numbers is too long: few differ in their first digits and length."""
    shapes = set(zip(map(_START, numbers), map(len, numbers), strict=True))
    return any(is_too_long(first.ljust(length, "0")) for first, length in shapes)


def keeps_zero(number: str) -> bool:
    """Whether a zero in brackets after a number's code belongs to it; not in an Italian mobile."""
    code = number.lstrip("+([ ").removeprefix("00")
    return code.startswith(_WITH_ZERO)
