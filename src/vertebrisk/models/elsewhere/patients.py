"""What is known of the patients behind a model from elsewhere: rows, or ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray
from vertebrisk.design.build import VariableInfo, numeric_predictor, ranged_predictor
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.encode import encode
from vertebrisk.errors import ArgumentError, DataError

_INFO = VariableInfo()


@dataclass(frozen=True, slots=True, eq=False)
class KnownPatients:
    """Patients like those that the model was made from, or ranges of their values.

    Attributes
    ----------
    frame : polars.DataFrame or None
        One row a patient; only marks, percentiles and the most frequent level are kept.
    ranges : mapping of str to (float, float)
        In place of rows: least and greatest usual value of a number.
    """

    frame: pl.DataFrame | None
    ranges: Mapping[str, tuple[float, float]]

    @classmethod
    def of(
        cls, patients: object | None, ranges: Mapping[str, Sequence[float]] | None
    ) -> KnownPatients:
        """Checked: rows of any frame, or ascending finite ranges.

        Raises
        ------
        ArgumentError
            For a range that is none, or no rows.
        """
        frame = None if patients is None else as_polars(patients)
        if frame is not None and frame.is_empty():
            raise ArgumentError("patients has no rows.")
        checked = {}
        for name, ends in (ranges or {}).items():
            low, high = (float(end) for end in ends) if len(ends) == 2 else (math.nan, math.nan)
            if not low < high < math.inf or low == -math.inf:
                raise ArgumentError(
                    f"The range of '{name}' is {tuple(ends)}; two numbers are needed, the lower "
                    "first."
                )
            checked[name] = (low, high)
        return cls(frame, checked)

    def levels(self, name: str) -> tuple[str, ...]:
        """Levels of a variable among the rows, sorted; empty where there are no rows."""
        if self.frame is None or name not in self.frame.columns:
            return ()
        column = self.frame[name].drop_nulls()
        if isinstance(column.dtype, pl.Enum):
            return tuple(str(each) for each in column.dtype.categories)
        return tuple(sorted({level_text(value) for value in column.to_list()}))

    def predictor(self, name: str, levels: tuple[str, ...]) -> Predictor:
        """A variable with its marks, limits and reference value."""
        if levels:
            return Predictor(
                discrete=True, adjust_to=self._most_frequent(name, levels), **_INFO.of(name, levels)
            )
        if name in self.ranges:
            low, high = self.ranges[name]
            return ranged_predictor(_INFO.of(name), low, high)
        if self.frame is None:
            raise ArgumentError(
                f"Nothing is known of the values of '{name}'; give ranges={{'{name}': (low, "
                f"high)}} "
                "or patients, from which axes and warnings of extrapolation are made."
            )
        if name not in self.frame.columns:
            raise DataError(
                f"patients has no column '{name}', which the model reads; its columns are "
                f"{listed(self.frame.columns)}.{nearest(name, self.frame.columns)}"
            )
        column = self.frame[name].drop_nulls()
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean) or column.is_empty():
            raise DataError(
                f"'{name}' is a number in the model, and holds none in patients; give its levels, "
                "the reference first, if it has levels."
            )
        return numeric_predictor(_INFO.of(name), column.cast(pl.Float64).to_numpy())

    def linear_predictors(self, design: Design, beta: FloatArray) -> FloatArray:
        """Linear predictors without intercept: of the rows, or the least and the greatest."""
        if self.frame is not None and set(design.variables) <= set(self.frame.columns):
            matrix = design.matrix(encode(design, self.frame).codes)
            values = matrix[~np.isnan(matrix).any(axis=1)] @ beta
            if values.size and np.ptp(values) > 0:
                return np.asarray(values)
        return reach(design, beta)

    def _most_frequent(self, name: str, levels: tuple[str, ...]) -> str:
        if self.frame is None or name not in self.frame.columns:
            return levels[0]
        seen = [level_text(value) for value in self.frame[name].drop_nulls().to_list()]
        return max(levels, key=seen.count)


def reach(design: Design, beta: FloatArray) -> FloatArray:
    """Least and greatest linear predictor, without intercept, over levels, marks and limits.

    Each predictor is moved to its best value in turn until none moves any more: exact without
    interactions, and with them as far as one change at a time leads.
    """
    offered = [
        tuple(float(place) for place in range(len(each.levels)))
        if each.categorical
        else (*each.ticks, *(each.limits or ()))
        for each in design.predictors
    ]
    return np.array([_furthest(design, sign * beta, offered) * sign for sign in (-1.0, 1.0)])


def _furthest(design: Design, beta: FloatArray, offered: Sequence[Sequence[float]]) -> float:
    if not offered:
        return 0.0
    chosen = [each[0] for each in offered]
    best = -math.inf
    while True:
        before = best
        for place, values in enumerate(offered):
            codes = {
                each.name: np.full(len(values), chosen[other])
                for other, each in enumerate(design.predictors)
            }
            codes[design.predictors[place].name] = np.array(values)
            found = design.matrix(codes) @ beta
            found[~np.isfinite(found)] = -math.inf
            if found.max() > best:
                best = float(found.max())
                chosen[place] = values[int(found.argmax())]
        if not best > before:
            return best
