"""What takes part in a study's imputation, and what is told of what was missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.cohort import Cohort
from vertebrisk.cohort.survival import EVENT
from vertebrisk.comparison.missing import missing_patterns, missingness
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.imputing import impute
from vertebrisk.protocol import Protocol, quoted
from vertebrisk.study.steps import Prepared

FEWEST_SHOWN = 5  # patients; what fewer share is their own
GRID = 64
_SD_OF_RANGE = 1.349  # interquartile range of a normal distribution in standard deviations


def imputed_tables(prepared: Prepared) -> Imputations:
    """Everything that is missing in candidates and auxiliary variables, drawn several times.

    Raises
    ------
    DataError, ArgumentError
        A variable cannot be imputed.
    """
    missing = prepared.protocol.missing
    names, passive = taking_part(prepared.protocol, prepared.cohort, prepared.terms)
    left, outcome = outcome_of(prepared)
    return impute(
        f"{left} ~ {right_side(prepared, prepared.terms)}",
        prepared.cohort.frame.select(names).hstack(outcome.get_columns()),
        imputations=missing.imputations,
        iterations=missing.iterations,
        seed=prepared.plan.seed,
        auxiliary=names,
        methods={name: each for name, each in missing.methods.items() if name in names},
        passive=passive,
        info=prepared.info,
    )


def outcome_of(prepared: Prepared) -> tuple[str, pl.DataFrame]:
    """See `outcome_columns`."""
    return outcome_columns(prepared.protocol, prepared.cohort)


def outcome_columns(protocol: Protocol, cohort: Cohort) -> tuple[str, pl.DataFrame]:
    """Left side of the formula, and the columns that it reads.

    The event has the outcome's name; times have names that no variable has.
    """
    name = protocol.outcome.name
    columns = {name: pl.Series(cohort.event)}
    followed = cohort.survival
    if followed is None:
        return quoted(name), pl.DataFrame(columns)
    columns[name] = pl.Series(followed.status == EVENT)
    times = {"entry": followed.entry, "time": followed.time}
    written = []
    for what, values in times.items():
        if values is None:
            continue
        own = f"{name} {what}"
        while own in cohort.frame.columns:
            own += "_"
        columns[own] = pl.Series(values)
        written.append(quoted(own))
    return f"Surv({', '.join([*written, quoted(name)])})", pl.DataFrame(columns)


def right_side(prepared: Prepared, terms: Sequence[WrittenTerm]) -> str:
    """Terms and strata of a model as a formula writes them."""
    strata = [f"strata({quoted(name)})" for name in prepared.protocol.analysis.strata]
    return " + ".join([*(term.name for term in terms), *strata]) or "1"


def taking_part(
    protocol: Protocol, cohort: Cohort, terms: Sequence[WrittenTerm]
) -> tuple[list[str], dict[str, str]]:
    """Variables of the imputation, and those of them that are computed from others."""
    known = [name for name in protocol.missing.auxiliary if name not in cohort.constant]
    candidates = [name for term in terms for name in term.variables]
    names = list(dict.fromkeys([*candidates, *protocol.analysis.strata, *known]))
    passive: dict[str, str] = {}
    for name in names:  # grows by what its own members are computed from
        sources = _sources(name, cohort, protocol)
        if sources:
            passive[name] = str(protocol.variables[name].derive)
            names += [each for each in sources if each not in names]
    return names, passive


def _sources(name: str, cohort: Cohort, protocol: Protocol) -> tuple[str, ...]:
    """What a number lacks wherever it lacks; none where it is not made of imputable variables."""
    rule, column = protocol.variables[name].derive, cohort.frame[name]
    if rule is None or not column.dtype.is_numeric() or not column.null_count():
        return ()
    sources = Expression.parse(rule).names
    outcome = {protocol.outcome.name, *protocol.outcome_names}
    if set(sources) - set(cohort.frame.columns) or set(sources) & outcome:
        return ()
    lacking = cohort.frame.select(pl.any_horizontal(pl.col(sources).is_null())).to_series()
    return sources if (lacking | column.is_not_null()).all() else ()


def variables_table(prepared: Prepared, data: Imputations) -> pl.DataFrame:
    """How often each variable was missing, in whom, and how it was drawn."""
    cohort, protocol = prepared.cohort, prepared.protocol
    names = [each.name for each in data.variables]
    counted = counted_missing(protocol, cohort, names)
    candidates = {name for term in prepared.terms for name in term.variables}
    roles = {
        **dict.fromkeys(names, "source"),
        **dict.fromkeys(protocol.missing.auxiliary, "auxiliary"),
        **dict.fromkeys(protocol.analysis.strata, "stratum"),
        **dict.fromkeys(candidates, "candidate"),
    }
    return pl.DataFrame(
        {
            "variable": names,
            "label": [prepared.info[name].label or name for name in names],
            "method": [each.method for each in data.variables],
            "role": [roles[name] for name in names],
        }
    ).join(_shown(counted, cohort.n), on="variable", how="left", maintain_order="left")


def counted_missing(protocol: Protocol, cohort: Cohort, names: Sequence[str]) -> pl.DataFrame:
    """How often each variable is missing, and in whom; the columns of `missingness`."""
    left, columns = outcome_columns(protocol, cohort)
    return missingness(cohort.frame.select(names).hstack(columns), left, names)


def incomplete(cohort: Cohort, terms: Sequence[WrittenTerm]) -> BoolArray:
    """Whether each patient lacks a candidate, shape (n,)."""
    names = dict.fromkeys(name for term in terms for name in term.variables)
    lacking = cohort.frame.select(pl.any_horizontal(pl.col(list(names)).is_null()))
    return np.asarray(lacking.to_series().to_numpy(), dtype=np.bool_)


def _shown(counted: pl.DataFrame, n: int) -> pl.DataFrame:
    """Without the follow-up of groups so small that it is their own."""
    sizes = {"follow_up_missing": pl.col("n_missing"), "follow_up_known": n - pl.col("n_missing")}
    return counted.with_columns(
        pl.when(size >= FEWEST_SHOWN).then(pl.col(name)).alias(name)
        for name, size in sizes.items()
        if name in counted.columns
    )


def patterns_table(prepared: Prepared) -> pl.DataFrame:
    """What is missing together among the candidates; rare patterns as one."""
    names = list(dict.fromkeys(name for term in prepared.terms for name in term.variables))
    places = {f"v{place}": name for place, name in enumerate(names)}
    renamed = prepared.cohort.frame.select(pl.col(name).alias(at) for at, name in places.items())
    found = missing_patterns(renamed, list(places))
    rows: list[tuple[int, list[str] | None]] = [
        (int(row["n"]), [name for at, name in places.items() if row[at]])
        for row in found.filter(pl.col("n") >= FEWEST_SHOWN).iter_rows(named=True)
    ]
    rare = int(found.filter(pl.col("n") < FEWEST_SHOWN)["n"].sum())
    if rare:
        rows.append((rare, None))
    return pl.DataFrame(rows, schema={"n": pl.Int64, "missing": pl.List(pl.String)}, orient="row")


def shown_variables(data: Imputations) -> list[str]:
    """Variables whose drawn values may be summarised without telling a patient's."""
    return [each.name for each in data.variables if each.n_missing >= FEWEST_SHOWN]


