"""Seeded prospects for the benchmarks: 10 columns, accents, CJK, bad addresses, repeats."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEADER = (
    "First Name",
    "Last Name",
    "Email",
    "Company",
    "Job Title",
    "Phone",
    "LinkedIn URL",
    "City",
    "Country",
    "Notes",
)
_FIRST = (
    "Ana", "Jürgen", "Léa", "Søren", "健", "María José", "Priya", "Tom", "Zoë", "Łukasz", "Olivia",
    "Marcus", "Fatima", "Grace", "Wei",
)  # fmt: skip
_LAST = (
    "Ruiz", "Müller", "O'Neill", "Østergård", "田中", "Fernández", "Shah", "Smith", "D'Arcy",
    "van der Berg", "Kowalski", "Johnson", "Okafor", "Nguyen", "Rossi",
)  # fmt: skip
_COMPANY = (
    "Corp SL", '"Best" Ltd', "Acme, Inc.", "Nordlys AS", "株式会社山本", "Café & Co",
    "Initech GmbH", "Blue Harbour Logistics", "Van Dijk Beheer B.V.", "Umbrella",
    "Meridian Health Partners",
    "Stark Industries", "Contoso", "Northwind Traders",
)  # fmt: skip
_TITLE = (
    "Head of Growth", "CTO", "Geschäftsführer", "VP Sales, EMEA", "営業部長", "Account Executive",
    "Senior Product Marketing Manager", "Founder & CEO", "Revenue Operations Lead",
    "Directeur commercial", "Software Engineer", "Chief of Staff to the CEO",
)  # fmt: skip
_PLACE = (
    ("Madrid", "Spain"), ("München", "Germany"), ("Paris", "France"), ("Oslo", "Norway"),
    ("東京", "Japan"), ("Dublin", "Ireland"), ("San Francisco", "United States"),
    ("Kuala Lumpur", "Malaysia"),
)  # fmt: skip
_DOMAIN = (
    "example.com", "corp.example.es", "acme.example", "nordlys.example.no",
    "initech-gmbh.example.de", "mail.example.org", "northwind.example.net",
)  # fmt: skip

DESTINATIONS: Mapping[str, Mapping[str, Any]] = {
    "activecampaign": {"lists": [1]},
    "kakiyo": {"campaign_id": "c1"},
    "saleshandy": {"step_id": "s1"},
    "waalaxy": {"prospect_list_id": "l1"},
    "which50": {"contact_list_id": 42},
}
"""The least that a destination of each provider needs."""


def write_prospects(path: Path, rows: int, seed: int = 1) -> Path:
    """Write `rows` rows: 2 % bad addresses, 3 % repeats, 1 % multi-line cells."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(prospects(rows, seed))
    return path


def prospects(rows: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield rows."""
    chance = random.Random(seed)  # noqa: S311 # test data
    for number in range(rows):
        who = chance.randrange(number) if number and chance.random() < 0.03 else number
        email = f"first.last{who}@{_DOMAIN[who % len(_DOMAIN)]}"
        if chance.random() < 0.02:
            email = chance.choice(("", email.replace("@", ""), email.replace("@", " @")))
        city, country = chance.choice(_PLACE)
        yield (
            chance.choice(_FIRST),
            chance.choice(_LAST),
            email,
            chance.choice(_COMPANY),
            chance.choice(_TITLE),
            f"+34 600 {who % 1000:03d} {who % 997:03d}",
            f"https://www.linkedin.com/in/first-last-{who * 2654435761 % (1 << 32):08x}",
            city,
            country,
            "met at the fair\ncall back in spring" if chance.random() < 0.01 else "",
        )
