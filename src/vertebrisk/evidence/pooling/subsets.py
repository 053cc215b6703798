"""The same pooling on some of the studies: without each, up to each, and group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._types import FloatArray, IntArray, Json
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.pooling.checking import as_effects, as_names, need_studies
from vertebrisk.evidence.pooling.options import PoolingOptions
from vertebrisk.evidence.pooling.pooling import pooled_effects, single_study
from vertebrisk.evidence.pooling.results import SCHEMA_VERSION, Pooled, PredictionDf, plain
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.meta_analysis.contrasts import error_contrasts
from vertebrisk.kernels.meta_analysis.effects import Scale
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing

_COLUMNS = (
    "k", "estimate", "std_error", "conf_low", "conf_high", "p_value", "tau2", "i2", "h2", "q",
    "q_p_value", "prediction_low", "prediction_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One group of studies and its pooled number."""

    group: str
    pooled: Pooled

    def to_dict(self) -> Json:
        """JSON form."""
        return {"group": self.group, "pooled": self.pooled.to_dict()}


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Groups of studies pooled apart, each with a tau2 of its own.

    `q` on `q_df` degrees of freedom tests whether the groups' effects are one; `overall` pools
    all studies.
    """

    groups: tuple[Subgroup, ...]
    overall: Pooled
    q: float | None
    q_df: int
    q_p_value: float | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form."""
        return {"schema_version": SCHEMA_VERSION, "kind": "subgroups", **plain(self)}


def leave_one_out(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    *,
    studies: Sequence[str] | None = None,
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
    prediction_df: PredictionDf | None = None,
) -> pl.DataFrame:
    """Does the pooled number hang on one study?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`, of three or more studies.
    studies : sequence of str, optional
        Their names; by default their places from 1.
    method, hartung_knapp, conf_level, prediction_df
        As for `pool`.

    Returns
    -------
    polars.DataFrame
        One row a study: `omitted`, and what the others give (k, estimate, std_error, conf_low,
        conf_high, p_value, tau2, i2, h2, q, q_p_value, prediction_low, prediction_high), as
        ``metafor::leave1out``.

    Raises
    ------
    ArgumentError
        For fewer than three studies, and for what `pool` refuses.
    """
    options = PoolingOptions(method, hartung_knapp, conf_level, prediction_df)
    effects, variances = as_effects(estimates, std_errors)
    names = as_names(studies, effects.size)
    need_studies(effects.size, 3)
    everyone = np.arange(effects.size)
    kept = (everyone[everyone != place] for place in everyone)
    return _frame("omitted", names, effects, variances, kept, options)


def cumulative_pooling(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    *,
    studies: Sequence[str] | None = None,
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
    prediction_df: PredictionDf | None = None,
) -> pl.DataFrame:
    """How did the pooled number come about, study by study?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`, in the order in which they are added, such as that of publication.
    studies : sequence of str, optional
        Their names; by default their places from 1.
    method, hartung_knapp, conf_level, prediction_df
        As for `pool`.

    Returns
    -------
    polars.DataFrame
        One row for each study from the second on: `added`, and what all up to it give, in the
        columns of `leave_one_out`; as ``metafor::cumul``.

    Raises
    ------
    ArgumentError
        For what `pool` refuses.
    """
    options = PoolingOptions(method, hartung_knapp, conf_level, prediction_df)
    effects, variances = as_effects(estimates, std_errors)
    names = as_names(studies, effects.size)
    kept = (np.arange(last + 1) for last in range(1, effects.size))
    return _frame("added", names[1:], effects, variances, kept, options)


def _frame(
    label: str,
    names: Sequence[str],
    effects: FloatArray,
    variances: FloatArray,
    kept: Iterable[IntArray],
    options: PoolingOptions,
) -> pl.DataFrame:
    pooled = [pooled_effects(effects[rows], variances[rows], options) for rows in kept]
    columns: dict[str, list[object]] = {label: list(names)}
    for column in _COLUMNS:
        columns[column] = [getattr(each, column) for each in pooled]
    kinds = {name: pl.Int64 if name == "k" else pl.Float64 for name in _COLUMNS}
    return pl.DataFrame(columns, schema={label: pl.String, **kinds})


