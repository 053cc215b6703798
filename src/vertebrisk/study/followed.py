"""The study of time to an event."""

from __future__ import annotations

from vertebrisk.errors import ProtocolError
from vertebrisk.study.steps import Prepared, StudyRun


def followed_study(prepared: Prepared) -> StudyRun:
    """Fit, validate and describe the model of a prepared study of time to event."""
    raise ProtocolError(
        'kind = "time-to-event" in [outcome] can be checked, but not yet run, by this version '
        "of vertebrisk, which models binary outcomes."
    )
