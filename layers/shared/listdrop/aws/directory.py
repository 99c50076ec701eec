"""Lists routes and accounts from SSM and Secrets Manager. It never reads a secret's value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from listdrop.models import StoredAccount, StoredRoute

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_ssm.client import SSMClient


class AwsDirectory:
    """The directory port: parameters under `/<stack>/routes/`, secrets named `<stack>/...`."""

    def __init__(self, stack: str, ssm: SSMClient, secrets: SecretsManagerClient) -> None:
        self._stack = stack
        self._ssm = ssm
        self._secrets = secrets

    def routes(self) -> Sequence[StoredRoute]:
        """See the port."""
        folder = f"/{self._stack}/routes/"
        pages = self._ssm.get_paginator("get_parameters_by_path").paginate(
            Path=folder, WithDecryption=True
        )
        found = [
            StoredRoute(
                name=each["Name"].removeprefix(folder),
                text=each["Value"],
                changed_at=each["LastModifiedDate"],
            )
            for page in pages
            for each in page["Parameters"]
        ]
        return sorted(found, key=lambda route: route.name)

    def accounts(self) -> Sequence[StoredAccount]:
        """See the port. Secrets with other names are left out."""
        prefix = f"{self._stack}/"
        pages = self._secrets.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [prefix]}]
        )
        found = []
        for page in pages:
            for each in page["SecretList"]:
                stack, _, name = each["Name"].partition("/")
                provider, _, account = name.partition("/")
                if stack == self._stack and account and "/" not in account:
                    changed_at = each.get("LastChangedDate", each["CreatedDate"])
                    found.append(StoredAccount(provider, account, changed_at))
        return sorted(found, key=lambda account: (account.provider, account.name))
