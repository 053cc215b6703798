"""A hundred million patients from one Parquet file: time, and the most memory that was resident.

    python bench/large.py [--rows N] [--folder DIR] [--threads N] [--only STEP ...] [--json FILE]

The file is written by a generator that never holds more than one group of rows. Then every step
reads the patients in pieces; after each, the most memory that the process held during it is
told. Then the numbers of every step are compared with those of memory, at `AGREEING` patients.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import history
import numpy as np
import polars as pl
from peaks import forget_peak, peak_bytes
from polars.io.plugins import register_io_source
from timings import machine, shown, timed

import vertebrisk as vr
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.errors import VertebriskWarning

ROWS = 100_000_000
AGREEING = 300_000
GROUP = 262_144  # rows of a group
GB = 1e9
# Bytes a patient: the file, the columns on disk, and twice the columns that are sorted.
DISK = 30 + 72 + 2 * 72

NUMBERS = {
    "age": (72.0, 9.0, 1.6),
    "bmi": (23.5, 3.2, -0.1),
    "t_score": (-3.1, 0.8, -0.7),
    "kyphosis": (14.0, 7.0, 0.4),
    "ct_value": (68.0, 25.0, -0.5),
    "cement_ml": (4.6, 1.3, -0.2),
}  # mean, spread, and effect of two spreads on the log-odds
TRUTHS = {"cleft": 0.9, "oedema": 0.8, "leakage": 0.3, "smoker": 0.1, "diabetes": 0.0}
SEVERITY = ("mild", "moderate", "severe")
PREDICTORS = (*NUMBERS, *TRUTHS, "severity")
SCHEMA = {
    **dict.fromkeys(NUMBERS, pl.Float64),
    **dict.fromkeys(TRUTHS, pl.Boolean),
    "severity": pl.String,
    "pain": pl.Boolean,
    "months": pl.Float64,
    "refracture": pl.Boolean,
    "risk": pl.Float64,
}
THRESHOLDS = np.arange(5, 60, 5) / 100.0
FORMULA = " + ".join(PREDICTORS)


def group(place: int, size: int) -> pl.DataFrame:
    """One group of patients; the same ones whatever came before."""
    rng = np.random.default_rng([1, place])
    columns: dict[str, Any] = {}
    linear = np.full(size, -2.6)
    for name, (mean, spread, effect) in NUMBERS.items():
        columns[name] = rng.normal(mean, spread, size).round(1)
        linear += effect * (columns[name] - mean) / (2.0 * spread)
    for name, effect in TRUTHS.items():
        columns[name] = rng.random(size) < 0.3
        linear += effect * columns[name]
    severity = rng.integers(0, 3, size)
    columns["severity"] = np.array(SEVERITY)[severity]
    linear += 0.3 * severity
    columns["pain"] = rng.random(size) < 1.0 / (1.0 + np.exp(-linear))
    months = rng.exponential(80.0 * np.exp(-linear / 3.0)).round(1).clip(0.1)
    columns["months"] = np.minimum(months, 60.0)
    columns["refracture"] = months < 60.0
    noisy = 0.9 * linear + rng.normal(0.0, 0.3, size)
    columns["risk"] = 1.0 / (1.0 + np.exp(-noisy))
    return pl.DataFrame(columns, schema=SCHEMA)


def written(path: Path, rows: int) -> None:
    """Write the patients to one Parquet file, group by group."""

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        for place, low in enumerate(range(0, rows, GROUP)):
            yield group(place, min(GROUP, rows - low))

    register_io_source(source, schema=SCHEMA).sink_parquet(path, row_group_size=GROUP)


def logistic(patients: PatientScan | pl.DataFrame) -> Any:
    return estimates(vr.fit_logistic(f"pain ~ {FORMULA}", patients).coefficients())


def estimates(table: pl.DataFrame) -> Any:
    return table.select("estimate", "std_error").to_numpy()


def cox(patients: PatientScan | pl.DataFrame) -> Any:
    return estimates(vr.fit_cox(f"Surv(months, refracture) ~ {FORMULA}", patients).coefficients())


def asked(patients: PatientScan | pl.DataFrame, *names: str) -> tuple[tuple[Any, ...], Any]:
    """Columns by name and the scan that has them; or the columns themselves."""
    if isinstance(patients, PatientScan):
        return names, patients
    return tuple(patients[name].to_numpy() for name in names), None


def auc(patients: PatientScan | pl.DataFrame) -> Any:
    columns, scan = asked(patients, "pain", "risk")
    found = vr.roc_auc(*columns, scan=scan)
    return [found.estimate, found.conf_low, found.conf_high]


def concordance(patients: PatientScan | pl.DataFrame) -> Any:
    columns, scan = asked(patients, "months", "refracture", "risk")
    found = vr.concordance(*columns, scan=scan)
    return [found.estimate, found.std_error]


def calibration(patients: PatientScan | pl.DataFrame) -> Any:
    """By a spline on both sides: loess is not for so many patients."""
    columns, scan = asked(patients, "pain", "risk")
    found = vr.calibration(*columns, smoother="spline", scan=scan)
    estimates = (found.intercept, found.slope, found.in_the_large, found.observed_expected)
    return [*estimates, found.ici, found.e50, found.e90, found.emax, found.brier]


def decision(patients: PatientScan | pl.DataFrame) -> Any:
    """The net benefit; the limits are drawn, by other draws than in memory."""
    columns, scan = asked(patients, "pain", "risk")
    curve = vr.decision_curve(*columns, THRESHOLDS, scan=scan)
    return curve["net_benefit"].to_numpy()


def screening(patients: PatientScan | pl.DataFrame) -> Any:
    return estimates(vr.screen_univariable(patients, "pain", list(PREDICTORS)))


def table_one(patients: PatientScan | pl.DataFrame) -> Any:
    table = vr.table_one(patients, by="pain", variables=list(PREDICTORS))
    return table.select(pl.selectors.numeric()).to_numpy()


STEPS: dict[str, Callable[[PatientScan | pl.DataFrame], Any]] = {
    "auc": auc,
    "concordance": concordance,
    "decision-curve": decision,
    "calibration": calibration,
    "table-one": table_one,
    "logistic": logistic,
    "screening": screening,
    "cox": cox,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure vertebrisk on very many patients.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", choices=tuple(STEPS), help="may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="file to add the record to")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore", VertebriskWarning)
    needed, free = DISK * chosen.rows, shutil.disk_usage(chosen.folder).free
    print(
        f"{chosen.rows:,} patients of {len(PREDICTORS)} predictors need {needed / GB:.1f} GB in "
        f"{chosen.folder}, and {free / GB:.1f} GB are free there."
    )
    if needed > free:
        print("That is too little: name another --folder, or fewer --rows.", file=sys.stderr)
        return 2
    where = machine()
    print(", ".join(f"{key} {value}" for key, value in where.items()), flush=True)
    names = [name for name in STEPS if not chosen.only or name in chosen.only]
    engine = LocalEngine(chosen.threads)
    with tempfile.TemporaryDirectory(prefix="vertebrisk-large-", dir=chosen.folder) as folder:
        steps = measured(names, engine, Path(folder), chosen.rows)
        differences = agreement(names, engine, Path(folder))
    record = {
        "machine": where,
        "rows": chosen.rows,
        "predictors": len(PREDICTORS),
        "threads": chosen.threads,
        "largest_relative_difference": differences,
        "steps": steps,
    }
    whole = chosen.rows >= ROWS and not chosen.only
    path = chosen.json or (history.default_file(where) if whole else None)
    if path is not None:
        history.added(path, {"large": record})
        print(f"One record was added to {path}.")
    return 0


def agreement(names: list[str], engine: LocalEngine, folder: Path) -> dict[str, float]:
    """Largest relative difference between the pieces and memory, step by step."""
    path = folder / "few.parquet"
    written(path, AGREEING)
    frame = pl.read_parquet(path)
    print(f"\nlargest difference to memory, of {AGREEING:,} patients, relative to the number:")
    found = {}
    with vr.scan_table(path, engine=engine, scratch=folder) as scan:
        for name in names:
            found[name] = difference(STEPS[name](scan), STEPS[name](frame))
            print(f"  {name:<16}{found[name]:.1e}", flush=True)
    return found


def difference(found: Any, expected: Any) -> float:
    """Largest difference of two tables of numbers, relative where these are not near zero."""
    a, b = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    known = ~np.isnan(b)
    if a.shape != b.shape or not np.array_equal(known, ~np.isnan(a)):
        return float("nan")
    size = np.maximum(np.abs(b[known]), 1e-8)
    return float(np.max(np.abs(a[known] - b[known]) / size, initial=0.0))


def measured(
    names: list[str], engine: LocalEngine, folder: Path, rows: int
) -> dict[str, dict[str, float]]:
    """Seconds and resident memory of writing, scanning and every step."""
    path = folder / "patients.parquet"
    print(f"\n{'step':<18}{'time':>10}{'a patient':>12}{'most memory':>14}", flush=True)
    found: dict[str, dict[str, float]] = {}

    def told(name: str, action: Callable[[], Any]) -> None:
        forget_peak()
        seconds = timed(action)
        peak = peak_bytes()
        found[name] = {"seconds": seconds, "peak_bytes": peak}
        each = f"{seconds / rows * 1e9:.0f} ns"
        print(f"{name:<18}{shown(seconds):>10}{each:>12}{peak / 1e6:>11.0f} MB", flush=True)

    told("write the file", lambda: written(path, rows))
    print(f"the file has {path.stat().st_size / GB:.1f} GB", flush=True)
    scans: list[PatientScan] = []
    told("scan", lambda: scans.append(vr.scan_table(path, engine=engine, scratch=folder)))
    with scans[0] as scan:
        for name in names:
            told(name, lambda name=name: STEPS[name](scan))
    return found


if __name__ == "__main__":
    sys.exit(main())
