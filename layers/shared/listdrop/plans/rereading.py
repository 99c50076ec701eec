"""Reads an upload again in the way it was planned, for its result files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from listdrop.models import TableInfo
from listdrop.prospects.recognising import known_headers
from listdrop.tables.heading import Dialect
from listdrop.tables.reading import Row, read_table
from listdrop.tables.spooling import spool
from listdrop.tables.unpacking import receive


def reread(
    chunks: Iterable[bytes], table: str, info: TableInfo, files: ExitStack
) -> tuple[list[str], Iterator[Row]]:
    """Return the header and the rows of an upload, or of one table of an archive.

    `files` closes the temporary files. Raises `UploadRejectedError` if the upload is gone.
    """
    package = receive(chunks)
    files.callback(package.file.close)
    source = spool(package, table, info.encoding)
    files.callback(source.file.close)
    dialect = Dialect(**info.model_dump(include=set(Dialect.model_fields)))
    read = read_table(source, known_headers({}), dialect)
    return read.header, read.rows()
