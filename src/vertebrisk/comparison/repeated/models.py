"""The two models of repeated scores: ANOVA of complete rows, mixed model of all scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.comparison.repeated.changes import number, varies
from vertebrisk.comparison.repeated.results import (
    ALL,
    AnovaEffect,
    CompleteCases,
    FriedmanTest,
    MarginalMean,
    MixedModel,
    SphericityTest,
    Visit,
    WaldTest,
)
from vertebrisk.kernels.distributions import f_upper, t_quantile, t_two_sided
from vertebrisk.kernels.random_intercept import RandomIntercept, fit_random_intercept
from vertebrisk.kernels.repeated import RepeatedAnova, Stratum, friedman, repeated_anova
from vertebrisk.text.messages import say


def complete_cases(
    matrix: FloatArray, visits: Sequence[Visit], codes: IntArray | None
) -> CompleteCases:
    """ANOVA and Friedman's test of the rows without a gap, among visits that have scores."""
    used = np.asarray(~np.isnan(matrix).all(axis=0))
    names = tuple(visit.name for visit, each in zip(visits, used, strict=True) if each)
    kept = matrix[:, used]
    seen = ~np.isnan(kept).any(axis=1)
    n, left_out = int(seen.sum()), int((~seen).sum())
    if len(names) < 2:
        return CompleteCases(n, left_out, names, note=say("fewer than two visits have scores"))
    if n < 2:
        return CompleteCases(
            n, left_out, names, note=say("fewer than two patients have every score")
        )
    rows = kept[seen]
    own = None if codes is None else codes[seen]
    ranks = _friedman(rows)
    if not varies(rows - rows.mean(axis=1, keepdims=True)):
        note = say("no patient's score changed")
        return CompleteCases(n, left_out, names, friedman=ranks, note=note)
    if own is not None and _too_few(own, int(codes.max()) + 1 if codes is not None else 0):
        note = say("a group has fewer than two patients with every score")
        return CompleteCases(n, left_out, names, friedman=ranks, note=note)
    found = repeated_anova(rows, own)
    if not np.isfinite(found.visit.statistic) or found.visit.ss_error <= 1e-20 * found.visit.ss:
        note = say("every patient's score changed by the same amount")
        return CompleteCases(n, left_out, names, friedman=ranks, note=note)
    return CompleteCases(
        n,
        left_out,
        names,
        _effects(found),
        _sphericity(found),
        ranks,
    )


def _sphericity(found: RepeatedAnova) -> SphericityTest:
    shape = found.sphericity
    return SphericityTest(
        w=number(shape.w),
        statistic=number(shape.statistic),
        df=number(shape.df),
        p_value=number(shape.p_value),
        greenhouse_geisser=number(shape.greenhouse_geisser),
        huynh_feldt=number(shape.huynh_feldt),
    )


def _too_few(codes: IntArray, groups: int) -> bool:
    return bool(np.bincount(codes, minlength=groups).min() < 2)


def _friedman(rows: FloatArray) -> FriedmanTest:
    found = friedman(rows)
    return FriedmanTest(
        number(found.statistic), found.df, number(found.p_value), number(found.kendall_w)
    )


def _effects(found: RepeatedAnova) -> tuple[AnovaEffect, ...]:
    shape = found.sphericity
    epsilons = (shape.greenhouse_geisser, min(1.0, shape.huynh_feldt))
    observed = sum(each.ss for each in (found.group, found.interaction) if each is not None)
    lines = []
    for name, stratum in (
        ("group", found.group), ("visit", found.visit), ("group:visit", found.interaction)
    ):  # fmt: skip
        if stratum is None:
            continue
        within = name != "group"
        own = stratum.ss if name == "visit" else 0.0
        corrected = [number(stratum.p_value(each)) if within else None for each in epsilons]
        lines.append(
            AnovaEffect(
                effect=name,
                ss=stratum.ss,
                df=stratum.df,
                ss_error=stratum.ss_error,
                df_error=stratum.df_error,
                statistic=number(stratum.statistic),
                p_value=number(stratum.p_value()),
                p_greenhouse_geisser=corrected[0],
                p_huynh_feldt=corrected[1],
                partial_eta2=_share(stratum, stratum.ss + stratum.ss_error),
                generalised_eta2=_share(stratum, own + observed + found.total_error),
            )
        )
    return tuple(lines)


