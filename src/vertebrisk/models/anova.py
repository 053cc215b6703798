"""Wald tests of predictors with all that they enter: shape, interactions, and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Term
from vertebrisk.design.powers import orders
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.imputation import rubin

ANOVA_SCHEMA = {
    "term": pl.String,
    "kind": pl.String,
    "df": pl.Int64,
    "wald": pl.Float64,
    "p_value": pl.Float64,
}
POOLED_SCHEMA = {
    **{name: ANOVA_SCHEMA[name] for name in ("term", "kind", "df", "wald")},
    "wald_df": pl.Float64,
    "p_value": pl.Float64,
}
TOTAL = "TOTAL"
Kinds = dict[str, BoolArray]


def wald_anova(design: Design, beta: FloatArray, covariance: FloatArray) -> pl.DataFrame:
    """Wald tests of groups of coefficients, in the order of ``rms::anova``.

    Parameters
    ----------
    design : Design
    beta : array, shape (p,)
        Without the intercept.
    covariance : array, shape (p, p)

    Returns
    -------
    polars.DataFrame
        term, kind, df, wald, p_value.
    """
    rows = []
    for term, kinds in _groups(design):
        for kind, columns in kinds.items():
            if columns.any():
                rows.append((term, kind, *_wald(beta, covariance, columns)))
    return pl.DataFrame(rows, schema=ANOVA_SCHEMA, orient="row")


def pooled_anova(
    design: Design, estimates: FloatArray, covariances: FloatArray, df_complete: float
) -> pl.DataFrame:
    """The same of several completed tables, each hypothesis by the pooled test D1.

    Parameters
    ----------
    design : Design
    estimates : array, shape (tables, p)
        Without the intercept.
    covariances : array, shape (tables, p, p)
    df_complete : float
        Degrees of freedom if nothing were missing.

    Returns
    -------
    polars.DataFrame
        term, kind, df, wald (F), wald_df (of its denominator), p_value.
    """
    rows = []
    for term, kinds in _groups(design):
        for kind, columns in kinds.items():
            if columns.any():
                own = covariances[:, columns][:, :, columns]
                test = rubin.wald_test(estimates[:, columns], own, df_complete)
                rows.append((term, kind, test.df1, test.statistic, test.df2, test.p_value))
    return pl.DataFrame(rows, schema=POOLED_SCHEMA, orient="row")


def _wald(beta: FloatArray, covariance: FloatArray, columns: BoolArray) -> tuple[int, float, float]:
    """Degrees of freedom, statistic and P of the hypothesis that all these are 0."""
    own, among = beta[columns], covariance[np.ix_(columns, columns)]
    scale = np.sqrt(np.diag(among))
    ratio = own / scale
    statistic = float(ratio @ np.linalg.solve(among / np.outer(scale, scale), ratio))
    return own.size, statistic, float(chi2_upper(statistic, own.size))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Of every column: the variables of its term, and those in which it is not linear."""

    variables: tuple[frozenset[str], ...]
    curved: tuple[frozenset[str], ...]

    @property
    def interaction(self) -> BoolArray:
        return np.array([len(each) > 1 for each in self.variables], dtype=np.bool_)

    @property
    def nonlinear(self) -> BoolArray:
        return np.array([bool(each) for each in self.curved], dtype=np.bool_)

    def reading(self, names: frozenset[str]) -> BoolArray:
        """Columns that read all of these variables."""
        return np.array([names <= each for each in self.variables], dtype=np.bool_)

    def curved_in(self, names: frozenset[str]) -> BoolArray:
        """Columns that are not linear in one of these variables."""
        return np.array([bool(names & each) for each in self.curved], dtype=np.bool_)


def _columns(design: Design) -> _Columns:
    plain = {
        factor.variable
        for term in design.terms
        for factor in term.factors
        if factor.kind == "plain" and len(term.factors) == 1
    }
    variables: list[frozenset[str]] = []
    curved: list[frozenset[str]] = []
    for term in design.terms:
        own = _curved(term, plain)
        curved += own
        variables += [frozenset(term.variables)] * len(own)
    return _Columns(tuple(variables), tuple(curved))


def _curved(term: Term, plain: set[str]) -> list[frozenset[str]]:
    """Variables in which each column of a term is not linear, the first factor fastest.

    A logarithm, root or power bends what also stands in the model as it is; alone it is the
    scale on which the variable was entered. So does each power of a fractional polynomial but
    the first, where that is one of its powers.
    """
    found: list[frozenset[str]] = [frozenset()]
    for factor in term.factors:
        name = frozenset({factor.variable})
        if factor.kind == "rcs":
            own = [frozenset[str](), *[name] * (len(factor.knots) - 2)]
        elif factor.kind == "powers" and (factor.variable in plain or 1 in factor.powers):
            own = [frozenset() if each == (1, 0) else name for each in orders(factor.powers)]
        elif factor.kind in ("log", "sqrt", "power") and factor.variable in plain:
            own = [name]
        else:
            own = [frozenset[str]()] * len(factor.column_levels)
        found = [left | right for right in own for left in found]
    return found


def _groups(design: Design) -> list[tuple[str, Mapping[str, BoolArray]]]:
    """The hypotheses: those of each predictor, of each interaction, and of all terms."""
    columns = _columns(design)
    groups: list[tuple[str, Mapping[str, BoolArray]]] = []
    for variable in design.variables:
        alone = frozenset({variable})
        groups.append((variable, _of(columns, alone, interactions=True)))
    crossed = [each for each in dict.fromkeys(columns.variables) if len(each) > 1]
    order = {name: place for place, name in enumerate(design.variables)}
    for names in crossed:
        label = ":".join(sorted(names, key=order.__getitem__))
        groups.append((label, _of(columns, names, interactions=False)))
    if design.terms:
        groups.append((TOTAL, _totals(columns)))
    return groups


def _of(columns: _Columns, names: frozenset[str], *, interactions: bool) -> Kinds:
    """What is tested of one predictor or interaction, higher-order terms included."""
    reading = columns.reading(names)
    kinds: Kinds = {"overall": reading}
    if interactions:
        kinds["interaction"] = reading & columns.interaction
    kinds["nonlinear"] = reading & columns.curved_in(names)
    return kinds


def _totals(columns: _Columns) -> Kinds:
    kinds: Kinds = {"nonlinear": columns.nonlinear, "interaction": columns.interaction}
    if columns.nonlinear.any() and columns.interaction.any():
        kinds["nonlinear or interaction"] = columns.nonlinear | columns.interaction
    kinds["overall"] = np.ones(columns.nonlinear.size, dtype=np.bool_)
    return kinds
