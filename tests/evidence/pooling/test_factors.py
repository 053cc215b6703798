"""The mapping of factors: the package's own, a user's before it, and files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.evidence.pooling.papers import altered, residual_pain

from vertebrisk.errors import DataError, PaperError
from vertebrisk.evidence.library import library, library_study
from vertebrisk.evidence.pooling.factors import (
    Factor,
    FactorName,
    factor,
    house_factors,
    load_factors,
    named,
)

OWN = """
schema_version = 1

[factor.intravertebral_cleft]
label = "Cleft or fluid"
compares = "either against neither"

[[factor.intravertebral_cleft.name]]
variable = "liquefaction"
level = "Yes"
reference = "No"
study = "anonymous2020"
reason = "taken together here"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "factors.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_entry_of_the_package_has_its_reason_and_both_languages() -> None:
    for name, each in house_factors().items():
        assert each.label.zh, name
        assert each.compares.zh, name
        assert all(entry.reason for entry in each.name), name
        assert all(entry.reason for entry in each.exclude), name


def test_every_variable_of_the_mapping_is_found_where_the_library_has_it() -> None:
    found = {
        (name, study.id)
        for name, each in house_factors().items()
        for study in library()
        if isinstance(named(each, study), FactorName)
    }
    assert {("fascia_injury", study) for study in ("li2021", "anonymous2020", "anonymous2024")} <= (
        found
    )
    assert {study for name, study in found if name == "cement_distribution"} == {
        "li2021", "anonymous2020", "anonymous2021", "anonymous2024",
    }  # fmt: skip
    assert ("intravertebral_cleft", "anonymous2020") not in found
    assert ("age", "li2021") not in found  # age in classes


def test_a_users_entries_come_before_the_packages(tmp_path: Path) -> None:
    own = load_factors(written(tmp_path, OWN))
    merged = factor("intravertebral_cleft", own, residual_pain())
    assert merged.label.text("en") == "Cleft or fluid"
    entry = named(merged, library_study("anonymous2020"))
    assert isinstance(entry, FactorName)
    assert entry.reason == "taken together here"
    assert isinstance(named(merged, library_study("li2021")), FactorName)  # the package's
    assert isinstance(named(factor("intravertebral_cleft", {}, []), library_study("li2021")),
                      FactorName)  # fmt: skip


def test_a_name_outside_the_mapping_is_a_variable() -> None:
    alone = factor("diabetes", {}, residual_pain())
    assert alone.compares.text("en") == "Yes against No"
    assert isinstance(named(alone, library_study("li2021")), FactorName)
    assert factor("avhr", {}, residual_pain()).name[0].per == 1.0
    with pytest.raises(DataError, match=r"'age_group' has 4 levels.*--factors"):
        factor("age_group", {}, residual_pain())
    with pytest.raises(DataError, match=r"'fascia_injry' is neither.*Did you mean 'fascia_injury'"):
        factor("fascia_injry", {}, residual_pain())


def test_two_variables_that_could_be_the_factor_are_not_chosen_between() -> None:
    def twice(document: dict[str, Any]) -> None:
        document["variables"]["fascia_injury"] = document["variables"]["tfi"]

    found = named(house_factors()["fascia_injury"], altered("anonymous2020", twice))
    assert isinstance(found, str)
    assert "'tfi', 'fascia_injury' could each be the factor" in found


def test_levels_are_known_whatever_their_case_and_unknown_ones_are_told() -> None:
    def coded(*levels: str) -> Any:
        def change(document: dict[str, Any]) -> None:
            document["variables"]["tfi"] |= {
                "levels": list(levels),
                "level_labels": {},
                "level_codings": {},
            }
            document["compared"], document["model"] = [], []

        return altered("anonymous2020", change)

    fascia = house_factors()["fascia_injury"]
    assert isinstance(named(fascia, coded("no", "yes")), FactorName)
    found = named(fascia, coded("0", "1"))
    assert isinstance(found, str)
    assert "coded in a way that the mapping does not know (0, 1)" in found


def entry(line: str) -> str:
    return (
        'schema_version = 1\n[factor.x]\nlabel = "X"\ncompares = "a"\n[[factor.x.name]]\n'
        f'variable = "x"\n{line}\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema_version = 1\n[factor.x]\nlabel = 'X'\ncompares = 'a'\n", "no .*name.* says which"),
        (entry('level = "Yes"\nreference = "No"'), "reason"),
        (entry('level = "Yes"\nreason = "r"'), "both level and reference are needed"),
        (entry('reason = "r"'), "either level and reference are needed, or per"),
        (entry('per = 1\nlevel = "a"\nreason = "r"'), "either level and reference"),
        (entry('per = 0\nreason = "r"'), "cannot be 0"),
        (entry('per = nan\nreason = "r"'), "cannot be 0"),
        (entry('level = "Yes"\nreference = "yes"\nreason = "r"'), "both level and reference"),
        (entry('levl = "Yes"\nreference = "No"\nreason = "r"'), "Did you mean 'level'"),
        ("schema_version = 2\n", "schema_version"),
        ("[factor", "not valid TOML"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PaperError, match=message):
        load_factors(written(tmp_path, text))


def test_a_mapping_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The mapping of factors .* does not exist"):
        load_factors(tmp_path / "none.toml")


def test_a_mapping_is_plain_data() -> None:
    assert all(isinstance(each, Factor) for each in house_factors().values())
