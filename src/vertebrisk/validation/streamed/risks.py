"""Risks and outcomes of a scan, checked, with the sums that one pass tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.streamed.scores import ScoreSums, added_scores, score_sums
from vertebrisk.validation.agreement import log_odds
from vertebrisk.validation.streamed.scored import check_numbers, known_numbers

EVENT, RISK, LINEAR = "event", "risk", "linear_predictor"


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Patients with a risk and an outcome.

    Attributes
    ----------
    engine : Engine
    columns : DerivedColumns
        With `EVENT`, `RISK` and `LINEAR`, the log-odds; all three NaN where one of the two is
        missing.
    sums : ScoreSums
    """

    engine: Engine
    columns: DerivedColumns
    sums: ScoreSums

    @classmethod
    def of(cls, scan: PatientScan, event: str, risk: str) -> Scored:
        """Of two columns of a scan; one pass.

        Raises
        ------
        ArgumentError
            For values that are no outcomes or probabilities, or of one class only.
        DataError
            Where there is no such column, or no number in it.
        """
        scan.check_names((event, risk))
        check_numbers(scan.stored[event], "truths, or 0 and 1")
        check_numbers(scan.stored[risk], "probabilities", truths=False)
        columns = _derived(scan.columns, event, risk)
        if scan.n_rows == 0:
            raise DataError("There are no patients; risks need outcomes to be judged by.")
        sums = scan.engine.reduce(columns, (EVENT, RISK), _summed, added_scores, "scores")
        _check_sums(sums, event, risk)
        return cls(scan.engine, columns, sums)

    def complete(self) -> Scored:
        """The same where every patient has both; ArgumentError where some have not."""
        if self.sums.missing:
            raise ArgumentError(
                f"{self.sums.missing} patients have no risk or no outcome; leave those patients "
                "out."
            )
        return self


def _check_sums(sums: ScoreSums, event: str, risk: str) -> None:
    if sums.strange:
        raise ArgumentError(
            f"Column '{event}' has {sums.strange} values other than 0 and 1; say which means the "
            "event."
        )
    if sums.n and (sums.lowest < 0.0 or sums.greatest > 1.0):
        raise ArgumentError(
            f"Column '{risk}' runs from {sums.lowest:.4g} to {sums.greatest:.4g}; probabilities "
            "lie between 0 and 1 (divide percentages by 100)."
        )
    if sums.n_events in (0, sums.n):
        raise ArgumentError(
            f"Column '{event}' has {sums.n_events} events among {sums.n} patients with a risk and "
            "an outcome; patients with the event and without it are needed."
        )


def _derived(columns: Columns, event: str, risk: str) -> DerivedColumns:
    both = (event, risk)
    return DerivedColumns(
        columns,
        {
            EVENT: Made(both, partial(_outcome, event=event, risk=risk)),
            RISK: Made(both, partial(_risk, event=event, risk=risk)),
            LINEAR: Made(both, partial(_linear, event=event, risk=risk)),
        },
    )


def _outcome(read: Mapping[str, Values], event: str, risk: str) -> FloatArray:
    numbers = known_numbers(read[event])
    return np.where(np.isnan(known_numbers(read[risk])), np.nan, numbers)


def _risk(read: Mapping[str, Values], event: str, risk: str) -> FloatArray:
    return np.where(np.isnan(known_numbers(read[event])), np.nan, known_numbers(read[risk]))


def _linear(read: Mapping[str, Values], event: str, risk: str) -> FloatArray:
    return log_odds(_risk(read, event, risk))


def _summed(chunk: Chunk) -> ScoreSums:
    return score_sums(chunk.values[EVENT], chunk.values[RISK])
