"""Warnings of a job: facts about an upload that people should know, although it was read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from listdrop.models.base import Frozen

UNSUBSCRIBED_LIST = "unsubscribed_list"
UNCLEAR_CONSENT = "unclear_consent"

JOB_WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        UNSUBSCRIBED_LIST: "the file is a list of people who opted out, by its name",
        UNCLEAR_CONSENT: "the values of a column about consent are not understood",
    }
)
"""Every code with its meaning in a few words."""


class JobWarning(Frozen):
    """A warning: its code, and one or two sentences. It may name headers, but never a person."""

    code: str
    text: str