def _share(stratum: Stratum, total: float) -> float | None:
    return stratum.ss / total if total > 0 else None


def mixed_model(
    matrix: FloatArray,
    visits: Sequence[Visit],
    codes: IntArray | None,
    groups: Sequence[str],
    level: float,
) -> MixedModel | None:
    """Random intercept of patients and a mean for each visit (in each group).

    Means have the degrees of freedom of patients less groups; changes since the first
    visit and tests those of ``nlme::lme``. None where a cell of group and visit is empty,
    where too few scores are left, or where nothing varies.
    """
    k, g = len(visits), max(1, len(groups))
    patients, at = np.nonzero(~np.isnan(matrix))
    own = np.zeros(matrix.shape[0], dtype=np.int64) if codes is None else codes
    cells = own[patients] * k + at
    m = int(np.unique(patients).size)
    within, between = patients.size - m - (g * k - g), m - g
    if np.bincount(cells, minlength=g * k).min() == 0 or within < 1 or between < 1:
        return None
    _, dense = np.unique(patients, return_inverse=True)
    fit = fit_random_intercept(np.eye(g * k)[cells], matrix[patients, at], dense)
    if fit is None:
        return None
    reach = Reach(fit, level)
    means, changes = [], []
    for i, group in enumerate(groups or (ALL,)):
        for j, visit in enumerate(visits):
            unit = np.eye(g * k)[i * k + j]
            means.append(reach.of(visit, group, unit, between, test=False))
            if j:
                changes.append(reach.of(visit, group, unit - np.eye(g * k)[i * k], within))
    return MixedModel(
        m,
        int(patients.size),
        tuple(means),
        tuple(changes),
        _wald_tests(fit, g, k, within, between),
        float(np.sqrt(fit.between_variance)),
        float(np.sqrt(fit.within_variance)),
        fit.log_likelihood,
    )


class Reach:
    """Estimates and t intervals of combinations of the coefficients of one fit."""

    def __init__(self, fit: RandomIntercept, level: float) -> None:
        self.fit = fit
        self.share = 0.5 + level / 2

    def of(
        self, visit: Visit, group: str, weights: FloatArray, df: int, *, test: bool = True
    ) -> MarginalMean:
        """The combination `weights`, shape (p,), on `df` degrees of freedom."""
        estimate = float(weights @ self.fit.beta)
        error = float(np.sqrt(weights @ self.fit.covariance @ weights))
        half = float(t_quantile(self.share, df)) * error
        p = float(t_two_sided(estimate / error, df)) if test else None
        low, high = estimate - half, estimate + half
        return MarginalMean(visit.name, group, estimate, error, float(df), low, high, p)


def _wald_tests(
    fit: RandomIntercept, g: int, k: int, within: int, between: int
) -> tuple[WaldTest, ...]:
    """Marginal F tests with sum contrasts, as ``anova(lme, type = "marginal")``."""
    over_groups, over_visits = np.full((1, g), 1 / g), np.full((1, k), 1 / k)
    of_groups, of_visits = _differences(g), _differences(k)
    tests = [("group", np.kron(of_groups, over_visits), between)] if g > 1 else []
    tests.append(("visit", np.kron(over_groups, of_visits), within))
    if g > 1:
        tests.append(("group:visit", np.kron(of_groups, of_visits), within))
    return tuple(_wald(name, fit, matrix, df) for name, matrix, df in tests)


def _differences(n: int) -> FloatArray:
    return np.asarray(np.eye(n)[1:] - np.eye(n)[:1])


def _wald(name: str, fit: RandomIntercept, matrix: FloatArray, df2: int) -> WaldTest:
    value = matrix @ fit.beta
    spread = matrix @ fit.covariance @ matrix.T
    df = matrix.shape[0]
    statistic = float(value @ np.linalg.solve(spread, value)) / df
    return WaldTest(name, statistic, float(df), float(df2), float(f_upper(statistic, df, df2)))
