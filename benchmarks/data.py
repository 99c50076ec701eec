"""Seeded prospects for the benchmarks: 10 columns, accents, CJK, bad addresses, repeats."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

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
_FIRST = ("Ana", "Jürgen", "Léa", "Søren", "健", "María José", "Priya", "Tom", "Zoë", "Łukasz")
_LAST = ("Ruiz", "Müller", "O'Neill", "Østergård", "田中", "Fernández", "Shah", "Smith", "D'Arcy")
_COMPANY = ("Corp SL", '"Best" Ltd', "Acme, Inc.", "Nordlys AS", "株式会社", "Café & Co")
_TITLE = ("Head of Growth", "CTO", "Geschäftsführer", "VP Sales, EMEA", "営業部長")
_CITY = ("Madrid", "München", "Paris", "Oslo", "東京", "Dublin")


def write_prospects(path: Path, rows: int, seed: int = 1) -> Path:
    """Write so many rows: 2 % bad addresses, 3 % repeats, 1 % multi-line cells."""
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
        email = f"person{who}@example.com"
        if chance.random() < 0.02:
            email = chance.choice(("", f"person{who}example.com", f"person {who}@example.com"))
        yield (
            chance.choice(_FIRST),
            chance.choice(_LAST),
            email,
            chance.choice(_COMPANY),
            chance.choice(_TITLE),
            f"+34 600 {who % 1000:03d} {who % 997:03d}",
            f"https://www.linkedin.com/in/person-{who}",
            chance.choice(_CITY),
            "Spain",
            "first line\nsecond line" if chance.random() < 0.01 else "",
        )
