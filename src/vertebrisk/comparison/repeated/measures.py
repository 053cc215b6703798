"""`repeated_measures`: a score over follow-up in one call on a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal

import numpy as np

from vertebrisk._checks import check_choice, check_fraction
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray
from vertebrisk.comparison.repeated.changes import (
    changes_of,
    group_difference,
    responders_at,
    visit_summary,
)
from vertebrisk.comparison.repeated.models import complete_cases, mixed_model
from vertebrisk.comparison.repeated.remarks import remarks
from vertebrisk.comparison.repeated.results import ALL, RepeatedMeasures
from vertebrisk.comparison.repeated.shaping import (
    Scores,
    as_visits,
    check_limits,
    long_scores,
    wide_scores,
)
from vertebrisk.errors import ArgumentError

Pairs = Literal["all", "baseline"]


def repeated_measures(
    data: object,
    visits: Sequence[object] | Mapping[str, str] | None = None,
    *,
    score: str | None = None,
    visit: str | None = None,
    patient: str | None = None,
    group: str | None = None,
    times: Mapping[str, float] | Sequence[float] | None = None,
    pairs: Pairs = "all",
    mcid: float | None = None,
    higher_is_worse: bool = True,
    limits: tuple[float, float] | None = None,
    level: float = 0.95,
) -> RepeatedMeasures:
    """How did a score (pain, disability) change over follow-up, and by how much?

    Each visit is described; changes are tested pair by pair (paired t, Wilcoxon's signed
    rank, Holm's correction), and over all visits by repeated-measures ANOVA and Friedman's
    test. Where scores are missing, a mixed model uses all of them.

    Parameters
    ----------
    data : polars, pandas or pyarrow table, or dict of columns
        Wide form: one row a patient, one column a visit. Long form: one row a patient
        and visit, with `score`, `visit` and `patient` naming its columns. Null and NaN
        are missing scores.
    visits : sequence or mapping, optional
        Wide: the columns from the first visit (the baseline) to the last. Long: the
        visits in their order; by default that of the numbers or levels in `visit`. A
        mapping gives each visit its label.
    score, visit, patient : str, optional
        Columns of the long form. `patient` alone checks that a wide table has one row each.
    group : str, optional
        Column of two or more groups of patients; adds the terms between patients.
    times : mapping or sequence, optional
        Time of each visit since the baseline, in one unit; only the figure needs them.
    pairs : {"all", "baseline"}
        Which pairs of visits are tested; Holm's correction is over these, separately for
        each test and group.
    mcid : float, optional
        Minimal clinically important difference in the score's unit, such as 2 for a VAS or
        10 points for the ODI; gives the share of patients who improved so much.
    higher_is_worse : bool
        True for pain and disability: improvement is a fall.
    limits : tuple of float, optional
        Lowest and highest possible score; one beyond is refused.
    level : float
        Coverage of all intervals.

    Returns
    -------
    RepeatedMeasures
        ``summaries, changes, responders, complete`` (ANOVA, sphericity, Friedman),
        ``mixed``, ``differences`` between two groups, and ``findings``.

    Raises
    ------
    ArgumentError
        When a column or option is unknown, or fewer than two visits are given.
    DataError
        When a score is text or lies beyond `limits`, or a patient is twice at a visit.

    Notes
    -----
    Changes, paired tests and responders use every patient with both scores; ANOVA and
    Friedman's test only those seen at every visit, and `complete.left_out` counts the
    rest. References: ``car::Anova`` and ``mauchly.test`` (ANOVA, epsilons), ``friedman.test``,
    ``wilcox.test``, ``t.test``, ``p.adjust``, ``nlme::lme`` (random intercept, REML).

    References
    ----------
    Greenhouse and Geisser 1959, doi:10.1007/BF02289823; Olejnik and Algina 2003 on
    generalised eta squared, doi:10.1037/1082-989X.8.4.434; Laird and Ware 1982,
    doi:10.2307/2529876

    Examples
    --------
    >>> record = repeated_measures(
    ...     {"before": [8, 7, 9, 6], "after": [3, 4, 2, 3]}, ["before", "after"], mcid=2
    ... )
    >>> record.changes[0].mean, record.responders[0].count
    (-4.5, 4)
    """
    check_choice(pairs, "pairs", Pairs)
    check_fraction(level, "level")
    if mcid is not None and not 0 < mcid < np.inf:
        raise ArgumentError(f"mcid is {mcid!r}; a number above 0 is needed.")
    scores = _scores(data, visits, (score, visit, patient), group, times)
    if limits is not None:
        check_limits(scores, _limits(limits))
    return analyse(scores, pairs, mcid, higher_is_worse, level)


def _limits(limits: tuple[float, float]) -> tuple[float, float]:
    if len(limits) != 2 or not limits[0] < limits[1]:
        raise ArgumentError(f"limits are {limits!r}; two numbers are needed, the lower one first.")
    return limits


def _scores(
    data: object,
    visits: Sequence[object] | Mapping[str, str] | None,
    names: tuple[str | None, str | None, str | None],
    group: str | None,
    times: Mapping[str, float] | Sequence[float] | None,
) -> Scores:
    frame = as_polars(data)
    score, visit, patient = names
    if score is None and visit is None:
        if visits is None:
            raise ArgumentError(
                "Give visits, the columns from the first visit to the last, or score, visit and "
                "patient for the long form."
            )
        return wide_scores(frame, as_visits(visits, {}, times), group, patient)
    if score is None or visit is None or patient is None:
        raise ArgumentError(
            "The long form needs all three of score, visit and patient; without score and visit "
            "each of visits is a column."
        )
    if visits is None and times is not None:
        raise ArgumentError("times needs visits, in whose order they are.")
    listed = None if visits is None else as_visits(visits, {}, times)
    return long_scores(frame, (score, visit, patient), listed, group)


def analyse(
    scores: Scores, pairs: Pairs, mcid: float | None, higher_is_worse: bool, level: float
) -> RepeatedMeasures:
    """The whole analysis of scores that are already a matrix."""
    matrix, visits = scores.matrix, scores.visits
    k = len(visits)
    compared = list(combinations(range(k), 2)) if pairs == "all" else [(0, j) for j in range(1, k)]
    parts = list(_parts(scores))
    summaries = [
        visit_summary(visit, name, part[:, at], level)
        for name, part in parts
        for at, visit in enumerate(visits)
    ]
    changes = [
        each for name, part in parts for each in changes_of(part, visits, compared, name, level)
    ]
    responders = [
        responders_at(visits[at], name, part[:, at] - part[:, 0], mcid, higher_is_worse, level)
        for name, part in parts
        for at in range(1, k)
        if mcid is not None
    ]
    complete = complete_cases(matrix, visits, scores.codes)
    missing = bool(np.isnan(matrix).any())
    mixed = mixed_model(matrix, visits, scores.codes, scores.groups, level) if missing else None
    differences = []
    if len(scores.groups) == 2:
        first, second = parts[1][1], parts[2][1]
        differences = [
            group_difference(
                visits[at], first[:, at] - first[:, 0], second[:, at] - second[:, 0], level
            )
            for at in range(1, k)
        ]
    return RepeatedMeasures(
        visits=visits,
        groups=scores.groups,
        n=int(matrix.shape[0]),
        higher_is_worse=higher_is_worse,
        mcid=mcid,
        level=level,
        summaries=tuple(summaries),
        changes=tuple(changes),
        responders=tuple(responders),
        complete=complete,
        mixed=mixed,
        differences=tuple(differences),
        findings=remarks(scores, complete, mixed),
    )


def _parts(scores: Scores) -> Iterator[tuple[str, FloatArray]]:
    """All patients, then each group."""
    yield ALL, scores.matrix
    for code, name in enumerate(scores.groups):
        yield name, scores.matrix[scores.codes == code]
