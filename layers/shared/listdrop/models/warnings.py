"""Warnings of a job: what somebody should know about an upload that was not rejected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from listdrop.models.base import Frozen

UNSUBSCRIBED_LIST = "unsubscribed_list"
UNCLEAR_CONSENT = "unclear_consent"

JOB_WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        UNSUBSCRIBED_LIST: "the file is a list of people who opted out, by its name",
        UNCLEAR_CONSENT: "what a column says about consent is not understood",
    }
)
"""Every code, and what it means in a few words."""


class JobWarning(Frozen):
    """A warning: its code, and one sentence or two. It names headers, and never a person."""

    code: str
    text: str
