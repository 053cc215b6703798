"""Habits of programs and journals that look odd and are honest: none is called inconsistent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.honest_papers.papers import Paper
from tests.reference import loader

from vertebrisk._types import Json
from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.printed import count_and_percent

PRINTS = loader.load("prints")
N, EVENTS = 200, 68


def document(
    rows: list[Json] | None = None,
    coefficients: list[Json] | None = None,
    statistics: list[Json] | None = None,
    sizes: tuple[int, int] = (N - EVENTS, EVENTS),
    **model: str,
) -> Json:
    """A paper of one comparison, one regression table, and some numbers of the text."""
    groups = [
        {"name": "Control", "n": str(sizes[0]), "event": False, "total": False},
        {"name": "Case", "n": str(sizes[1]), "event": True, "total": False},
    ]
    table = {"id": "compared", "place": "Table 1", "groups": groups, "missing_told": False}
    shown: list[Json] = [{"variable": "x", "place": "Table 1"} | row for row in rows or []]
    models: list[Json] = []
    if coefficients:
        about: Json = {"id": "final", "kind": "logistic", "place": "Table 2"}
        models = [about | model | {"coefficient": [{"term": "x"} | row for row in coefficients]}]
    names: dict[str, Json] = {row["variable"]: row.get("levels", {}) for row in shown}
    for each in models:
        for row in each["coefficient"]:
            names.setdefault(row["term"], {})
    return {
        "comparisons": [table | {"rows": shown}],
        "design": {
            "kind": "cohort", "model": model.get("kind", "logistic"),
            "n": {"value": str(sum(sizes)), "place": "Abstract"},
            "n_events": {"value": str(sizes[1]), "place": "Abstract"},
        },
        "variables": {
            name: {"label": name, "timing": "preoperative"}
            | ({"levels": list(levels)} if len(levels) > 1 else {})
            for name, levels in names.items() if name != "constant"
        },
        "model": models,
        "statistic": [{"place": "Results"} | each for each in statistics or []],
        "statement": [],
    }  # fmt: skip


def inconsistent(content: Json) -> list[Check]:
    """What the audit calls inconsistent in a paper, whole or pasted as tables."""
    return [
        check
        for pasted in (False, True)
        for check in audit_subjects([Paper(content, pasted).subject()]).inconsistent
    ]


def told(content: Json) -> list[str]:
    return [f"{check.id}, {check.about}: {check.message}" for check in inconsistent(content)]


# ---------------------------------------------------------------- what programs print


@pytest.mark.parametrize(
    "table", PRINTS["models"], ids=[f"{each['habit']}, {each['data']}" for each in PRINTS["models"]]
)
def test_regression_tables_as_programs_print_them(table: Json) -> None:
    assert told(document(coefficients=table["rows"], kind=table["kind"], conf_level="95")) == []


@pytest.mark.parametrize(
    "table", PRINTS["comparisons"], ids=[each["habit"] for each in PRINTS["comparisons"]]
)
def test_comparisons_as_programs_print_them(table: Json) -> None:
    assert told(document(table["rows"], sizes=tuple(table["n"]))) == []


# ---------------------------------------------------------------- regression tables by hand

SPSS_SEPARATED = {
    "level": "Yes", "estimate": "20.302", "std_error": "14210.361", "wald": ".000",
    "p_value": ".999", "ratio": "656123456.8", "conf_low": ".000",
}  # fmt: skip

COEFFICIENTS: dict[str, list[Json]] = {
    "SPSS at separation: huge B, huge SE, no upper limit": [SPSS_SEPARATED],
    "a coefficient that rounds to minus zero": [
        {"estimate": "-0.000", "std_error": "0.001", "p_value": "0.871", "ratio": "1.000",
         "conf_low": "0.998", "conf_high": "1.002"},
    ],
    "an odds ratio that rounds to 0.00 with an interval that does": [
        {"ratio": "0.00", "conf_low": "0.00", "conf_high": "0.02", "p_value": "<0.001"},
    ],
    "a limit that rounds to 1 beside P just below 0.05": [
        {"ratio": "1.05", "conf_low": "1.00", "conf_high": "1.10", "p_value": "0.046"},
    ],
    "a profile interval without 1 beside Wald's P above 0.05": [
        {"estimate": "2.313", "std_error": "1.200", "p_value": "0.054", "ratio": "10.10",
         "conf_low": "1.21", "conf_high": "152.30"},
    ],
    "P = 1.000 beside a ratio of 1": [
        {"ratio": "1.00", "conf_low": "0.42", "conf_high": "2.37", "p_value": "1.000"},
    ],
    "P as a verdict": [
        {"ratio": "2.41", "conf_low": "1.20", "conf_high": "4.85", "p_value": "<0.05"},
    ],
    "an interval with 2 standard errors": [
        {"estimate": "0.800", "std_error": "0.300", "ratio": "2.226", "conf_low": "1.221",
         "conf_high": "4.055"},
    ],
    "digits cut off": [  # B 0.8766, SE 0.3479: OR 2.4027, 1.2149 to 4.7517, Wald 6.3489
        {"estimate": "0.876", "std_error": "0.347", "wald": "6.348", "ratio": "2.402",
         "conf_low": "1.214", "conf_high": "4.751", "p_value": "0.011"},
    ],
    "few digits": [
        {"estimate": "0.9", "std_error": "0.3", "ratio": "2.4", "conf_low": "1.2",
         "conf_high": "4.8", "p_value": "0.01"},
    ],
    "trailing zeros dropped, as Excel does": [
        {"estimate": "0.87", "std_error": "0.35", "ratio": "2.39", "conf_low": "1.2",
         "conf_high": "4.74", "p_value": "0.01"},
    ],
    "reference rows, printed as 1 and left empty": [
        {"term": "muscle", "level": "0-1", "ratio": "1"},
        {"term": "muscle", "level": "2", "ratio": "5.15", "conf_low": "1.61", "conf_high": "23.17"},
        {"term": "sex", "level": "Male"},
        {"term": "sex", "level": "Female", "ratio": "1.3", "conf_low": "0.6", "conf_high": "2.9"},
    ],
    "a factor whose overall P is below that of each level": [
        {"term": "muscle", "level": "", "wald": "7.9", "p_value": "0.019"},
        {"term": "muscle", "level": "2", "estimate": "0.62", "std_error": "0.41",
         "p_value": "0.13"},
        {"term": "muscle", "level": "3-4", "estimate": "-0.58", "std_error": "0.44",
         "p_value": "0.19"},
    ],
    "a ratio per 10 years beside B per year, which the table says": [
        {"term": "age", "level": "", "estimate": "0.0393", "std_error": "0.0210", "ratio": "1.481",
         "conf_low": "0.982", "conf_high": "2.234", "p_value": "0.061", "per": 10.0},
    ],
    "a ratio of the inverse coding, which the table says": [
        {"level": "Yes", "estimate": "-0.800", "std_error": "0.392", "ratio": "2.226",
         "conf_low": "1.032", "conf_high": "4.798", "p_value": "0.041", "per": -1.0},
    ],
    "a constant with its ratio and no interval": [
        {"term": "constant", "level": "", "estimate": "-3.361", "std_error": "0.665",
         "wald": "25.544", "p_value": "0.000", "ratio": "0.035"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("rows", COEFFICIENTS.values(), ids=list(COEFFICIENTS))
def test_odd_rows_of_a_regression_table(rows: list[Json]) -> None:
    assert told(document(coefficients=[{"level": ""} | row for row in rows])) == []


@pytest.mark.parametrize(
    ("level", "low", "high"), [("90", "1.298", "3.817"), ("99", "0.956", "5.180")]
)
def test_intervals_of_another_level(level: str, low: str, high: str) -> None:
    row = {"level": "", "estimate": "0.800", "std_error": "0.328", "ratio": "2.226",
           "conf_low": low, "conf_high": high, "p_value": "0.015"}  # fmt: skip
    assert told(document(coefficients=[row], conf_level=level)) == []


# ---------------------------------------------------------------- comparisons by hand


def counted(levels: dict[str, list[str]]) -> Json:
    """Levels with their cells as printed, such as ``46 (19.9)``."""
    taken = {level: [count_and_percent(cell) for cell in cells] for level, cells in levels.items()}
    return {
        level: {
            "count": [count.text for count, _ in cells],
            "percent": [percent.text for _, percent in cells if percent is not None],
        }
        for level, cells in taken.items()
    }


COMPARED: dict[str, Json] = {
    "percentages of those with a value, 9 of 132 missing": {
        "levels": counted({"No": ["80 (65.0)", "40 (58.8)"], "Yes": ["43 (35.0)", "28 (41.2)"]}),
        "missing": ["9", "0"],
    },
    "percentages of those with a value, silently": {
        "levels": counted({"No": ["80 (65.0)", "40 (58.8)"], "Yes": ["43 (35.0)", "28 (41.2)"]}),
    },
    "percentages of the row": {
        "levels": counted({"No": ["80 (66.7)", "40 (33.3)"], "Yes": ["52 (65.0)", "28 (35.0)"]}),
    },
    "percentages that add up to 99.9 and to 100.1": {
        "levels": counted(
            {
                "a": ["44 (33.3)", "24 (35.3)"],
                "b": ["44 (33.3)", "22 (32.4)"],
                "c": ["44 (33.3)", "22 (32.4)"],
            }
        ),
    },
    "0 and 100 per cent, no test possible": {
        "levels": counted({"No": ["132 (100.0)", "68 (100.0)"], "Yes": ["0 (0.0)", "0 (0.0)"]}),
    },
    "an empty cell with Fisher's P of 1": {
        "levels": counted({"No": ["131 (99.2)", "68 (100.0)"], "Yes": ["1 (0.8)", "0 (0.0)"]}),
        "p_value": "1.000",
        "test": "fisher",
    },
    "one level of two": {"levels": counted({"Yes": ["52 (39.4)", "28 (41.2)"]})},
    "counts of vertebrae, which are more than the patients": {
        "levels": counted({"T4-T10": ["21", "12"], "T11-L2": ["98", "51"], "L3-L5": ["40", "25"]}),
    },
    "Yates's P without a word of it": {
        "levels": counted({"No": ["116 (87.9)", "56 (82.4)"], "Yes": ["16 (12.1)", "12 (17.6)"]}),
        "statistic": "0.73",
        "p_value": "0.39",
    },
    "P of a trend": {
        "levels": counted(
            {
                "a": ["61 (46.2)", "13 (19.1)"],
                "b": ["44 (33.3)", "20 (29.4)"],
                "c": ["27 (20.5)", "35 (51.5)"],
            }
        ),
        "p_value": "<0.001",
    },
    "all values equal": {"mean": ["1.00", "1.00"], "sd": ["0.00", "0.00"]},
    "all values equal in one group": {"mean": ["1.00", "1.13"], "sd": ["0.00", "0.34"]},
    "means without decimals": {"mean": ["73", "75"], "sd": ["9", "8"], "p_value": "0.12"},
    "means of a row with missing values": {
        "mean": ["6.41", "6.57"],
        "sd": ["0.83", "0.65"],
        "missing": ["12", "3"],
    },
    "a skewed variable as mean and SD, tested by ranks": {
        "mean": ["9.1", "13.4"],
        "sd": ["10.3", "21.0"],
        "p_value": "0.31",
    },
    "standard errors, said so": {
        "mean": ["23.92", "23.66"],
        "sd": ["0.31", "0.40"],
        "spread": "se",
    },
    "quartiles that fall together": {
        "median": ["1.0", "1.0"],
        "lower_quartile": ["1.0", "1.0"],
        "upper_quartile": ["1.0", "2.0"],
    },
}


@pytest.mark.parametrize("row", COMPARED.values(), ids=list(COMPARED))
def test_odd_rows_of_a_comparison(row: Json) -> None:
    assert told(document([row])) == []


def test_standard_deviations_that_round_to_zero_in_three_groups() -> None:
    row = {"mean": ["-3", "-3", "-2"], "sd": ["0", "0", "0"], "statistic": "3.26",
           "p_value": "0.044"}  # fmt: skip
    paper = document([row])
    paper["comparisons"][0]["groups"] = [
        {"name": name, "n": n, "event": None, "total": False}
        for name, n in (("A", "24"), ("B", "23"), ("C", "23"))
    ]
    assert told(paper) == []


def test_halves_rounded_to_even() -> None:
    levels = counted({"No": ["175 (88)", "35 (88)"], "Yes": ["25 (12)", "5 (12)"]})
    assert told(document([{"levels": levels}], sizes=(200, 40))) == []


# ---------------------------------------------------------------- numbers of the text

NUMBERS: dict[str, list[dict[str, Any]]] = {
    "AUC with a limit above 1": [
        {"name": "auc", "value": "0.962"}, {"name": "auc_low", "value": "0.915"},
        {"name": "auc_high", "value": "1.009"},
    ],
    "a bootstrap interval, not symmetric": [
        {"name": "auc", "value": "0.78"}, {"name": "auc_low", "value": "0.70"},
        {"name": "auc_high", "value": "0.84"},
    ],
    "AUC and C-index with their own digits": [
        {"name": "auc", "value": "0.7799"}, {"name": "c_index", "value": "0.78"},
    ],
    "sensitivity and specificity of whole patients": [  # 53 of 68, 99 of 132
        {"name": "sensitivity", "value": "77.9%"}, {"name": "specificity", "value": "0.750"},
    ],
    "an AUC that is lower in patients not seen": [
        {"name": "auc", "value": "0.834", "label": "AUC, training set"},
        {"name": "auc", "value": "0.761", "patients": "validation set"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("statistics", NUMBERS.values(), ids=list(NUMBERS))
def test_odd_numbers_of_the_text(statistics: list[Json]) -> None:
    assert told(document(statistics=statistics)) == []


def test_papers_in_which_nobody_has_what_is_counted_do_not_repeat_each_other() -> None:
    nobody = counted({"No": ["132 (100.0)", "68 (100.0)", "200 (100.0)"], "Yes": ["0", "0", "0"]})
    rows = [{"variable": name, "levels": nobody} for name in ("diabetes", "smoking")]
    one = document(rows)
    one["comparisons"][0]["groups"].append(
        {"name": "Total", "n": "200", "event": None, "total": True}
    )
    papers = [replace(Paper(one, False).subject(), id=name) for name in ("first", "second")]
    assert audit_subjects(papers).inconsistent == ()
