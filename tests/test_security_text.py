"""The walk through the ASVS is whole, and each test that it leans on is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")

# Level 1 of ASVS 5.0.0: the requirements of every section.
LEVEL_1 = {
    "1.2": (1, 2, 3, 4, 5), "1.3": (1, 2), "1.5": (1,), "2.1": (1,), "2.2": (1, 2), "2.3": (1,),
    "3.2": (1, 2), "3.3": (1,), "3.4": (1, 2), "3.5": (1, 2, 3), "4.1": (1,), "4.4": (1,),
    "5.2": (1, 2), "5.3": (1, 2), "6.1": (1,), "6.2": (1, 2, 3, 4, 5, 6, 7, 8), "6.3": (1, 2),
    "6.4": (1, 2), "7.2": (1, 2, 3, 4), "7.4": (1, 2), "8.1": (1,), "8.2": (1, 2), "8.3": (1,),
    "9.1": (1, 2, 3), "9.2": (1,), "10.4": (1, 2, 3, 4, 5), "11.3": (1, 2), "11.4": (1,),
    "12.1": (1,), "12.2": (1, 2), "13.4": (1,), "14.2": (1,), "14.3": (1,), "15.1": (1,),
    "15.2": (1,), "15.3": (1,),
}  # fmt: skip


def rows() -> Iterator[list[str]]:
    """Cells of the tables of requirements."""
    for line in TEXT.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if line.startswith("|") and re.match(r"\d+\.\d+\.\d+", cells[0]):
            yield cells


def test_every_requirement_of_level_1_stands_there_once() -> None:
    wanted = {f"{section}.{each}" for section, all_ in LEVEL_1.items() for each in all_}
    found = [each for cells in rows() for each in cells[0].split(", ")]
    assert len(wanted) == 70
    assert sorted(found) == sorted(wanted)


def test_every_requirement_has_an_answer() -> None:
    for cells in rows():
        assert len(cells) == 4, cells
        assert cells[1]
        assert len(cells[2]) > 3, cells


def test_the_tests_that_it_names_exist() -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", TEXT))
    assert len(named) > 10
    assert [each for each in sorted(named) if not (TESTS / each).is_file()] == []
