"""`fit_cox` of a scan: patients sorted on disk, then passes over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from vertebrisk._checks import check_choice
from vertebrisk._types import BoolArray, FloatArray, Ties, TimeUnit
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import SurvivalFormula, parse_survival_formula
from vertebrisk.engines.cox import CoxPasses, highest
from vertebrisk.engines.cox_sums import Reach, marks_met, proves_finite, reach_of, scored
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Engine
from vertebrisk.engines.quantiles import quantiles
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.errors import FitError
from vertebrisk.findings import Finding
from vertebrisk.kernels.steps import dependent_columns
from vertebrisk.kernels.streamed.centring import Centring
from vertebrisk.kernels.streamed.rises import Rises
from vertebrisk.kernels.streamed.rows import Look
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.objections.events import few_timed_events
from vertebrisk.models.portable.baseline import Baseline, grid_between, round_marks
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.models.preparing import (
    ALIASED,
    refuse_constant,
    refuse_dependent,
    refuse_extreme,
    refuse_many,
)
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.designing import design_of_scan
from vertebrisk.models.streamed.follow_up import EVENT, TIME, FollowUp, looked_at
from vertebrisk.models.survival.checking import (
    QUARTERS,
    horizons_inside,
    refuse_runaway,
    refuse_unfollowed,
    round_horizons,
)
from vertebrisk.models.survival.objections import silence, tied_events
from vertebrisk.models.survival.reading import outcome_name

FARTHEST = 300.0  # linear predictor of which the exponential squared is a number


def fit_cox_scan(
    formula: str,
    scan: PatientScan,
    *,
    ties: Ties = "efron",
    horizons: Sequence[float] | None = None,
    time_unit: TimeUnit | str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> StreamedCoxFit:
    """`fit_cox` of a scan, by maximum partial likelihood and with prespecified terms."""
    if time_unit and time_unit not in get_args(TimeUnit):
        check_choice(time_unit, "time_unit", TimeUnit)
    parsed = parse_survival_formula(formula)
    return fit_cox_parsed(
        parsed,
        scan,
        name=outcome_name(parsed),
        ties=ties,
        horizons=horizons,
        time_unit=time_unit,
        info=info,
    )


def fit_cox_parsed(
    parsed: SurvivalFormula,
    scan: PatientScan,
    *,
    name: str,
    ties: Ties = "efron",
    horizons: Sequence[float] | None = None,
    time_unit: str = "",
    info: Mapping[str, VariableInfo] | None = None,
) -> StreamedCoxFit:
    """The same of a formula that was read; `name` is that of the outcome."""
    follow, engine = FollowUp.of(scan, parsed), scan.engine
    counts = follow.counts
    refuse_unfollowed(counts.used, counts.events, counts.last, name)
    design = design_of_scan(scan, parsed.terms, follow.complete, info)
    scratch = ScratchFolder(needed=follow.needed(design))
    patients, moved = follow.in_order(design, scratch)
    seen = looked_at(patients, engine)
    _check(design, seen)
    spread = Centring(counts.events, seen.weight, seen.mean, np.diag(seen.cross).copy())
    passes = CoxPasses.of(patients, engine, ties, spread)
    fits = highest(passes)
    refuse_runaway(design, fits, passes.centring.scale, name)
    _check_proved(design, passes, fits, name)
    beta, centre = fits.beta[0], passes.centring.centre
    if abs(float(centre @ beta)) > FARTHEST:
        raise FitError(
            "The baseline hazard for covariates of zero is too small or too large to be "
            f"written (the mean linear predictor is {float(centre @ beta):.4g}). Enter predictors "
            "relative to a usual value, such as years since 2000 instead of the calendar year."
        )
    when = _horizons(horizons, patients, engine, counts.last)
    reach = reach_of(patients, engine, max(len(follow.levels), 1))
    baselines, risen = _baselines(passes, patients, beta, (follow.levels or ("",), reach), when)
    inside, hazards = _hazards(baselines, when)
    points = scored(patients, engine, beta, hazards)
    known = dict(zip(inside, (points.risks / counts.used).tolist(), strict=True))
    sd = float(np.sqrt(points.spread.squares[0] / max(counts.used - 1, 1)))
    return StreamedCoxFit(
        formula=parsed.source,
        design=design,
        beta=beta,
        cov=fits.covariance(),
        ties=ties,
        log_likelihood=float(fits.log_likelihood[0]),
        null_log_likelihood=float(fits.null_log_likelihood[0]),
        score_statistic=_score_statistic(passes),
        n=counts.used,
        n_events=counts.events,
        n_dropped=counts.dropped,
        strata=tuple(parsed.strata),
        strata_levels=follow.levels,
        horizons=when,
        time_unit=time_unit,
        baselines=baselines,
        average_risks=tuple(known.get(horizon) for horizon in when),
        linear=LinearSpread(float(points.spread.centre[0]), sd),
        linear_range=(points.lowest, points.greatest),
        findings=(
            *few_timed_events(counts.events, len(design.columns)),
            *follow.findings,
            *follow.rounded(moved),
            *tied_events(int(risen.tied), counts.events, int(risen.largest), ties),
            *(_silent(reach) if parsed.strata else ()),
        ),
        outcome=name,
        patients=patients,
        engine=engine,
        scratch=scratch,
    )


def _silent(reach: Reach) -> list[Finding]:
    """Strata in which no event meets another patient at risk."""
    silent, sizes = reach.silent, reach.sizes
    return silence(int(silent.sum()), silent.size, int(sizes[silent].sum()), int(sizes.sum()))


def _check(design: Design, seen: Look) -> None:
    """Refuse what no data like these can tell apart."""
    nowhere = [name for name, part in design.slices.items() if part.start == part.stop]
    refuse_extreme(design, seen.lowest, seen.greatest)
    refuse_constant(nowhere + _terms(design, seen.lowest == seen.greatest))
    refuse_many(len(design.columns), seen.size)
    refuse_dependent(list(dict.fromkeys(_terms(design, dependent_columns(seen.cross, ALIASED)))))


def _terms(design: Design, marked: BoolArray) -> list[str]:
    return [column.term for column, mark in zip(design.columns, marked, strict=True) if mark]


def _check_proved(design: Design, passes: CoxPasses, fits: CoxFits, outcome: str) -> None:
    """Refuse an estimate of which it is not proved that it is finite."""
    if fits.deficient[0]:
        raise FitError(
            "The predictors are linearly dependent in the patients at risk; leave one of "
            f"{', '.join(term.name for term in design.terms)} out."
        )
    if not proves_finite(passes.patients, passes.engine, fits, passes.centring.centre):
        raise FitError(
            f"It could not be proved whether a finite maximum-likelihood estimate of '{outcome}' "
            "exists: predictors are nearly dependent, or the event nearly always goes with an "
            "extreme value of one. Merge rare levels, or leave a predictor out; fit_cox of a "
            "part of the patients in memory finds out by a linear programme."
        )


def _score_statistic(passes: CoxPasses) -> float:
    size = passes.centring.centre.size
    if not size:
        return 0.0
    zero = passes.at(np.zeros(size))
    return float(zero.gradient @ np.linalg.solve(zero.information, zero.gradient))


def _horizons(
    horizons: Sequence[float] | None, patients: SortedPatients, engine: Engine, last: float
) -> tuple[float, ...]:
    if horizons is not None:
        return horizons_inside(horizons, last)
    died = DerivedColumns(patients.columns, {EVENT: Made((TIME, EVENT), _times_of_events)})
    return round_horizons(quantiles(engine, died, (EVENT,), QUARTERS)[0, -1], last)


def _times_of_events(values: Mapping[str, FloatArray]) -> FloatArray:
    return np.where(values[EVENT], values[TIME], np.nan)


def _baselines(
    passes: CoxPasses,
    patients: SortedPatients,
    beta: FloatArray,
    strata: tuple[Sequence[str], Reach],
    horizons: tuple[float, ...],
) -> tuple[tuple[Baseline, ...], Rises]:
    """Baseline hazard of every stratum for covariates of zero; see `baseline_hazards`.

    `patients` are all who were followed, at risk at an event or not; `strata` are named.
    """
    engine, centring = passes.engine, passes.centring
    names, last = strata[0], strata[1].last[0].tolist()
    marks = [round_marks(each) for each in last]
    grids = [
        grid_between(own, met, end, horizons)
        for own, met, end in zip(marks, marks_met(patients, engine, marks), last, strict=True)
    ]
    found = passes.rises(beta * centring.scale, grids)
    to_zero = float(np.exp(-centring.centre @ beta))
    baselines = []
    for stratum, (name, grid) in enumerate(zip(names, grids, strict=True)):
        hazard = np.cumsum(found.hazard[stratum])[: grid.size]
        drift = centring.scale * np.cumsum(found.drift[stratum], axis=0)[: grid.size]
        baselines.append(
            Baseline(
                stratum=name,
                times=grid,
                cumulative_hazard=to_zero * hazard,
                variance=to_zero**2 * np.cumsum(found.variance[stratum])[: grid.size],
                mean_integral=to_zero * (drift + hazard[:, None] * centring.centre),
            )
        )
    return tuple(baselines), found


def _hazards(
    baselines: Sequence[Baseline], horizons: Sequence[float]
) -> tuple[list[float], FloatArray]:
    """Horizons inside the follow-up of every stratum, and the cumulative hazards by these."""
    inside = [each for each in horizons if all(own.limit >= each for own in baselines)]
    hazards = np.array([[own.at(each)[0] for each in inside] for own in baselines])
    return inside, hazards.reshape(len(baselines), -1)
