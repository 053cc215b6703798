"""How many patients are needed to validate a model that exists?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_risks, check_fraction
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.sample_size import proportional_hazards
from vertebrisk.kernels.sample_size.normal_predictor import (
    PredictorDistribution,
    at_threshold,
    binormal_at_threshold,
    by_c_index,
    normal,
    of_risks,
)
from vertebrisk.kernels.sample_size.validating import (
    Z,
    c_index_error,
    error_of_width,
    log_error_of_width,
    log_ratio_error,
    n_for_c_index,
    n_for_log_ratio,
    net_benefit_variance,
    slope_variance,
    standardised_net_benefit,
)
from vertebrisk.validation.sample_size.checking import (
    check_available,
    check_c_index,
    check_positive,
)
from vertebrisk.validation.sample_size.results import SampleSize, SizeCriterion

_WIDTHS = {
    "observed-expected": 0.2,
    "slope": 0.2,
    "c-index": 0.1,
    "net-benefit": 0.2,
}
_FEW_RISKS = 20


def sample_size_validation_binary(
    *,
    prevalence: float,
    c_index: float,
    linear_predictor: tuple[float, float] | None = None,
    risks: ArrayLike | None = None,
    threshold: float | None = None,
    sensitivity: float | None = None,
    specificity: float | None = None,
    widths: Mapping[str, float] | None = None,
    available: int | None = None,
) -> SampleSize:
    """How many patients does the validation of a logistic model need?

    The model is taken to be right in the new population, the cautious case where no better
    guess exists: observed over expected and the calibration slope are 1.

    Parameters
    ----------
    prevalence : float
        Share of patients with the event in the new population.
    c_index : float
        Expected there; the optimism-corrected one of the development at best.
    linear_predictor : (float, float), optional
        Mean and SD of the linear predictor in the new population, taken for normal.
    risks : array-like, shape (n,), optional
        Risks that the model gives patients like those of the new population, in place of it.
        Without either, the linear predictor is normal among patients with and without the
        event, as far apart as the C-index says.
    threshold : float, optional
        Threshold of risk at which the net benefit is to be precise.
    sensitivity, specificity : float, optional
        Expected at the threshold; from the distribution of the predictor without.
    widths : mapping, optional
        Width of the 95 % interval by criterion: "observed-expected" 0.2, "slope" 0.2,
        "c-index" 0.1, "net-benefit" 0.2 (standardised) where not stated.
    available : int, optional
        Patients at hand, whom the criteria are then held against.

    Raises
    ------
    ArgumentError
        For values out of range, unknown criteria, or a predictor that does not vary.

    References
    ----------
    Riley et al. 2021, doi:10.1002/sim.9025
    """
    check_fraction(prevalence, "prevalence")
    check_c_index(c_index)
    wanted = _checked_widths(widths, tuple(_WIDTHS))
    given = check_available(available)
    model = _distribution(prevalence, c_index, linear_predictor, risks)
    assumptions = {
        "prevalence": prevalence,
        "c_index": c_index,
        "mean_risk": model.mean_risk,
    }
    per_patient = {"slope": slope_variance(model)}
    at_cut = _at_cut(
        threshold,
        sensitivity,
        specificity,
        model,
        None if _stated(linear_predictor, risks) else c_index,
        prevalence,
    )
    if at_cut is not None:
        cut, sens, spec = at_cut
        per_patient["net-benefit"] = net_benefit_variance(prevalence, cut, sens, spec)
        assumptions |= {
            "threshold": cut,
            "sensitivity": sens,
            "specificity": spec,
            "standardised_net_benefit": standardised_net_benefit(prevalence, cut, sens, spec),
        }
    sizes = {
        "observed-expected": n_for_log_ratio(
            prevalence, log_error_of_width(1.0, wanted["observed-expected"])
        ),
        "c-index": n_for_c_index(prevalence, c_index, error_of_width(wanted["c-index"])),
        **{
            name: math.ceil(variance / error_of_width(wanted[name]) ** 2)
            for name, variance in per_patient.items()
        },
    }
    n = max(sizes.values())
    at = given or n
    attained = {
        "observed-expected": 2 * math.sinh(Z * log_ratio_error(at, prevalence)),
        "c-index": 2 * Z * c_index_error(at, prevalence, c_index),
        **{name: _width(variance, at) for name, variance in per_patient.items()},
    }
    return SampleSize(
        purpose="validation",
        outcome="binary",
        n=n,
        events=n * prevalence,
        parameters=None,
        events_per_parameter=None,
        criteria=_criteria(sizes, wanted, attained, given),
        assumptions=assumptions,
        available=given,
    )


def sample_size_validation_survival(
    *,
    risk: float,
    c_index: float,
    lost: float = 0.0,
    widths: Mapping[str, float] | None = None,
    available: int | None = None,
) -> SampleSize:
    """How many patients does the validation of a Cox model at a horizon need?

    The model is taken to be right in the new population, its linear predictor for normal,
    the baseline hazard for constant up to the horizon, where follow-up ends. The
    standard errors of the Cox coefficient, of Kaplan-Meier's risk and of Harrell's C-index are
    integrals over such patients.

    Parameters
    ----------
    risk : float
        Average risk of the event by the horizon.
    c_index : float
        Harrell's, of events by the horizon, expected in the new population.
    lost : float
        Share of patients lost to follow-up before the horizon and before an event.
    widths : mapping, optional
        Width of the 95 % interval by criterion: "observed-expected" 0.2 (Kaplan-Meier's risk
        at the horizon over the expected one), "slope" 0.2, "c-index" 0.1 where not stated.
    available : int, optional
        Patients at hand, whom the criteria are then held against.

    Raises
    ------
    ArgumentError
        For values out of range or unknown criteria.

    References
    ----------
    Riley et al. 2022, doi:10.1002/sim.9275 (the criteria, there by simulation).
    """
    check_fraction(risk, "risk")
    check_c_index(c_index)
    if not 0 <= lost < 1 - risk:
        raise ArgumentError(
            f"lost is {lost!r}; a share of 0 or more and less than {1 - risk:g} is needed, since "
            f"{risk:.0%} of the patients have the event before the horizon."
        )
    wanted = _checked_widths(widths, ("observed-expected", "slope", "c-index"))
    given = check_available(available)
    follow_up = proportional_hazards.expected_follow_up(risk, c_index, lost)
    per_patient = {
        "observed-expected": follow_up.log_risk_variance,
        "slope": follow_up.slope_variance,
        "c-index": follow_up.c_index_variance,
    }
    errors = {name: error_of_width(width) for name, width in wanted.items()}
    errors["observed-expected"] = log_error_of_width(1.0, wanted["observed-expected"])
    sizes = {
        name: math.ceil(variance / errors[name] ** 2) for name, variance in per_patient.items()
    }
    n = max(sizes.values())
    at = given or n
    attained = {name: _width(variance, at) for name, variance in per_patient.items()}
    attained["observed-expected"] = 2 * math.sinh(
        Z * math.sqrt(per_patient["observed-expected"] / at)
    )
    return SampleSize(
        purpose="validation",
        outcome="survival",
        n=n,
        events=n * follow_up.event_share,
        parameters=None,
        events_per_parameter=None,
        criteria=_criteria(sizes, wanted, attained, given),
        assumptions={
            "risk": risk,
            "c_index": c_index,
            "lost": lost,
            "linear_predictor_sd": follow_up.spread,
            "event_share": follow_up.event_share,
        },
        available=given,
    )


def _stated(linear_predictor: object, risks: object) -> bool:
    return linear_predictor is not None or risks is not None


def _distribution(
    prevalence: float,
    c_index: float,
    linear_predictor: tuple[float, float] | None,
    risks: ArrayLike | None,
) -> PredictorDistribution:
    if linear_predictor is not None and risks is not None:
        raise ArgumentError(
            "linear_predictor and risks both describe how risks are spread; give one of them."
        )
    if linear_predictor is not None:
        mean, sd = linear_predictor
        check_positive(sd, "the SD of linear_predictor")
        if not math.isfinite(mean):
            raise ArgumentError(f"the mean of linear_predictor is {mean!r}; a number is needed.")
        return normal(mean, sd)
    if risks is None:
        return by_c_index(prevalence, c_index)
    values = as_risks(risks, "risks")
    inside = values[(values > 0) & (values < 1)]
    if inside.size < values.size:
        raise ArgumentError(
            f"risks holds {values.size - inside.size} that are exactly 0 or 1; a linear predictor "
            "has no end, leave them out."
        )
    if values.size < _FEW_RISKS or np.ptp(values) == 0:
        raise ArgumentError(
            f"risks holds {values.size} patients with {np.unique(values).size} distinct values; "
            f"{_FEW_RISKS} patients or more whose risks differ are needed."
        )
    return of_risks(values)


def _at_cut(
    threshold: float | None,
    sensitivity: float | None,
    specificity: float | None,
    model: PredictorDistribution,
    c_index: float | None,
    prevalence: float,
) -> tuple[float, float, float] | None:
    """Threshold, sensitivity and specificity; None where no net benefit is asked for."""
    if threshold is None:
        if sensitivity is not None or specificity is not None:
            raise ArgumentError(
                "sensitivity and specificity hold at a threshold of risk; give threshold."
            )
        return None
    check_fraction(threshold, "threshold")
    if (sensitivity is None) != (specificity is None):
        raise ArgumentError("sensitivity and specificity belong together; give both or neither.")
    if sensitivity is not None and specificity is not None:
        for name, value in (("sensitivity", sensitivity), ("specificity", specificity)):
            if not 0 <= value <= 1:
                raise ArgumentError(f"{name} is {value!r}; a number from 0 to 1 is needed.")
        return threshold, sensitivity, specificity
    if c_index is not None:
        return threshold, *binormal_at_threshold(prevalence, c_index, threshold)
    return threshold, *at_threshold(model, threshold)


def _checked_widths(widths: Mapping[str, float] | None, names: tuple[str, ...]) -> dict[str, float]:
    chosen = dict(widths or {})
    strangers = [name for name in chosen if name not in names]
    if strangers:
        raise ArgumentError(f"widths names '{strangers[0]}'; the criteria are {', '.join(names)}.")
    for name, width in chosen.items():
        check_positive(width, f"the width of {name}")
    return {name: chosen.get(name, _WIDTHS[name]) for name in names}


def _width(variance: float, n: int) -> float:
    return 2 * Z * math.sqrt(variance / n)


def _criteria(
    sizes: Mapping[str, int],
    wanted: Mapping[str, float],
    attained: Mapping[str, float],
    given: int | None,
) -> tuple[SizeCriterion, ...]:
    return tuple(
        SizeCriterion(
            name,
            wanted[name],
            sizes[name],
            attained[name],
            None if given is None else given >= sizes[name],
        )
        for name in _WIDTHS
        if name in sizes
    )
