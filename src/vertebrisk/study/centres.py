"""The study centre by centre: each tried with a model of the others."""

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
    from vertebrisk.validation.centres.results import InternalExternal

_WAY_OUT = say("or take 'centre' out of [validation]")


def centres_result(
    prepared: Prepared, fit: LogisticFit | CoxFit | FineGrayFit
) -> tuple[InternalExternal | None, tuple[Finding, ...]]:
    """Internal-external validation where the protocol names a centre, and what it found.

    Raises
    ------
    DataError
        See `check_centres`.
    """
    name = prepared.protocol.validation.centre
    if name is None:
        return None, ()
    check_centres(prepared.protocol, prepared.cohort)
    try:
        found = fit.internal_external(prepared.cohort.frame[name])
    except (ArgumentError, FitError) as error:
        return None, (
            Finding(
                "centres-not-validated",
                "warning",
                say("The centres could not be left out one by one: {error}", error=reason(error)),
                say("Name other groups, {way_out}.", way_out=_WAY_OUT),
            ),
        )
    label = prepared.info[name].label or name
    return replace(found, by=label), found.findings


def check_centres(protocol: Protocol, cohort: Cohort) -> None:
    """Whether every patient has a centre, and none two.

    Raises
    ------
    DataError
        Centres are missing, there is one alone, or a patient's vertebrae lie in two.
    """
    name = protocol.validation.centre
    if name is None:
        return
    column = cohort.frame[name]
    missing = column.null_count()
    if missing:
        raise DataError(
            f"'{name}', the centre, is missing for {missing} of the {column.len()} rows analysed; "
            f"complete it, exclude them by the rule '{name} is missing', {_WAY_OUT}."
        )
    values, codes = np.unique(column.cast(str).to_numpy(), return_inverse=True)
    if values.size < 2:
        raise DataError(f"'{name}' holds one centre alone; two are needed, {_WAY_OUT}.")
    if cohort.clusters is not None:
        pairs = np.unique(np.stack([cohort.clusters, codes]), axis=1)
        split = int((np.bincount(pairs[0]) > 1).sum())
        if split:
            raise DataError(
                f"{split} patients have vertebrae in more than one centre ('{name}'), and are left "
                f"out whole; give each patient one, {_WAY_OUT}."
            )
