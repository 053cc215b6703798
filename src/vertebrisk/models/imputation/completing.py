"""Completed design matrices, of the patients as they are or drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.kernels.imputation import chained
from vertebrisk.models.imputation.variables import ImputedVariable, as_codes, kernel_variables


@dataclass(frozen=True, slots=True, eq=False)
class Completer:
    """Imputes rows of one table and lays them out in the columns of a design.

    Attributes
    ----------
    codes : array, shape (n, variables)
        Levels as codes from 0, NaN where missing.
    specs : tuple of chained.Variable
    design : Design
    places : tuple of int
        Column of `codes` for each predictor of the design.
    recoded : tuple of array
        For a predictor with levels, its own code for each code of the imputation; empty
        for a number.
    iterations : int
    """

    codes: FloatArray
    specs: tuple[chained.Variable, ...]
    design: Design
    places: tuple[int, ...]
    recoded: tuple[FloatArray, ...]
    iterations: int

    @classmethod
    def of(
        cls,
        frame: pl.DataFrame,
        variables: Sequence[ImputedVariable],
        design: Design,
        iterations: int,
    ) -> Completer:
        """For the rows of a frame; `design` reads variables of the imputation only."""
        names = [each.name for each in variables]
        places = tuple(names.index(each.name) for each in design.predictors)
        recoded = tuple(
            _recoded(variables[place].levels, predictor.levels)
            for place, predictor in zip(places, design.predictors, strict=True)
        )
        return cls(
            codes=as_codes(frame, variables),
            specs=kernel_variables(variables, frame),
            design=design,
            places=places,
            recoded=recoded,
            iterations=iterations,
        )

    def known(self, rows: IntArray) -> bool:
        """Whether every variable has a value among some rows."""
        return bool((~np.isnan(self.codes[rows])).any(axis=0).all())

    def complete(
        self, rows: IntArray, always: FloatArray, chains: IntArray, seed: int
    ) -> FloatArray:
        """Design matrices of some rows as each chain fills them, shape (chains, n, columns).

        Parameters
        ----------
        rows : int array, shape (n,)
            Positions in the table; one may stand several times, and is imputed each time.
        always : array, shape (n, k)
            What else the imputation knows of each row.
        chains : int array, shape (chains,)
            Numbers of the chains, which with the seed decide the draws.
        seed : int
        """
        own = self.codes[rows]
        found = chained.impute(
            own, np.isnan(own), always, self.specs, chains, seed, self.iterations
        )
        return self._laid_out(found.values)

    def _laid_out(self, values: FloatArray) -> FloatArray:
        chains, rows, width = values.shape
        if not self.design.terms:
            return np.empty((chains, rows, 0))
        flat = values.reshape(chains * rows, width)
        codes = {
            predictor.name: recoded[flat[:, place].astype(np.int64)]
            if recoded.size
            else flat[:, place]
            for predictor, place, recoded in zip(
                self.design.predictors, self.places, self.recoded, strict=True
            )
        }
        return np.asarray(self.design.matrix(codes).reshape(chains, rows, -1))


def _recoded(levels: Sequence[str], wanted: Sequence[str]) -> FloatArray:
    place = {level: float(code) for code, level in enumerate(wanted)}
    return np.array([place[level] for level in levels] if wanted else [], dtype=np.float64)
