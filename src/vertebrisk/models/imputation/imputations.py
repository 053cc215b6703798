"""Imputations: the data with what is missing filled in, several times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.models.imputation.variables import ImputedVariable, from_codes


@dataclass(frozen=True, eq=False)
class Imputations:
    """Several completed copies of one table; made by `impute`.

    Attributes
    ----------
    data : polars.DataFrame
        The rows whose outcome is known, as given; null where a value is missing.
    variables : tuple of ImputedVariable
        What was imputed, from what, and how.
    outcome : str
        Left side of the formula: what the imputation knew of the outcome.
    imputations, iterations, seed : int
    rows : mapping of variable to row positions
        Where its values were missing.
    filled : mapping of variable to array, shape (imputations, missing rows)
        What was drawn; levels as codes from 0.
    convergence : polars.DataFrame
        variable, iteration, imputation, mean, sd of the values drawn so far. Lines that
        mix freely and have no trend say that there were iterations enough.
    n_dropped : mapping of reason to rows
    """

    data: pl.DataFrame
    variables: tuple[ImputedVariable, ...]
    outcome: str
    imputations: int
    iterations: int
    seed: int
    rows: Mapping[str, IntArray]
    filled: Mapping[str, FloatArray]
    convergence: pl.DataFrame
    n_dropped: Mapping[str, int]

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Variables with values that were imputed."""
        return tuple(each.name for each in self.variables if each.n_missing)

    def frame(self, imputation: int) -> pl.DataFrame:
        """One completed table, numbered from 1; the rows and columns of `data`."""
        if not 1 <= imputation <= self.imputations:
            raise ArgumentError(f"There are imputations 1 to {self.imputations}, not {imputation}.")
        columns = []
        for variable in self.variables:
            if not variable.n_missing:
                continue
            own = self.data[variable.name]
            drawn = from_codes(self.filled[variable.name][imputation - 1], variable, own)
            wide = own.cast(drawn.dtype) if own.dtype != drawn.dtype else own
            columns.append(wide.scatter(self.rows[variable.name], drawn))
        return self.data.with_columns(columns)

    def frames(self) -> Iterator[pl.DataFrame]:
        """The completed tables, in order."""
        for imputation in range(1, self.imputations + 1):
            yield self.frame(imputation)

    def drawn(self, variable: str) -> pl.DataFrame:
        """What was drawn for one variable: imputation, row (from 0), value."""
        if variable not in self.filled:
            raise ArgumentError(
                f"No value of '{variable}' was imputed.{nearest(variable, self.incomplete)}"
            )
        plan = next(each for each in self.variables if each.name == variable)
        rows = self.rows[variable]
        parts = [
            pl.DataFrame({"imputation": [number + 1] * rows.size, "row": rows}).with_columns(
                from_codes(values, plan, self.data[variable]).alias("value")
            )
            for number, values in enumerate(self.filled[variable])
        ]
        return pl.concat(parts)