def pool_subgroups(
    estimates: ArrayLike,
    std_errors: ArrayLike,
    groups: Sequence[object],
    *,
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    conf_level: float = 0.95,
    prediction_df: PredictionDf | None = None,
    scale: Scale = "identity",
) -> Subgroups:
    """Do groups of studies, such as those of one outcome definition, differ?

    Parameters
    ----------
    estimates, std_errors : array-like, shape (k,)
        As for `pool`.
    groups : sequence, shape (k,)
        Group of each study; groups come in the order in which they first occur.
    method, hartung_knapp, conf_level, prediction_df, scale
        As for `pool`, in each group. A group of one study is that study with its own interval.

    Returns
    -------
    Subgroups
        The test between groups is that of their estimates and standard errors: the sum of
        weighted squares about their mean, chi-square on groups less one. A group whose standard
        error is zero leaves it undefined (None).

    Raises
    ------
    ArgumentError
        For a single group, missing groups, and for what `pool` refuses.

    References
    ----------
    Borenstein and Higgins 2013, doi:10.1007/s11121-013-0377-7
    """
    options = PoolingOptions(method, hartung_knapp, conf_level, prediction_df, scale)
    effects, variances = as_effects(estimates, std_errors)
    labels = _labels(groups, effects.size)
    members: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        members.setdefault(label, []).append(place)
    if len(members) < 2:
        raise ArgumentError("groups holds one group alone; two or more are needed.")
    found = tuple(
        Subgroup(label, _one_group(effects[rows], variances[rows], options))
        for label, rows in members.items()
    )
    q = _between(found)
    return Subgroups(
        groups=found,
        overall=pooled_effects(effects, variances, options),
        q=q,
        q_df=len(found) - 1,
        q_p_value=None if q is None else float(chi2_upper(q, len(found) - 1)),
        findings=_small_groups(found),
    )


def _labels(groups: Sequence[object], k: int) -> list[str]:
    labels = list(groups)
    if len(labels) != k:
        raise ArgumentError(
            f"groups has {len(labels)} values where there are {k} studies; give one a study."
        )
    missing = [place + 1 for place, label in enumerate(labels) if label is None or label != label]
    if missing:
        noun = agreeing(len(missing), "study", "studies")
        raise ArgumentError(
            f"groups is missing in {noun} {', '.join(map(str, missing))} (from 1). Name a group, "
            "or leave the study out."
        )
    return [str(label) for label in labels]


def _one_group(effects: FloatArray, variances: FloatArray, options: PoolingOptions) -> Pooled:
    if effects.size == 1:
        return single_study(float(effects[0]), float(variances[0]), options)
    return pooled_effects(effects, variances, options)


def _between(found: Sequence[Subgroup]) -> float | None:
    effects = np.array([each.pooled.estimate for each in found])
    errors = np.array([each.pooled.std_error for each in found])
    if not (errors > 0).all():
        return None
    columns = np.ones((effects.size, 1))
    return error_contrasts(effects, errors**2, columns).generalised_q(0.0)


def _small_groups(found: Sequence[Subgroup]) -> tuple[Finding, ...]:
    small = [each.group for each in found if each.pooled.k < 3]
    if not small:
        return ()
    return (
        Finding(
            "small-subgroups",
            "warning",
            say(
                "{Group} {small} {have} fewer than three studies; the test between groups "
                "rests on variances that are hardly known.",
                Group=agreeing(len(small), "Group", "Groups"),
                small=", ".join(small),
                have=agreeing(len(small), "has", "have"),
            ),
            say("Show the groups, and draw no conclusion from the test."),
        ),
    )
