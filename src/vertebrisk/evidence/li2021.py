"""The cohort of Li 2021, reconstructed from its printed tables (doi:10.21203/rs.3.rs-468850/v1).

The patients of the paper are not public. This program makes 268 that agree with what was
printed: every count of Tables 1 to 3 in both groups; every mean, SD, t statistic and P;
the coefficients and standard errors of Table 4 under its consistent reading; and the area
under the curve. Run it as ``python -m vertebrisk.evidence.li2021 --out FILE --seed N``.

What the tables do not say is assumed:

- Given the group, a variable is independent of the others, but for the four risk factors
  (whose joint distribution Table 4 fixes), for the anterior height and its ratio to the
  neighbouring bodies (paired so that neighbouring bodies have plausible heights), and for
  the three follow-up VAS readings of one patient.
- Residual pain is a mean of at least 4 over whole-number VAS readings at 24 hours, 3 days
  and 1 month; the readings themselves are drawn, only their side of 4 is known.
- Measurements are recorded in the steps and between the limits of `MEASUREMENTS`.
- The model has spongy cement as its reference for -3.361 - 0.800, and fascia oedema 1.377:
  `readings` shows why the table cannot be read as printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from vertebrisk._files import write_text
from vertebrisk._types import IntArray
from vertebrisk.errors import VertebriskError
from vertebrisk.evidence.continuous import (
    GroupMoments,
    Printed,
    PrintedTest,
    choose_sums,
    make_values,
    reorder_by_rank,
)
from vertebrisk.evidence.li2021_table4 import (
    RISK_FACTORS,
    RiskFactors,
    closeness,
    readings,
    solve_risk_factors,
)
from vertebrisk.evidence.library import library_study

SEED = 20210430
CATEGORIES = (
    "sex",
    "nationality",
    "age_group",
    "diabetes",
    "hypertension",
    "fracture_history",
    "level_group",
    "leakage",
)
VISITS = ("vas_24h", "vas_3d", "vas_1m")
PAIRED_HEIGHTS = 0.95
COLUMNS = (
    "data_kind",
    "patient_id",
    *CATEGORIES[:7],
    "bmi",
    "t_score",
    "vas_pre",
    "odi_pre",
    "avh",
    "avhr",
    "cobb",
    "ivc",
    "fascia_oedema",
    "goutallier",
    "cement_volume",
    "cement_distribution",
    "leakage",
    "avhrr",
    "cobb_change",
    *VISITS,
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """How a continuous variable is recorded: decimals, limits, and the test printed for it."""

    decimals: int
    low: float
    high: float
    test: Literal["student", "welch"] = "student"

    @property
    def step(self) -> float:
        """Recorded precision."""
        return 10.0**-self.decimals

    @property
    def limits(self) -> tuple[int, int]:
        """Limits in steps."""
        return round(self.low / self.step), round(self.high / self.step)


MEASUREMENTS: Mapping[str, Measurement] = {
    "bmi": Measurement(2, 14.5, 36.0),
    "t_score": Measurement(2, -6.5, -2.5),
    "vas_pre": Measurement(0, 4, 9),
    "odi_pre": Measurement(0, 32, 96),
    "avh": Measurement(1, 6.0, 25.0),
    "avhr": Measurement(1, 18.0, 84.0),
    "cobb": Measurement(1, 6.0, 52.0),
    "cement_volume": Measurement(1, 1.5, 8.0),
    "avhrr": Measurement(1, 1.0, 18.0),
    "cobb_change": Measurement(1, -4.0, 22.0, "welch"),
}


def reconstruct(
    printed: Mapping[str, Any], seed: int = SEED, factors: RiskFactors | None = None
) -> pl.DataFrame:
    """The reconstructed cohort: one row a patient, in random order.

    Parameters
    ----------
    printed : mapping
        What the paper prints: the library's study as `PublishedStudy.to_dict` gives it.
    seed : int
        Seed of everything that is drawn; the risk factors' joint numbers are not.
    factors : RiskFactors, optional
        Result of `solve_risk_factors`, if it is at hand.

    Returns
    -------
    polars DataFrame
        Columns as in `COLUMNS`; ``data_kind`` says "reconstructed" in every row.
    """
    rng = np.random.default_rng(seed)
    factors = factors if factors is not None else solve_risk_factors(printed)
    sizes = [int(group["n"]) for group in printed["groups"]]
    compared = {row["variable"]: row for row in printed["compared"]}
    measured = {
        name: _measure(compared[name], sizes, measurement, rng)
        for name, measurement in MEASUREMENTS.items()
    }
    groups = [
        _group(position, size, compared, factors, measured, rng)
        for position, size in enumerate(sizes)
    ]
    table = pl.concat(groups)
    table = table[rng.permutation(table.height)]
    identifiers = [f"LI{number:04d}" for number in range(1, table.height + 1)]
    return table.with_columns(
        pl.Series("patient_id", identifiers), pl.lit("reconstructed").alias("data_kind")
    ).select(COLUMNS)


def _measure(
    row: Mapping[str, Any],
    sizes: Sequence[int],
    measurement: Measurement,
    rng: np.random.Generator,
) -> list[IntArray]:
    """Values of one variable in both groups, in steps."""
    first, second = (
        GroupMoments(size, Printed.parse(mean), Printed.parse(sd))
        for size, mean, sd in zip(sizes, row["mean"], row["sd"], strict=True)
    )
    test = PrintedTest(
        measurement.test, Printed.parse(row["statistic"]), Printed.parse(row["p_value"])
    )
    sums = choose_sums((first, second), measurement.step, test)
    return [make_values(each, measurement.limits, rng) for each in sums]


def _group(
    position: int,
    size: int,
    compared: Mapping[str, Any],
    factors: RiskFactors,
    measured: Mapping[str, list[IntArray]],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """All patients of one group; `position` 0 is without residual pain, 1 with it."""
    columns: dict[str, Any] = {}
    for name in CATEGORIES:
        levels = compared[name]["levels"]
        counts = [int(level["count"][position]) for level in levels.values()]
        columns[name] = rng.permutation(np.repeat(list(levels), counts))
    numbers = factors.events if position else factors.patients - factors.events
    patterns = factors.levels[rng.permutation(np.repeat(np.arange(len(numbers)), numbers))]
    for place, (factor, names) in enumerate(RISK_FACTORS.items()):
        columns[factor] = np.array(names)[patterns[:, place]]
    steps = {name: values[position] for name, values in measured.items()}
    steps["avhr"] = reorder_by_rank(steps["avh"], steps["avhr"], PAIRED_HEIGHTS, rng)
    for name, values in steps.items():
        decimals = MEASUREMENTS[name].decimals
        columns[name] = np.round(values / 10**decimals, decimals) if decimals else values
    readings_made = _follow_up(size, residual=bool(position), rng=rng)
    columns |= {visit: readings_made[:, place] for place, visit in enumerate(VISITS)}
    return pl.DataFrame(columns)


def _follow_up(size: int, *, residual: bool, rng: np.random.Generator) -> IntArray:
    """Three whole VAS readings a patient whose mean is at least 4 if, and only if, `residual`."""
    centre = np.array([5.4, 4.9, 4.6]) if residual else np.array([3.0, 2.4, 1.9])
    rows: list[IntArray] = []
    while len(rows) < size:
        drawn = np.rint(centre + 0.8 * rng.standard_normal() + 0.7 * rng.standard_normal(3))
        if drawn.min() >= 0 and drawn.max() <= 10 and (drawn.sum() >= 12) == residual:
            rows.append(drawn.astype(np.int64))
    return np.array(rows)


def csv_text(table: pl.DataFrame) -> str:
    """The cohort as CSV: UTF-8, Unix line ends, each variable with its recorded decimals."""
    shown = [
        pl.col(name).map_elements(f"{{:.{each.decimals}f}}".format, return_dtype=pl.String)
        for name, each in MEASUREMENTS.items()
    ]
    return table.with_columns(shown).write_csv(line_terminator="\n")


def _report(printed: Mapping[str, Any], factors: RiskFactors) -> str:
    lines = ["Readings of Table 4 (37 events seen):"]
    for each in readings(printed):
        verdict = "possible" if each.feasible else "impossible"
        lines.append(
            f"  {each.label}: predicts {each.events_low:.2f} to {each.events_high:.2f} events, "
            f"totals off by {each.residual:.2f} at best: {verdict}"
        )
    found = closeness(factors)
    lines.append("Fit to the reconstructed patients against Table 4 (found, printed, difference):")
    for part in ("coefficients", "std_errors"):
        lines.extend(
            f"  {part[:-1]} {name}: {one:.4f} {other:.4f} {difference:+.4f}"
            for name, (one, other, difference) in found[part].items()
        )
    lines.append(f"  AUC: {found['auc']:.7f}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the cohort to a file and print how near it comes to the paper."""
    parser = argparse.ArgumentParser(
        prog="python -m vertebrisk.evidence.li2021",
        description="Reconstruct the cohort of Li 2021 from its printed tables.",
        epilog="example: python -m vertebrisk.evidence.li2021 --out patients.csv --seed 20210430",
    )
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed (default {SEED})")
    options = parser.parse_args(arguments)
    try:
        printed = library_study("li2021").to_dict()
        factors = solve_risk_factors(printed)
        write_text(options.out, csv_text(reconstruct(printed, options.seed, factors)))
    except (VertebriskError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(_report(printed, factors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