def densities(data: Imputations) -> pl.DataFrame:
    """Known values beside drawn ones: densities of numbers, shares of levels."""
    parts = [
        _shares(data, each.name, each.levels) if each.levels else _density(data, each.name)
        for each in data.variables
        if each.name in shown_variables(data)
    ]
    schema = {
        "variable": pl.String,
        "at": pl.Float64,
        "level": pl.String,
        "observed": pl.Float64,
        "imputed": pl.Float64,
    }
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _shares(data: Imputations, name: str, levels: tuple[str, ...]) -> pl.DataFrame:
    """Shares among the known and the drawn values; drawn levels are codes."""
    codes = data.filled[name].ravel()
    known = data.data[name].drop_nulls().cast(pl.String)
    observed = [float((known == level).to_numpy().mean()) for level in levels]
    imputed = [float(np.mean(codes == code)) for code in range(len(levels))]
    return pl.DataFrame(
        {
            "variable": [name] * len(levels),
            "at": pl.Series([None] * len(levels), dtype=pl.Float64),
            "level": list(levels),
            "observed": observed,
            "imputed": imputed,
        }
    )


def _density(data: Imputations, name: str) -> pl.DataFrame:
    known = data.data[name].drop_nulls().cast(pl.Float64).to_numpy()
    drawn = data.filled[name].ravel()
    width = _bandwidth(known)
    low, high = np.quantile(np.concatenate([known, drawn]), [0.01, 0.99])
    grid = np.linspace(low - 3.0 * width, high + 3.0 * width, GRID)
    return pl.DataFrame(
        {
            "variable": [name] * GRID,
            "at": grid,
            "level": pl.Series([None] * GRID, dtype=pl.String),
            "observed": _smooth(known, grid, width),
            "imputed": _smooth(drawn, grid, width),
        }
    )


def _bandwidth(values: FloatArray) -> float:
    """Silverman's rule of thumb."""
    low, high = np.quantile(values, [0.25, 0.75])
    spreads = [each for each in (values.std(ddof=1), (high - low) / _SD_OF_RANGE) if each > 0]
    return float(0.9 * min(spreads, default=1.0) * values.size**-0.2)


def _smooth(values: FloatArray, grid: FloatArray, width: float) -> FloatArray:
    apart = (grid[:, None] - values[None]) / width
    heights = np.exp(-0.5 * apart**2).mean(axis=1)
    return np.asarray(heights / (width * np.sqrt(2.0 * np.pi)))
