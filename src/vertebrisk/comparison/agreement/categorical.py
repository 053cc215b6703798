"""Agreement of two readers on a sign or a grade: `agreement_categorical`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction, listed
from vertebrisk._types import FloatArray
from vertebrisk.comparison.agreement.columns import (
    missing_readings,
    need_readings,
    reader_columns,
)
from vertebrisk.comparison.agreement.results import AgreementCoefficient, CategoricalAgreement
from vertebrisk.comparison.repeated.changes import number
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.agreement import (
    Weighting,
    agreement_weights,
    cohen_kappa,
    gwet_coefficient,
)
from vertebrisk.kernels.distributions import wilson_interval
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

MAX_LEVELS = 20
_KAPPAS: tuple[tuple[str, str, Weighting], ...] = (
    ("kappa", "ac1", "none"),
    ("kappa_linear", "ac2_linear", "linear"),
    ("kappa_quadratic", "ac2_quadratic", "quadratic"),
)


def agreement_categorical(
    data: object,
    first: str,
    second: str,
    *,
    levels: Sequence[object] | None = None,
    level: float = 0.95,
) -> CategoricalAgreement:
    """How far do two readers agree on a sign or a grade, beyond chance?

    Parameters
    ----------
    data : polars, pandas or pyarrow table, or dict of columns
        One row a patient (or vertebra). A row that one reader left empty is counted as
        missing and takes no part.
    first, second : str
        Columns of the two readers.
    levels : sequence, optional
        All levels in their order, which weighted coefficients rest on. By default those of
        the Enum, else those that occur, in ascending order.
    level : float
        Coverage of the intervals.

    Returns
    -------
    CategoricalAgreement
        Share of agreement, Cohen's kappa and Gwet's AC1; with more than two levels also
        linearly and quadratically weighted kappa and AC2. Kappa and its standard error
        are those of ``vcd::Kappa``, Gwet's those of ``irrCAC::gwet.ac1.raw``.

    Raises
    ------
    ArgumentError
        When a column is unknown, or no patient was read by both.
    DataError
        When a reader used a level that `levels` does not list, or too many of them.

    Notes
    -----
    Where nearly all patients have one level kappa is low although the readers agree;
    AC1 is not (Gwet 2008, doi:10.1348/000711006X126600). Weights of kappa: Cohen 1968,
    doi:10.1037/h0026256; its error: Fleiss, Cohen and Everitt 1969, doi:10.1037/h0028106.

    Examples
    --------
    >>> readings = {"a": [0, 0, 1, 1, 1, 0], "b": [0, 0, 1, 1, 0, 0]}
    >>> round(agreement_categorical(readings, "a", "b").coefficient("kappa").estimate, 3)
    0.667
    """
    check_fraction(level, "level")
    a, b = reader_columns(data, first, second)
    both = a.is_not_null() & b.is_not_null()
    known = _levels(a, b, levels)
    missing = int((~both).sum())
    need_readings(int(both.sum()), first, second, 1)
    codes = [_coded(column.filter(both), known) for column in (a, b)]
    table = np.zeros((len(known), len(known)))
    np.add.at(table, (codes[0], codes[1]), 1.0)
    n = int(table.sum())
    agreed = float(np.trace(table))
    low, high = wilson_interval(agreed, n, level)
    coefficients = _coefficients(table, level)
    return CategoricalAgreement(
        first=first,
        second=second,
        levels=tuple(known),
        table=tuple(tuple(int(each) for each in row) for row in table),
        n=n,
        missing=missing,
        agreed=agreed / n,
        agreed_low=float(low),
        agreed_high=float(high),
        coefficients=coefficients,
        level=level,
        findings=(
            *missing_readings(missing, first, second),
            *_unshared(table, known, first, second),
            *_no_kappa(coefficients, first, second),
        ),
    )


def _levels(a: pl.Series, b: pl.Series, given: Sequence[object] | None) -> list[str]:
    if given is not None:
        known = [_text(each) for each in given]
        repeated = sorted({name for name in known if known.count(name) > 1})
        if repeated:
            raise ArgumentError(f"levels lists '{repeated[0]}' twice.")
    elif isinstance(a.dtype, pl.Enum) and isinstance(b.dtype, pl.Enum):
        known = list(dict.fromkeys([*a.dtype.categories, *b.dtype.categories]))
    else:
        _check_kind(a, b)
        values = sorted({*a.drop_nulls().to_list(), *b.drop_nulls().to_list()})
        known = [_text(value) for value in values]
    if len(known) > MAX_LEVELS:
        raise DataError(
            f"Columns '{a.name}' and '{b.name}' hold {len(known)} different values; levels are at "
            f"most {MAX_LEVELS}. Numbers on a scale are compared by agreement_continuous."
        )
    for column in (a, b):
        used = {_text(value) for value in column.drop_nulls().unique().to_list()}
        strange = sorted(used - set(known))
        if strange:
            raise DataError(
                f"Column '{column.name}' holds {counted(len(strange), 'level')} that levels does "
                f"not list; allowed are {listed(known)}. Correct the cells, or list them."
            )
    return known


def _check_kind(a: pl.Series, b: pl.Series) -> None:
    numeric = [column.dtype.is_numeric() for column in (a, b)]
    truth = [column.dtype == pl.Boolean for column in (a, b)]
    if numeric[0] != numeric[1] or truth[0] != truth[1]:
        raise DataError(
            f"Column '{a.name}' holds values of type {a.dtype}, '{b.name}' of type {b.dtype}; the "
            "two readers must share one coding. Give both the same codes or labels."
        )


def _text(value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else str(value)


def _coded(column: pl.Series, known: Sequence[str]) -> list[int]:
    places = {name: at for at, name in enumerate(known)}
    return [places[_text(value)] for value in column.to_list()]


def _coefficients(table: FloatArray, level: float) -> tuple[AgreementCoefficient, ...]:
    if table.shape[0] == 1:
        table = np.pad(table, ((0, 1), (0, 1)))
    found = []
    for kappa, gwet, weighting in _KAPPAS if table.shape[0] > 2 else _KAPPAS[:1]:
        weights = agreement_weights(table.shape[0], weighting)
        for name, value in (
            (kappa, cohen_kappa(table, weights, level)),
            (gwet, gwet_coefficient(table, weights, level)),
        ):
            limits = number(value.conf_low), number(value.conf_high)
            estimate, error = number(value.estimate), number(value.std_error)
            found.append(AgreementCoefficient(name, estimate, error, *limits))
    return tuple(found)


def _unshared(
    table: FloatArray, levels: Sequence[str], first: str, second: str
) -> tuple[Finding, ...]:
    used = table.sum(axis=1) > 0, table.sum(axis=0) > 0
    alone = [name for name, a, b in zip(levels, *used, strict=True) if a != b]
    if not alone:
        return ()
    return (
        Finding(
            "levels-not-shared",
            "warning",
            say(
                "Only one of the readers '{first}' and '{second}' used the {level} {levels}.",
                first=first,
                second=second,
                level=agreeing(len(alone), "level", "levels"),
                levels=listed(alone),
            ),
            say("Look whether both used one coding; if they did, this is disagreement and counts."),
        ),
    )


def _no_kappa(
    coefficients: Sequence[AgreementCoefficient], first: str, second: str
) -> tuple[Finding, ...]:
    if coefficients[0].estimate is not None:
        return ()
    return (
        Finding(
            "kappa-undefined",
            "warning",
            say(
                "Readers '{first}' and '{second}' gave every patient the same level, so "
                "kappa does not exist.",
                first=first,
                second=second,
            ),
            say(
                "Quote the share of agreement; agreement on a sign needs patients with and "
                "without it."
            ),
        ),
    )
