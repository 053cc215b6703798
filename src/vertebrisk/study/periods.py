"""The study split by time: a model of the earlier patients on the later ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk.cohort import Cohort
from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.findings import Finding
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.protocol import Protocol
from vertebrisk.study.steps import Prepared
from vertebrisk.text.messages import reason, say

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit
    from vertebrisk.validation.temporal import TemporalSplit

_WAY_OUT = say("or take 'split' out of [validation]")


def split_result(
    prepared: Prepared, fit: LogisticFit | CoxFit | FineGrayFit
) -> tuple[TemporalSplit | None, tuple[Finding, ...]]:
    """The split where the protocol asks for one, and what it found.

    Raises
    ------
    DataError
        See `check_split`.
    """
    asked = prepared.protocol.validation.split
    if asked is None:
        return None, ()
    check_split(prepared.protocol, prepared.cohort)
    try:
        found = fit.temporal_split(
            prepared.cohort.frame[asked.by],
            since=asked.since,
            resamples=prepared.plan.resamples,
            seed=prepared.plan.seed,
        )
    except (ArgumentError, DataError, FitError) as error:
        return None, (
            Finding(
                "split-not-validated",
                "warning",
                say("The study could not be split by time: {error}", error=reason(error)),
                say("Choose another 'since', {way_out}.", way_out=_WAY_OUT),
            ),
        )
    return replace(found, by=prepared.info[asked.by].label or asked.by), found.findings


def check_split(protocol: Protocol, cohort: Cohort) -> None:
    """Whether every patient has a time, and both sides have patients.

    Raises
    ------
    DataError
        Times are missing, or all lie on one side.
    """
    asked = protocol.validation.split
    if asked is None:
        return
    column = cohort.frame[asked.by]
    missing = column.null_count()
    if missing:
        raise DataError(
            f"'{asked.by}', by which the study is split, is missing for {missing} of the "
            f"{column.len()} rows analysed; complete it, {_WAY_OUT}."
        )
    times = column.to_numpy()
    later = int(np.sum(times >= asked.since))
    if later in (0, column.len()):
        found = f"{times.min():g} to {times.max():g}"
        raise DataError(
            f"'since' = {asked.since:g} in [validation] leaves one side without patients: "
            f"'{asked.by}' runs from {found}. Choose a time between, {_WAY_OUT}."
        )
