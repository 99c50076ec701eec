"""Gzip, whole and damaged."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator
from itertools import chain, repeat

from tests.unit.tables.hostile.kind import ADA, GRACE, Kind, in_pieces, read, rejected

_TEXT = ("email,first name,linkedin\n" + ",".join(ADA) + "\n" + ",".join(GRACE) + "\n").encode()
_PACKED = gzip.compress(_TEXT, mtime=0)
_BODY = _PACKED[10:]
_ROWS = (ADA, GRACE)


def _changed(at: int) -> bytes:
    content = bytearray(_PACKED)
    content[at] ^= 0xFF
    return bytes(content)


def _with_extras(flags: int, extras: bytes) -> bytes:
    return _PACKED[:3] + bytes([flags]) + _PACKED[4:10] + extras + _BODY


def _whole(name: str, content: bytes) -> Kind:
    return read(name, content, *_ROWS, sent=(2, 2))


def packed_zeros(mebibytes: int) -> bytes:
    """Return this many MiB of zeros, packed to a thousandth of their size."""
    deflate = zlib.compressobj(9, wbits=31)
    return b"".join(deflate.compress(bytes(1 << 20)) for _ in range(mebibytes)) + deflate.flush()


def _bomb_of_spaces() -> Iterator[bytes]:
    deflate = zlib.compressobj(9, wbits=31)
    yield deflate.compress(_TEXT)
    for _ in range(40):
        yield deflate.compress(b" " * (1 << 20))
    yield deflate.flush()


def _bomb_of_members() -> Iterator[bytes]:
    yield _PACKED
    yield from [gzip.compress(b" " * (1 << 20), mtime=0)] * 40


WHOLE = [
    _whole("gzip", _PACKED),
    _whole("gzip without packing", gzip.compress(_TEXT, 0, mtime=0)),
    _whole(
        "gzip of several members",
        gzip.compress(_TEXT[:30], mtime=0) + gzip.compress(_TEXT[30:], mtime=0),
    ),
    _whole("gzip with an empty member first", gzip.compress(b"", mtime=0) + _PACKED),
    _whole("gzip with an empty member last", _PACKED + gzip.compress(b"", mtime=0)),
    _whole("gzip of a hundred empty members", gzip.compress(b"", mtime=0) * 100 + _PACKED),
    _whole("gzip of a member a byte", b"".join(gzip.compress(bytes([b]), mtime=0) for b in _TEXT)),
    _whole("gzip with zeros after it", _PACKED + bytes(512)),
    _whole("gzip with a file name that climbs", _with_extras(8, b"../../etc/passwd\x00")),
    _whole("gzip with extra data and a comment", _with_extras(20, b"\x04\x00xyzzgrace\x00")),
    _whole("gzip of UTF-16", gzip.compress(_TEXT.decode().encode("utf-16"), mtime=0)),
    Kind(
        "gzip that comes a byte at a time",
        lambda: in_pieces(_PACKED, 1),
        rows=2,
        cells={1: ADA, 2: GRACE},
        sent=(2, 2),
    ),
]

DAMAGED = [
    rejected("gzip of nothing", gzip.compress(b"", mtime=0), "empty_file"),
    rejected("gzip of a mark alone", gzip.compress(b"\xef\xbb\xbf", mtime=0), "empty_file"),
    rejected("gzip cut after its magic", _PACKED[:2], "bad_archive"),
    rejected("gzip cut in its head", _PACKED[:8], "bad_archive"),
    rejected("gzip cut in its body", _PACKED[: len(_PACKED) // 2], "bad_archive"),
    rejected("gzip cut before its sum", _PACKED[:-8], "bad_archive"),
    rejected("gzip cut in its sum", _PACKED[:-5], "bad_archive"),
    rejected("gzip with its second member cut", _PACKED + _PACKED[:-6], "bad_archive"),
    rejected("gzip with a wrong sum", _changed(-7), "bad_archive"),
    rejected("gzip with a wrong length", _changed(-1), "bad_archive"),
    rejected("gzip with a changed byte", _changed(20), "bad_archive"),
    rejected("gzip of an unknown method", _changed(2), "bad_archive"),
    rejected("gzip with reserved flags", _with_extras(0xE0, b""), "bad_archive"),
    rejected("gzip with rubbish after it", _PACKED + b"xyzzy", "bad_archive"),
    rejected("gzip with text after it", _PACKED + _TEXT, "bad_archive"),
    rejected("gzip in gzip", gzip.compress(_PACKED, mtime=0), "not_text"),
    rejected(
        "gzip of a picture",
        gzip.compress(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", mtime=0),
        "not_text",
    ),
    Kind("a gzip bomb of zeros", lambda: in_pieces(packed_zeros(40)), reason="too_big"),
    Kind("a gzip bomb of spaces after good rows", _bomb_of_spaces, reason="too_big"),
    Kind("a gzip bomb of many members", _bomb_of_members, reason="too_big"),
]


def _just_under_the_ratio() -> Iterator[bytes]:
    """Pack 1.1 GiB so that no moment expands two hundredfold."""
    noise = random.Random(1).randbytes(8192).hex().encode()  # noqa: S311 # test data
    for _ in range(1100):
        yield gzip.compress(noise + b"x" * ((1 << 20) - len(noise)), mtime=0)


HUGE = [
    Kind("gzip of over 1 GiB, just under the ratio", _just_under_the_ratio, reason="too_big"),
    Kind("a gzip bomb of 10 GiB", lambda: [packed_zeros(64)] * 160, reason="too_big"),
    Kind(
        "gzip with a file name of over 1 GiB",
        lambda: chain([_PACKED[:3] + b"\x08" + _PACKED[4:10]], repeat(b"x" * (1 << 20), 1100)),
        reason="too_big",
    ),
    Kind(
        "gzip of a million empty members",
        lambda: in_pieces(gzip.compress(b"", mtime=0) * 1_000_000 + _PACKED, 1 << 20),
        reason="too_big",
    ),
]
