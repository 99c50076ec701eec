"""The environment variables, read once. No other module reads them."""

from __future__ import annotations

import os
from functools import cache

from listdrop.models import Frozen


class Settings(Frozen):
    """The functions' settings. Each field is an environment variable, in capitals."""

    stack_name: str
    stage: str
    table_name: str
    results_bucket: str = ""
    results_topic_arn: str = ""
    state_machine_arn: str = ""
    uploads_bucket: str = ""
    submit_queue_url: str = ""
    dashboard_url: str = ""
    """Of a dashboard that people can open, which messages lead to."""
    retention_days: int = 0
    sign_in_issuer: str = ""
    sign_in_client: str = ""
    sign_in_client_secret: str = ""
    """The name of the secret that has it."""
    sign_in_roles_claim: str = ""
    sign_in_people: str = ""
    session_key_secret: str = ""
    """The ARN of the secret that has it."""
    wait_scale: float = 1.0

    @property
    def is_local(self) -> bool:
        """Whether providers may be simulators on a loopback address."""
        return self.stage == "local"

    @property
    def console_region(self) -> str:
        """The region for links to the AWS console, from the topic's ARN; empty: no links.

        A laptop has no console, and partitions other than `aws` have another console address.
        """
        _, partition, _, region, *_ = (*self.results_topic_arn.split(":"), "", "", "", "")
        return region if partition == "aws" and not self.is_local else ""


@cache
def settings() -> Settings:
    """Return this process's settings. Raises `pydantic.ValidationError` if one is missing."""
    names = Settings.model_fields
    return Settings(
        **{name: os.environ[name.upper()] for name in names if name.upper() in os.environ}
    )
