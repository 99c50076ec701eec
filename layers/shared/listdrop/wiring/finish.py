"""What the Finish function works with."""

from __future__ import annotations

from functools import cache

from listdrop.aws.messaging import MetricEvents, SnsNotices
from listdrop.aws.rows import DynamoTurnJobs
from listdrop.aws.s3 import S3Uploads
from listdrop.aws.submissions import DynamoEndings
from listdrop.jobs.finishing import FinishPorts
from listdrop.settings import settings
from listdrop.wiring.shared import client, clock, files, links, table, table_client

_READERS = 8
"""A read from S3 takes 20 to 30 ms. So 30,000 batches would take 15 minutes, one by one."""

_WRITERS = 4
"""A request takes about 10 ms for 25 row items, so four write more than a new table takes."""


@cache
def finish_ports() -> FinishPorts:
    """Return the ports of the Finish function."""
    return FinishPorts(
        uploads=S3Uploads(client("s3")),
        jobs=DynamoTurnJobs(table(), table_client(), clock()),
        endings=DynamoEndings(table()),
        files=files(),
        notices=SnsNotices(client("sns"), settings().results_topic_arn),
        clock=clock(),
        events=MetricEvents(settings().stack_name),
        links=links(),
        readers=_READERS,
        writers=_WRITERS,
    )
