"""Internal-external validation of a model of time to event, by one horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vertebrisk._checks import check_choice
from vertebrisk._types import BoolArray, FloatArray, IntArray, ModelKind
from vertebrisk.kernels.survival.censoring import EVENT
from vertebrisk.models.validating.columns import OfRows
from vertebrisk.models.validating.plan import ResamplePlan, procedure_name
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.centres.assembling import CentreSettings, assembled
from vertebrisk.validation.centres.measured import Centre, Reason, unmeasured
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.centres.timed import Followed, timed_centre
from vertebrisk.validation.resampling import Developed, worked
from vertebrisk.validation.survival.concordance import ConcordanceKind
from vertebrisk.validation.survival.resampling import TimedModel, risks_by


class TimedFit(OfRows, Protocol):
    """A fit of times to an event, as far as centres need it."""

    @property
    def chosen(self) -> BoolArray:
        """Terms of the final model among its candidates."""
        ...

    @property
    def clusters(self) -> IntArray | None:
        """Patient of each row where rows are vertebrae."""
        ...

    @property
    def outcome(self) -> str:
        """What the event is called."""
        ...

    @property
    def horizons(self) -> tuple[float, ...]:
        """Times by which risks are wanted, the principal one first."""
        ...

    @property
    def time_unit(self) -> str:
        """Unit of all times."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class AskedOverTime:
    """What is asked of a model of time to event.

    Attributes
    ----------
    kind : str
    model : TimedModel
        Its baseline.
    patients : Followed
    horizon : float
    concordance : {"harrell", "uno"}
    level : float
    """

    kind: ModelKind
    model: TimedModel
    patients: Followed
    horizon: float
    concordance: ConcordanceKind
    level: float

    def __post_init__(self) -> None:
        check_choice(self.concordance, "concordance", ConcordanceKind)


def followed_centres(
    fit: TimedFit,
    asked: AskedOverTime,
    names: list[str],
    codes: IntArray,
    by: str,
    *,
    fixed: bool,
) -> InternalExternal:
    """Every centre by a model of the others; see `CoxFit.internal_external`."""
    plan = ResamplePlan.folded(codes[None], None, asked.level, "cross-validation")
    development, final = repeated_procedure(fit, fixed=fixed)
    horizon, patients = asked.horizon, asked.patients
    when = np.array([horizon])

    def develop(weights: FloatArray) -> tuple[Developed, FloatArray, FloatArray]:
        made = development(weights, final)
        linear = made.linear[:, made.patterns.of]
        return made, linear, asked.model.log_hazards(linear, weights, when)[:, :, 0]

    pieces = worked(develop, plan.draw, plan.resamples, codes.size)
    separated = np.concatenate([piece[0].separated for piece in pieces])
    deficient = np.concatenate([piece[0].deficient for piece in pieces])
    linears = np.concatenate([piece[1] for piece in pieces])
    hazards = np.concatenate([piece[2] for piece in pieces])
    centres: list[Centre] = []
    for code, name in enumerate(names):
        inside = codes == code
        own = patients.take(inside)
        reason = no_model(patients, inside, horizon)
        if reason is not None:
            events = int(own.events_by(horizon).sum())
            centres.append(unmeasured(name, int(inside.sum()), events, reason))
            continue
        linear = linears[code, inside]
        centres.append(
            timed_centre(
                name,
                own,
                linear,
                risks_by(linear, hazards[code, own.strata]),
                horizon,
                asked.concordance,
                asked.level,
                finite=not separated[code],
                reached=others_reached(patients, inside, horizon),
            )
        )
    return assembled(
        centres,
        CentreSettings(
            outcome=fit.outcome,
            by=by,
            kind=asked.kind,
            procedure=procedure_name(fit.development, fixed=fixed),
            level=asked.level,
            horizon=horizon,
            time_unit=fit.time_unit,
            concordance=asked.concordance,
            clustered=fit.clusters is not None,
            uninformed=tuple(name for name, lost in zip(names, deficient, strict=True) if lost),
        ),
    )


def no_model(patients: Followed, inside: BoolArray, horizon: float) -> Reason | None:
    """Why the others give a centre no risks: nobody has the event, or its stratum is not there."""
    others = patients.take(~inside)
    events = others.events_by(horizon)
    if not events.any():
        return "the others have one outcome"
    if not np.isin(patients.strata[inside], others.strata[events]).all():
        return "a stratum is in no other centre"
    return None


def others_reached(patients: Followed, inside: BoolArray, horizon: float) -> bool:
    """Whether the others were followed to the horizon, in each stratum of the centre.

    Where all of them had failed before it, nothing is left to follow.
    """
    others = patients.take(~inside)
    for stratum in np.unique(patients.strata[inside]):
        here = others.strata == stratum
        lost = here & (others.exit < horizon) & (others.status != EVENT)
        if lost.any() and not (here & (others.exit >= horizon)).any():
            return False
    return True
