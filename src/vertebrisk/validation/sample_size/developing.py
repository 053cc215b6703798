"""How many patients are needed to develop a model with so many candidate parameters?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vertebrisk._checks import check_fraction, check_positive_int
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.sample_size import continuous
from vertebrisk.kernels.sample_size.developing import (
    MARGIN,
    OPTIMISM,
    SHARE_OF_LARGEST,
    SHRINKAGE,
    expected_shrinkage,
    largest_r2_binary,
    largest_r2_survival,
    margin_of_overall_risk,
    n_for_optimism,
    n_for_overall_risk,
    n_for_shrinkage,
)
from vertebrisk.kernels.sample_size.normal_predictor import r2_of_c_index
from vertebrisk.kernels.sample_size.searching import fewest
from vertebrisk.validation.sample_size.checking import (
    check_available,
    check_c_index,
    check_positive,
    only_one,
)
from vertebrisk.validation.sample_size.results import SampleSize, SizeCriterion

_Z = 1.96


def sample_size_binary(
    *,
    parameters: int,
    prevalence: float,
    r2_cs: float | None = None,
    r2_nagelkerke: float | None = None,
    c_index: float | None = None,
    shrinkage: float = SHRINKAGE,
    optimism: float = OPTIMISM,
    margin: float = MARGIN,
    available: int | None = None,
) -> SampleSize:
    """How many patients does a logistic model with so many candidates need?

    Parameters
    ----------
    parameters : int
        Candidate parameters, not only those that will be kept: every level but the reference
        and every column of a spline counts.
    prevalence : float
        Share of patients with the event.
    r2_cs, r2_nagelkerke, c_index : float, optional
        What is expected of the model, one of the three: Cox and Snell's R² (adjusted for
        optimism), Nagelkerke's, or the C-index, from which R² follows if the linear predictor
        is normal with one variance among patients with and without the event (integrated,
        not simulated). 15 % of the largest R² that is possible without any.
    shrinkage : float
        Least factor by which coefficients may need to be shrunk.
    optimism : float
        Most that the apparent Nagelkerke R² may be too high.
    margin : float
        Half the width of the 95 % interval of the overall risk.
    available : int, optional
        Patients at hand, whom the criteria are then held against.

    Raises
    ------
    ArgumentError
        For values out of range, or an R² above the largest that the prevalence allows.

    References
    ----------
    Riley et al. 2019, doi:10.1002/sim.7992; 2020, doi:10.1136/bmj.m441; C-index to R²: Riley,
    Van Calster and Collins 2021, doi:10.1002/sim.8806.
    """
    check_positive_int(parameters, "parameters")
    check_fraction(prevalence, "prevalence")
    only_one(r2_cs=r2_cs, r2_nagelkerke=r2_nagelkerke, c_index=c_index)
    largest = largest_r2_binary(prevalence)
    if c_index is not None:
        r2_cs = r2_of_c_index(prevalence, check_c_index(c_index))
    r2 = _expected_r2(r2_cs, r2_nagelkerke, largest)
    given = check_available(available)
    ratios = _Ratios(parameters, r2, largest, shrinkage, optimism)
    n_risk = n_for_overall_risk(prevalence, margin)
    n = max(*ratios.sizes, n_risk)
    at = given or n
    return SampleSize(
        purpose="development",
        outcome="binary",
        n=n,
        events=n * prevalence,
        parameters=parameters,
        events_per_parameter=n * prevalence / parameters,
        criteria=(
            *ratios.criteria(at, given),
            _criterion(
                "overall-risk", margin, n_risk, margin_of_overall_risk(at, prevalence), given
            ),
        ),
        assumptions={
            "prevalence": prevalence,
            "r2_cs": r2,
            "largest_r2_cs": largest,
            "r2_nagelkerke": r2 / largest,
            **({} if c_index is None else {"c_index": c_index}),
        },
        available=given,
    )


def sample_size_survival(
    *,
    parameters: int,
    rate: float,
    horizon: float,
    mean_followup: float,
    r2_cs: float | None = None,
    r2_nagelkerke: float | None = None,
    shrinkage: float = SHRINKAGE,
    optimism: float = OPTIMISM,
    margin: float = MARGIN,
    available: int | None = None,
) -> SampleSize:
    """How many patients does a Cox model with so many candidates need?

    Parameters
    ----------
    parameters : int
        Candidate parameters, as for `sample_size_binary`.
    rate : float
        Events per patient and unit of time.
    horizon : float
        Time of the predictions, in the same unit.
    mean_followup : float
        Mean follow-up, in the same unit.
    r2_cs, r2_nagelkerke : float, optional
        R² expected of the model; 15 % of the largest that is possible without either.
    shrinkage, optimism : float
        As for `sample_size_binary`.
    margin : float
        Most by which the upper 95 % limit may exceed the overall risk at the horizon.
    available : int, optional
        Patients at hand, whom the criteria are then held against.

    Raises
    ------
    ArgumentError
        For values out of range, or an R² above the largest that the event rate allows.

    References
    ----------
    Riley et al. 2019, doi:10.1002/sim.7992; 2020, doi:10.1136/bmj.m441
    """
    check_positive_int(parameters, "parameters")
    for name, value in (("rate", rate), ("horizon", horizon), ("mean_followup", mean_followup)):
        check_positive(value, name)
    check_fraction(margin, "margin")
    only_one(r2_cs=r2_cs, r2_nagelkerke=r2_nagelkerke)
    per_patient = rate * mean_followup
    if per_patient >= 1:
        raise ArgumentError(
            f"rate {rate:g} over a mean follow-up of {mean_followup:g} gives {per_patient:g} "
            "events a patient; it must be less than 1. Are both in one unit of time?"
        )
    largest = largest_r2_survival(per_patient)
    r2 = _expected_r2(r2_cs, r2_nagelkerke, largest)
    given = check_available(available)
    ratios = _Ratios(parameters, r2, largest, shrinkage, optimism)
    risk = -math.expm1(-rate * horizon)

    def limits(n: float) -> tuple[float, float]:
        reach = _Z * math.sqrt(rate / (mean_followup * n))
        low, high = max(rate - reach, 0.0), rate + reach
        return -math.expm1(-low * horizon), -math.expm1(-high * horizon)

    n_risk = fewest(1, lambda n: limits(n)[1] - risk <= margin)
    n = max(*ratios.sizes, n_risk)
    at = given or n
    low, high = limits(at)
    return SampleSize(
        purpose="development",
        outcome="survival",
        n=n,
        events=n * per_patient,
        parameters=parameters,
        events_per_parameter=n * per_patient / parameters,
        criteria=(
            *ratios.criteria(at, given),
            _criterion("overall-risk", margin, n_risk, high - risk, given),
        ),
        assumptions={
            "rate": rate,
            "horizon": horizon,
            "mean_followup": mean_followup,
            "r2_cs": r2,
            "largest_r2_cs": largest,
            "r2_nagelkerke": r2 / largest,
            "risk": risk,
            "risk_low": low,
            "risk_high": high,
        },
        available=given,
    )


def sample_size_continuous(
    *,
    parameters: int,
    r2: float,
    mean: float,
    sd: float,
    shrinkage: float = SHRINKAGE,
    optimism: float = OPTIMISM,
    margin: float = continuous.MARGIN_OF_ERROR,
    available: int | None = None,
) -> SampleSize:
    """How many patients does a linear model with so many candidates need?

    Parameters
    ----------
    parameters : int
        Candidate parameters, as for `sample_size_binary`; 3 or more.
    r2 : float
        Adjusted R² expected of the model.
    mean, sd : float
        Of the outcome, in its own unit; the mean must not be 0.
    shrinkage, optimism : float
        Least shrinkage factor; most by which the apparent R² may exceed the adjusted one.
    margin : float
        Factor within which the residual SD and the mean outcome are to be known, above 1.
    available : int, optional
        Patients at hand, whom the criteria are then held against.

    Raises
    ------
    ArgumentError
        For values out of range.

    References
    ----------
    Riley et al. 2019, doi:10.1002/sim.7993
    """
    check_positive_int(parameters, "parameters")
    if parameters < 3:
        raise ArgumentError(
            f"parameters is {parameters}; the shrinkage factor of a linear model is defined from "
            "3 on."
        )
    for name, value in (("r2", r2), ("shrinkage", shrinkage), ("optimism", optimism)):
        check_fraction(value, name)
    check_positive(sd, "sd")
    if not (math.isfinite(mean) and mean != 0):
        raise ArgumentError(
            f"mean is {mean!r}; a number other than 0 is needed, since its margin is a factor."
        )
    if not 1 < margin < math.inf:
        raise ArgumentError(f"margin is {margin!r}; a factor above 1 is needed, such as 1.1.")
    given = check_available(available)
    sizes = {
        "shrinkage": continuous.n_for_shrinkage(parameters, r2, shrinkage),
        "optimism": continuous.n_for_optimism(parameters, r2, optimism),
        "residual-sd": continuous.n_for_residual_sd(parameters, margin),
        "mean": continuous.n_for_mean(parameters, r2, mean, sd, margin),
    }
    n = max(sizes.values())
    at = given or n
    if at < parameters + 2:
        raise ArgumentError(
            f"available is {at}; with {parameters} parameters at least {parameters + 2} patients "
            "are needed to fit the model at all."
        )
    attained = {
        "shrinkage": continuous.expected_shrinkage(at, parameters, r2),
        "optimism": parameters * (1 - r2) / (at - 1),
        "residual-sd": continuous.residual_margin(at, parameters),
        "mean": 1 + continuous.mean_reach(at, parameters, r2, sd) / abs(mean),
    }
    target = {"shrinkage": shrinkage, "optimism": optimism}
    return SampleSize(
        purpose="development",
        outcome="continuous",
        n=n,
        events=None,
        parameters=parameters,
        events_per_parameter=n / parameters,
        criteria=tuple(
            _criterion(name, target.get(name, margin), size, attained[name], given)
            for name, size in sizes.items()
        ),
        assumptions={"r2": r2, "mean": mean, "sd": sd},
        available=given,
    )


@dataclass(frozen=True, slots=True)
class _Ratios:
    """The two criteria that binary outcomes and times to an event share."""

    parameters: int
    r2: float
    largest: float
    shrinkage: float
    optimism: float

    @property
    def sizes(self) -> tuple[int, int]:
        return (
            n_for_shrinkage(self.parameters, self.r2, self.shrinkage),
            n_for_optimism(self.parameters, self.r2, self.largest, self.optimism),
        )

    def criteria(self, at: int, given: int | None) -> tuple[SizeCriterion, SizeCriterion]:
        """Both, with what `at` patients attain."""
        shrunk = expected_shrinkage(at, self.parameters, self.r2)
        n_shrinkage, n_optimism = self.sizes
        optimism = (self.r2 / shrunk - self.r2) / self.largest
        return (
            _criterion("shrinkage", self.shrinkage, n_shrinkage, shrunk, given),
            _criterion("optimism", self.optimism, n_optimism, optimism, given),
        )


def _expected_r2(r2_cs: float | None, r2_nagelkerke: float | None, largest: float) -> float:
    if r2_nagelkerke is not None:
        check_fraction(r2_nagelkerke, "r2_nagelkerke")
        return r2_nagelkerke * largest
    r2 = SHARE_OF_LARGEST * largest if r2_cs is None else r2_cs
    if not 0 < r2 < largest:
        raise ArgumentError(
            f"r2_cs is {r2:g}; with such an outcome Cox and Snell's R² lies between 0 and "
            f"{largest:.3f}. Is it Nagelkerke's? Then give r2_nagelkerke."
        )
    return r2


def _criterion(
    name: str, target: float, n: int, attained: float, given: int | None
) -> SizeCriterion:
    return SizeCriterion(name, target, n, attained, None if given is None else given >= n)
