"""Table 4 of Li 2021: what it says of the four risk factors, and who could have made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.evidence.patterns import (
    PrintedModel,
    area_under_curve,
    find_counts,
    find_events,
    fit_patterns,
)
from vertebrisk.evidence.readings import Reading, check_reading

RISK_FACTORS: Mapping[str, tuple[str, ...]] = {
    "ivc": ("No", "Yes"),
    "fascia_oedema": ("No", "Yes"),
    "goutallier": ("0-1", "2", "3-4"),
    "cement_distribution": ("Blocky", "Spongy"),
}


@dataclass(frozen=True, slots=True, eq=False)
class RiskFactors:
    """The four risk factors over their 24 patterns, as found by the integer programme.

    `levels` is one row a pattern (positions in `RISK_FACTORS`), `patients` and `events`
    the numbers per pattern. `printed` is the table in its consistent reading.
    """

    levels: IntArray
    printed: PrintedModel
    patients: IntArray
    events: IntArray


def pattern_levels() -> IntArray:
    """Positions of the levels of each risk factor in its 24 combinations, shape (24, 4)."""
    ranges = [range(len(levels)) for levels in RISK_FACTORS.values()]
    return np.array(list(product(*ranges)), dtype=np.int64)


def table_4(printed: Mapping[str, Any], *, cement_reference: str = "Blocky") -> PrintedModel:
    """Table 4 with the margins of Tables 2 and 3, in its consistent reading.

    Coefficients are the logarithms of the printed odds ratios, which carry more digits
    than B and are free of its misprints; -3.361 belongs to blocky cement. With spongy
    cement as `cement_reference` the result is the naive reading: the odds ratio of
    blocky cement upon -3.361 taken for the constant of spongy cement.
    """
    levels = pattern_levels()
    rows = _table_4_rows(printed)
    counts = {row["variable"]: row.get("levels", {}) for row in printed["compared"]}
    columns = [np.ones(len(levels))]
    patients = [sum(float(group["n"]) for group in printed["groups"])]
    events = [float(printed["groups"][1]["n"])]
    beta = [float(rows[0]["estimate"])]
    terms = [
        (factor, level, position, place)
        for position, (factor, names) in enumerate(RISK_FACTORS.items())
        for place, level in enumerate(names)
        if level != (cement_reference if factor == "cement_distribution" else names[0])
    ]
    for (factor, level, position, place), row in zip(terms, rows[1:], strict=True):
        columns.append((levels[:, position] == place).astype(np.float64))
        seen = [float(count) for count in counts[factor][level]["count"]]
        patients.append(sum(seen))
        events.append(seen[1])
        log_ratio = float(np.log(float(row["ratio"])))
        beta.append(-log_ratio if level == "Spongy" else log_ratio)
    return PrintedModel(
        design=np.column_stack(columns),
        patients=np.array(patients),
        events=np.array(events),
        coefficients=np.array(beta),
        std_errors=np.array([float(row["std_error"]) for row in rows]),
    )


def _table_4_rows(printed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Rows with an estimate, the constant first, then in the order of `RISK_FACTORS`."""
    rows = [row for row in printed["model"][0]["coefficient"] if "estimate" in row]
    order = ["constant", *RISK_FACTORS]
    return sorted(rows, key=lambda row: order.index(row["term"]))


def readings(printed: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Table 4 read naively, as printed, and consistently: what each implies.

    The first two take B as printed, oedema's 1.337 with it; with 1.377 they predict
    more events still. The naive one adds 0.800 for blocky cement to the printed
    constant, the second subtracts it.
    """
    consistent, other = table_4(printed), table_4(printed, cement_reference="Spongy")
    as_printed = np.array([float(row["estimate"]) for row in _table_4_rows(printed)])
    naive = np.append(as_printed[:-1], -as_printed[-1])
    cases = (
        ("blocky +0.800 upon the constant -3.361", other, naive),
        ("blocky -0.800 upon the constant -3.361", other, as_printed),
        ("spongy -0.800 upon blocky's constant", consistent, consistent.coefficients),
    )
    return tuple(
        check_reading(label, model.design, model.patients, model.events, coefficients)
        for label, model, coefficients in cases
    )


def solve_risk_factors(printed: Mapping[str, Any]) -> RiskFactors:
    """Numbers of patients and events per pattern that give Table 4 and the printed AUC."""
    model = table_4(printed)
    total, n_events = model.patients[0], model.events[0]
    share = model.patients / total
    levels = pattern_levels()
    shares = [[1 - share[1], share[1]], [1 - share[2], share[2]]]
    shares.append([1 - share[3] - share[4], share[3], share[4]])
    shares.append([1 - share[5], share[5]])
    independent = total * np.prod(
        [np.array(each)[levels[:, i]] for i, each in enumerate(shares)], axis=0
    )
    counts = find_counts(model, independent)
    auc = max((row["value"] for row in printed["statistic"] if row["name"] == "auc"), key=len)
    pairs = n_events * (total - n_events)
    concordant = round(2 * float(auc) * pairs) / 2
    return RiskFactors(
        levels, model, counts, find_events(model.design, counts, model.events, concordant)
    )


def closeness(factors: RiskFactors) -> Json:
    """How near the found numbers come to Table 4: found, printed and difference of each."""
    model = factors.printed
    fit = fit_patterns(model.design, factors.patients.astype(np.float64), model.events)
    names = ["constant (blocky)", "ivc", "fascia_oedema", "goutallier 2", "goutallier 3-4"]
    names.append("cement (spongy)")
    auc = area_under_curve(model.design @ fit.coefficients, factors.patients, factors.events)
    return {
        "coefficients": _differences(names, fit.coefficients, model.coefficients),
        "std_errors": _differences(names, fit.std_errors, model.std_errors),
        "auc": auc,
    }


def _differences(names: Sequence[str], found: FloatArray, printed: FloatArray) -> Json:
    return {
        name: (float(one), float(other), float(one - other))
        for name, one, other in zip(names, found, printed, strict=True)
    }
