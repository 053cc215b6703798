"""Meta-regression: does the effect go with what the studies have in common or not?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.pooling.checking import as_effects, as_studies
from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.results import SCHEMA_VERSION, TestKind, plain
from vertebrisk.findings import Finding
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.kernels.meta_analysis.synthesis import (
    Synthesis,
    critical,
    explained,
    heterogeneity_limits,
    omnibus,
    synthesise,
    two_sided,
)
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing

STUDIES_PER_COLUMN = 10


@dataclass(frozen=True, slots=True)
class MetaCoefficient:
    """One coefficient: `term` is the moderator, `level` its level where it is in words."""

    term: str
    level: str
    estimate: float
    std_error: float
    statistic: float | None
    p_value: float | None
    conf_low: float
    conf_high: float

    def to_dict(self) -> Json:
        """JSON form."""
        return plain(self)


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """Effects of studies regressed on moderators; made by `meta_regression`.

    `tau2` and its companions are what the moderators leave; `i2` and `r2` (the share of tau2
    that they explain) are in percent, r2 None where it is not defined. `qe` tests what is left,
    `qm` that all coefficients but the intercept are zero: an F on (`qm_df`, `df`) with Hartung
    and Knapp, else a chi-square.
    """

    coefficients: tuple[MetaCoefficient, ...]
    test: TestKind
    df: int | None
    tau2: float
    tau2_std_error: float | None
    tau2_low: float | None
    tau2_high: float | None
    i2: float
    h2: float
    r2: float | None
    qe: float
    qe_df: int
    qe_p_value: float
    qm: float | None
    qm_df: int
    qm_p_value: float | None
    k: int
    method: str
    conf_level: float
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "meta-regression", **plain(self)}


def meta_regression(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    moderators: Mapping[str, Iterable[object]],
    *,
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
) -> MetaRegression:
    """Does the effect of a study go with a property of the study?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`.
    moderators : mapping of str to sequence, shape (k,)
        Numbers (or booleans) enter as they are; words as one column for each level but the
        first in alphabetical order. None may be missing.
    method, hartung_knapp, conf_level
        As for `pool`.

    Returns
    -------
    MetaRegression
        As ``metafor::rma(mods = ...)``, with the intercept first.

    Raises
    ------
    ArgumentError
        For what `pool` refuses, for moderators that are missing, constant or determined by the
        others, and for no more studies than coefficients.

    References
    ----------
    Knapp and Hartung 2003, doi:10.1002/sim.1482; Thompson and Higgins 2002, doi:10.1002/sim.1187
    """
    options = PoolingOptions(method, hartung_knapp, conf_level)
    effects, variances = as_effects(estimates, std_errors)
    names, columns = _design(moderators, effects.size)
    knapp_hartung = options.knapp_hartung
    fit = synthesise(effects, variances, columns, method, knapp_hartung=knapp_hartung)
    alone = synthesise(effects, variances, columns[:, :1], method, knapp_hartung=knapp_hartung)
    tau2_low, tau2_high, _, _ = heterogeneity_limits(fit, method, conf_level)
    qm, qm_df, qm_p_value = omnibus(fit.beta[1:], fit.covariance[1:, 1:], fit.df)
    return MetaRegression(
        coefficients=_coefficients(fit, names, conf_level),
        test="z" if fit.df is None else "t",
        df=fit.df,
        tau2=fit.heterogeneity.tau2,
        tau2_std_error=fit.heterogeneity.std_error,
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        i2=fit.i2,
        h2=fit.h2,
        r2=_number(explained(fit, alone, method)),
        qe=fit.q,
        qe_df=fit.q_df,
        qe_p_value=fit.q_p_value,
        qm=_number(qm),
        qm_df=qm_df,
        qm_p_value=_number(qm_p_value),
        k=effects.size,
        method=method,
        conf_level=conf_level,
        findings=_findings(effects.size, columns.shape[1] - 1),
    )


def _coefficients(
    fit: Synthesis, names: Sequence[tuple[str, str]], conf_level: float
) -> tuple[MetaCoefficient, ...]:
    reach = critical(conf_level, fit.df)
    found = []
    for (term, level), estimate, error in zip(names, fit.beta, fit.std_errors, strict=True):
        beta, std_error = float(estimate), float(error)
        statistic, p_value = two_sided(beta, std_error, fit.df)
        found.append(
            MetaCoefficient(
                term,
                level,
                beta,
                std_error,
                _number(statistic),
                _number(p_value),
                beta - reach * std_error,
                beta + reach * std_error,
            )
        )
    return tuple(found)


def _design(
    moderators: Mapping[str, Iterable[object]], k: int
) -> tuple[list[tuple[str, str]], FloatArray]:
    """Names (term, level) of the coefficients and the design, intercept first."""
    if not isinstance(moderators, Mapping):
        raise ArgumentError(
            f"moderators is of type {type(moderators).__name__}; give a mapping of names to values."
        )
    if not moderators:
        raise ArgumentError("moderators is empty; name one or more, or use pool.")
    names, columns = [("intercept", "")], [np.ones(k)]
    for term, values in moderators.items():
        for level, column in _columns(term, values, k):
            names.append((term, level))
            columns.append(column)
    if k <= len(columns):
        raise ArgumentError(
            f"{k} studies cannot carry {len(columns)} coefficients; use fewer moderators."
        )
    design = np.column_stack(columns)
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    if np.linalg.matrix_rank(centred / np.linalg.norm(centred, axis=0)) < centred.shape[1]:
        raise ArgumentError(
            f"Moderators {listed(list(moderators))} determine one another; leave one out."
        )
    return names, design


def _columns(term: str, values: Iterable[object], k: int) -> list[tuple[str, FloatArray]]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ArgumentError(f"Moderator '{term}' is {values!r}; give one value a study.")
    given: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if any(isinstance(value, str) for value in given):
        words = [value if isinstance(value, str) and value else None for value in given]
        missing = [place + 1 for place, word in enumerate(words) if word is None]
        if missing:
            noun = agreeing(len(missing), "study", "studies")
            raise ArgumentError(f"Moderator '{term}' has no words in {noun} {listed(missing)}.")
        if len(words) != k:
            raise ArgumentError(
                f"Moderator '{term}' has {len(words)} values where there are {k} studies."
            )
        levels = sorted({str(word) for word in words})
        found = [
            (level, np.array([float(word == level) for word in words])) for level in levels[1:]
        ]
    else:
        numbers = as_studies(given, f"Moderator '{term}'", k)
        found = [("", numbers)] if np.ptp(numbers) > 0 else []
    if not found:
        raise ArgumentError(f"Moderator '{term}' is the same in all studies; leave it out.")
    return found


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _findings(k: int, columns: int) -> tuple[Finding, ...]:
    if k >= STUDIES_PER_COLUMN * columns:
        return ()
    return (
        Finding(
            "few-studies-per-moderator",
            "warning",
            say(
                "{k} studies carry {columns} {coefficient} beside the intercept; about "
                "{studies_per_column} studies each are advised.",
                k=k,
                columns=columns,
                coefficient=agreeing(columns, "coefficient", "coefficients"),
                studies_per_column=STUDIES_PER_COLUMN,
            ),
            say("Name one moderator before the data are seen, and call the rest exploratory."),
            say(
                "A property of studies need not be one of patients: the association may be "
                "ecological."
            ),
        ),
    )
