"""What a validation draws or leaves out: patients, or matched sets."""

from __future__ import annotations

import numpy as np

from vertebrisk.cohort import Cohort
from vertebrisk.errors import DataError
from vertebrisk.protocol import Protocol


def units_of(cohort: Cohort) -> int:
    """How many patients, or matched sets, there are."""
    if cohort.sets is not None:
        return int(np.unique(cohort.sets).size)
    return cohort.event.size if cohort.clusters is None else int(cohort.clusters.max()) + 1


def check_folds(protocol: Protocol, cohort: Cohort) -> None:
    """Whether every fold of a cross-validation can have a patient, or a matched set.

    Raises
    ------
    DataError
        There are more folds.
    """
    folds, units = protocol.validation.folds, units_of(cohort)
    if folds is not None and folds > units:
        noun = "patients" if cohort.sets is None else "matched sets"
        raise DataError(
            f"'folds' in [validation] is {folds}, and {units} {noun} are analysed; at most that "
            "many are possible, and 5 or 10 are usual."
        )
