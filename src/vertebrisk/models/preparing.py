"""What every fit asks of its data before anything is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.design import Design
from vertebrisk.design.encode import encode
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.engines.extents import extent
from vertebrisk.engines.threads import one_thread
from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.kernels.newton import MANY, STRIDE
from vertebrisk.kernels.steps import remaining_shares, triangle
from vertebrisk.kernels.streamed.rows import runs
from vertebrisk.models.development import Selection
from vertebrisk.text.plurals import agreeing, counted

MOST_ROWS = 50_000_000
ALIASED = 1e-9  # residual variance of a column given those before it, relative
CLEARLY = 2.0  # times that, more than rounding makes of it
FIRST = 1000
SOME = 16_384  # rows, about, that are tried first where there are far more
ROUNDED = 1e-12  # of such a share, what products of columns lose to rounding
LARGEST = 1e150  # value of which squares can be summed, and divided by those of its inverse
SEPARATING_SHARE = 0.1  # of the greatest movement, below which a column is no culprit


def check_predictors(frame: pl.DataFrame, names: Sequence[str]) -> None:
    """Predictors hold values, and no dates."""
    schema = frame.schema
    for name in names:
        if schema[name].is_temporal():
            raise DataError(
                f"'{name}' holds dates or times; derive a number from it, such as the days between "
                "two dates."
            )
        if frame.height and frame[name].null_count() == frame.height:
            raise DataError(f"'{name}' has no value in any row; leave it out.")


def complete_rows(
    frame: pl.DataFrame, event: pl.Series, names: Sequence[str]
) -> tuple[pl.Series, dict[str, int]]:
    """Rows with outcome and all of `names`, and how many others fell to which reason."""
    if not event.null_count() and not any(frame[name].null_count() for name in names):
        return pl.Series(np.ones(event.len(), dtype=np.bool_)), {}
    known = event.is_not_null()
    full = known
    for name in dict.fromkeys(names):
        if frame[name].null_count():
            full = full & frame[name].is_not_null()
    counts = {
        "outcome missing": int((~known).sum()),
        "predictor missing": int((known & ~full).sum()),
    }
    return full, {reason: count for reason, count in counts.items() if count}


def frequencies(column: pl.Series) -> IntArray:
    """How often each row counts."""
    if not column.dtype.is_numeric():
        raise ArgumentError(f"The weights '{column.name}' are not numbers.")
    values = column.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.round(values)).any():
        raise ArgumentError(
            f"The weights '{column.name}' must be whole numbers of 0 or more: "
            "how often a row counts."
        )
    if values.sum() > MOST_ROWS:
        raise ArgumentError(
            f"The weights '{column.name}' add up to {values.sum():.3g} patients; "
            f"{MOST_ROWS:.3g} are allowed. Divide them by what they have in common."
        )
    return values.astype(np.int64)


def cluster_codes(column: pl.Series) -> IntArray:
    """Codes from 0 of the patient to whom each row belongs."""
    return column.cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1


def designed(
    frame: pl.DataFrame,
    terms: Sequence[WrittenTerm],
    info: Mapping[str, VariableInfo] | None,
    design: Design | None,
) -> tuple[Design, dict[str, FloatArray]]:
    """A design with the codes of the rows: the given one, or one learnt from them."""
    if design is None:
        return build_design(frame, terms, info)
    return design, dict(encode(design, frame).codes)


def check_estimable(
    design: Design,
    matrix: FloatArray,
    selection: Selection,
    ends: tuple[FloatArray, FloatArray] | None = None,
) -> None:
    """Refuse candidates that no data set like this can tell apart.

    `ends` are the least and the greatest value of each column, where they are known.
    """
    ends = ends or extent(matrix)
    refuse_extreme(design, *ends)
    constant = [name for name, part in design.slices.items() if part.start == part.stop] + [
        column.term
        for column, values in zip(design.columns, matrix.T, strict=True)
        if _constant(values)
    ]
    refuse_constant(constant)
    if selection.chooses:
        return
    n, parameters = matrix.shape
    refuse_many(parameters, n)
    refuse_dependent(dependent_terms(design, matrix, ends))


def refuse_extreme(design: Design, lowest: FloatArray, greatest: FloatArray) -> None:
    """Refuse columns with values of which no sum of squares can be written; shape (p,) each."""
    largest, width = np.maximum(np.abs(lowest), np.abs(greatest)), greatest - lowest
    for column, size, between in zip(design.columns, largest, width, strict=True):
        if not size <= LARGEST:
            raise FitError(
                f"{column.term} has values beyond {LARGEST:.0e}, whose squares are too large for "
                "a computer's numbers; correct them, or give them in a larger unit."
            )
        if 0.0 < between < 1.0 / LARGEST:
            raise FitError(
                f"The values of {column.term} are less than {1.0 / LARGEST:.0e} apart, and the "
                "squares of that too small for a computer's numbers; give them in a smaller unit."
            )


def _constant(values: FloatArray) -> bool:
    """True where all values are the same; most others are told by their first values."""
    return bool(np.ptp(values[:FIRST]) == 0.0 and np.ptp(values) == 0.0)


def refuse_constant(terms: Sequence[str]) -> None:
    """Refuse terms that are the same in all patients."""
    if terms:
        same = list(dict.fromkeys(terms))
        raise FitError(
            f"{listed(same)} {agreeing(len(same), 'is', 'are')} the same in all patients with "
            f"complete data and {agreeing(len(same), 'explains', 'explain')} nothing; leave "
            f"{agreeing(len(same), 'it', 'them')} out."
        )


def refuse_many(parameters: int, n: int) -> None:
    """Refuse as many parameters as patients."""
    if parameters >= n:
        raise FitError(
            f"The candidates have {parameters} parameters, and there are {counted(n, 'patient')} "
            "with complete data, so their effects cannot be told apart; choose far fewer "
            "beforehand, or use a penalty (estimator 'ridge' or 'lasso')."
        )


def refuse_dependent(terms: Sequence[str]) -> None:
    """Refuse terms with a column that is a linear combination of those before it."""
    if terms:
        one = len(terms) == 1
        raise FitError(
            f"{listed(terms)} {'is an exact combination' if one else 'are exact combinations'} "
            "of the predictors before, so their effects cannot be told apart; leave "
            f"{'it' if one else 'them'} out."
        )


def dependent_terms(
    design: Design, matrix: FloatArray, ends: tuple[FloatArray, FloatArray] | None = None
) -> list[str]:
    """Terms with a column that is a linear combination of those before it.

    `ends` are the least and the greatest value of each column, where they are known.
    """
    if matrix.shape[1] == 0 or (matrix.shape[0] >= MANY and _independent_in_part(matrix, ends)):
        return []
    sized = matrix / np.maximum(np.abs(matrix).max(axis=0), np.finfo(float).tiny)
    sized -= sized.mean(axis=0)
    spread = np.sqrt(np.einsum("np,np->p", sized, sized))
    sized /= np.where(spread > 0, spread, 1.0)
    scaled = triangle(sized)
    left = np.diag(np.linalg.qr(scaled, mode="r"))  # of each column by those before it
    if left.size == matrix.shape[1] and (left**2 > CLEARLY * ALIASED).all():
        return []
    basis = np.empty((scaled.shape[0], 0))
    repeated: dict[str, None] = {}
    for column, values in zip(design.columns, scaled.T, strict=True):
        rest = values - basis @ (basis.T @ values)
        rest -= basis @ (basis.T @ rest)  # twice is enough for orthogonality
        size = float(np.sqrt(rest @ rest))
        if size**2 < ALIASED:
            repeated[column.term] = None
        else:
            basis = np.column_stack([basis, rest / size])
    return list(repeated)


def _independent_in_part(matrix: FloatArray, ends: tuple[FloatArray, FloatArray] | None) -> bool:
    """True where a part of the rows proves that no column is a combination of others.

    What those before leave of a column can only be more in all rows than in some, and its sum
    of squares is at most that of values at both ends of its range.
    """
    some = runs(matrix.T, max(STRIDE, matrix.shape[0] // SOME)).T
    some -= some.mean(axis=0)
    spread = np.sqrt(np.einsum("np,np->p", some, some))
    some /= np.where(spread > 0, spread, 1.0)
    with one_thread():
        rest = remaining_shares(some.T @ some, 0.0)
    lowest, greatest = ends or extent(matrix)
    most = matrix.shape[0] * (greatest - lowest) ** 2 / 4.0
    return bool((rest > ROUNDED).all() and (rest * spread**2 > ALIASED * most).all())


def guilty_columns(design: Design, direction: FloatArray) -> list[str]:
    """Columns along which a separated fit runs away; `direction` is in their spreads."""
    largest = np.abs(direction).max(initial=0.0)
    return [
        f"{column.term} = {column.level}" if column.level else column.term
        for column, value in zip(design.columns, direction, strict=True)
        if abs(value) > SEPARATING_SHARE * largest
    ]
