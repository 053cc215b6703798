"""How covariates are distributed, one by one: what an intercept can be solved over.

Variables are taken to be independent within each stratum: joint distributions are not
printed. A number with mean and SD is normal, or, where it is a whole number between limits,
the distribution of greatest entropy with that mean and SD.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError, model_validator
from scipy.optimize import brentq
from scipy.special import expit, logsumexp

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, PaperError
from vertebrisk.evidence.coefficients import ReadTerm
from vertebrisk.evidence.published import Compared, PublishedStudy
from vertebrisk.protocol.fields import Table
from vertebrisk.protocol.problems import Location, explain
from vertebrisk.protocol.toml_files import frozen, problems_message, read_toml

MAX_BYTES = 1_000_000
MOST_WHOLE = 60  # values of a whole number before it is taken for continuous
MOST_POINTS = 200_000
MOST = 1e9  # of a mean or an SD
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_ROUNDED = 0.02  # printed shares add up to 1 within their rounding
_BRACKET = 60.0
_STEPS, _HALVINGS, _LONGEST = 200, 40, 20.0
_CLOSE, _NEAR = 1e-12, 1e-5  # of the standardised moments


@dataclass(frozen=True, slots=True)
class Share:
    """A variable of levels, or of few values: each with its probability."""

    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Moments:
    """A number by its mean and SD; `whole` are its least and greatest value, if it is whole."""

    mean: float
    sd: float
    whole: tuple[int, int] | None = None


Margin = Share | Moments


@dataclass(frozen=True, slots=True)
class Stratum:
    """Patients among whom the variables are independent, and their share of the population."""

    weight: float
    margins: Mapping[str, Margin]


class MarginTable(Table):
    """One variable of a distribution file: `levels`, `values`, or `mean` and `sd`."""

    levels: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    values: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    mean: Annotated[float, Field(ge=-MOST, le=MOST)] | None = None
    sd: Annotated[float, Field(gt=0, le=MOST)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> MarginTable:
        forms = [bool(self.levels), bool(self.values), self.mean is not None]
        if sum(forms) != 1 or (self.mean is None) != (self.sd is None):
            raise ValueError("give 'levels', or 'values', or 'mean' with 'sd'")
        shares = self.levels or self.values
        if shares and abs(sum(shares.values()) - 1) > _ROUNDED:
            raise ValueError(f"the shares add up to {sum(shares.values()):.4g}, not to 1")
        for value in self.values:
            if not _finite(value):
                raise ValueError(f"'{value}' among the values is not a number")
        return self

    def margin(self) -> Margin:
        """The margin as the sums need it."""
        shares = self.levels or self.values
        if self.mean is not None and self.sd is not None:
            return Moments(self.mean, self.sd)
        total = sum(shares.values())
        return Share({value: share / total for value, share in shares.items()})


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


class MarginsDocument(Table):
    """A distribution file."""

    note: str | None = None
    variables: dict[str, MarginTable]


def load_margins(path: Path) -> tuple[Stratum, ...]:
    """Read a distribution file: one stratum of independent variables.

    Raises
    ------
    DataError, PaperError
        If the file cannot be read or understood.
    """
    document, _ = read_toml(path, "The distribution", MAX_BYTES, PaperError)
    try:
        parsed = MarginsDocument.model_validate(frozen(document))
    except ValidationError as error:
        raise PaperError(problems_message(path, explain(error, (), _keys))) from None
    return (Stratum(1.0, {name: each.margin() for name, each in parsed.variables.items()}),)


def _keys(location: Location) -> list[str]:
    return list((MarginTable if len(location) > 1 else MarginsDocument).model_fields)


def printed_margins(
    study: PublishedStudy, terms: Sequence[ReadTerm], prevalence: float
) -> tuple[Stratum, ...]:
    """The distribution that the paper prints, a stratum a group.

    Groups weigh by their printed size in a cohort. In a case-control study those with the
    event weigh by the prevalence, since their number was chosen.

    Raises
    ------
    PaperError
        If the paper prints no distribution of a predictor.
    """
    rows = {row.variable: row for row in study.compared}
    lacking = [term.variable for term in terms if not _has_margin(rows.get(term.variable), term)]
    if lacking or not study.groups:
        raise PaperError(
            f"'{study.id}' prints no distribution of {listed(lacking, 20) or 'its groups'}. "
            "Give one: --cohort FILE or --distribution FILE."
        )
    sizes = np.array([group.n.value for group in study.groups])
    if not (sizes > 0).all():
        raise PaperError(f"'{study.id}' prints a group of no patients, which has no distribution.")
    if study.design.kind == "case-control":
        event = np.array([group.event for group in study.groups])
        if event.all() or not event.any():
            raise PaperError(
                f"'{study.id}' needs groups with the event and without it to be its own population."
            )
        for cases, share in ((event, prevalence), (~event, 1 - prevalence)):
            sizes = np.where(cases, share * sizes / sizes[cases].sum(), sizes)
    weights = sizes / sizes.sum()
    return tuple(
        Stratum(
            float(weight),
            {term.variable: _margin(study, rows[term.variable], term, at) for term in terms},
        )
        for at, weight in enumerate(weights)
    )


def _has_margin(row: Compared | None, term: ReadTerm) -> bool:
    if row is None:
        return False
    if term.levels:
        return all(row.levels.get(level) and row.levels[level].count for level in term.levels)
    return bool(row.mean and row.sd)


def _margin(study: PublishedStudy, row: Compared, term: ReadTerm, position: int) -> Margin:
    if term.levels:
        counts = {level: row.levels[level].count[position].value for level in term.levels}
        total = sum(counts.values())
        if min(counts.values()) < 0 or total <= 0:
            raise _no_distribution(study, term)
        return Share({level: count / total for level, count in counts.items()})
    mean, sd = row.mean[position].value, row.sd[position].value
    if not (0 <= sd <= MOST and abs(mean) <= MOST):
        raise _no_distribution(study, term)
    described = study.variables[term.variable]
    whole = None
    if described.whole and described.plausible is not None and sd > 0:
        low, high = math.ceil(described.plausible[0]), math.floor(described.plausible[1])
        whole = (low, high) if high - low < MOST_WHOLE else None
    return Moments(mean, sd, whole)


def _no_distribution(study: PublishedStudy, term: ReadTerm) -> PaperError:
    return PaperError(
        f"What '{study.id}' prints of {term.variable} is no distribution. Give one: "
        "--cohort FILE or --distribution FILE."
    )


@dataclass(frozen=True, slots=True, eq=False)
class LinearPredictor:
    """Distribution of the linear predictor without intercept: points, and a normal upon each.

    Arrays of shape (k,): `points`, `weights` (which add up to 1) and `spread`, an SD.
    """

    points: FloatArray
    weights: FloatArray
    spread: FloatArray

    def mean_risk(self, intercept: float) -> float:
        """Mean of the logistic risk."""
        nodes = self.points[:, None] + self.spread[:, None] * _NODES
        risks = expit(intercept + nodes) @ (_WEIGHTS / _WEIGHTS.sum())
        return float(self.weights @ risks)

    def intercept_for(self, prevalence: float) -> float:
        """The intercept at which the mean risk is the prevalence."""
        centre = float(self.weights @ self.points)
        reach = _BRACKET + float(np.abs(self.points).max() + 9 * self.spread.max())
        return float(
            brentq(
                lambda intercept: self.mean_risk(intercept) - prevalence,
                -centre - reach,
                -centre + reach,
                xtol=1e-12,
            )
        )


def over_patients(linear: FloatArray) -> LinearPredictor:
    """The distribution over the rows of a cohort."""
    size = linear.size
    return LinearPredictor(linear, np.full(size, 1 / size), np.zeros(size))


def over_margins(terms: Sequence[ReadTerm], strata: Sequence[Stratum]) -> LinearPredictor:
    """The distribution over independent margins.

    Raises
    ------
    ArgumentError
        If a predictor has no margin, a margin does not suit its predictor, or there are
        too many combinations of levels to be summed.
    """
    parts = [_stratum(terms, stratum) for stratum in strata]
    weights = [stratum.weight * part.weights for stratum, part in zip(strata, parts, strict=True)]
    return LinearPredictor(
        np.concatenate([part.points for part in parts]),
        np.concatenate(weights) / np.concatenate(weights).sum(),
        np.concatenate([part.spread for part in parts]),
    )


def _stratum(terms: Sequence[ReadTerm], stratum: Stratum) -> LinearPredictor:
    points, weights, centre, variance = np.zeros(1), np.ones(1), 0.0, 0.0
    for term in terms:
        margin = stratum.margins.get(term.variable)
        if margin is None:
            close = nearest(term.variable, stratum.margins)
            raise ArgumentError(f"The distribution says nothing of '{term.variable}'.{close}")
        if isinstance(margin, Moments) and margin.whole is None and not term.levels:
            centre += term.beta[0] * margin.mean
            variance += (term.beta[0] * margin.sd) ** 2
            continue
        steps, shares = _discrete(term, margin)
        if points.size * steps.size > MOST_POINTS:
            raise ArgumentError(
                "The distribution has too many combinations of levels to be summed. "
                "Give patients instead: --cohort FILE."
            )
        points = (points[:, None] + steps).ravel()
        weights = (weights[:, None] * shares).ravel()
    return LinearPredictor(points + centre, weights, np.full(points.size, variance**0.5))


def _discrete(term: ReadTerm, margin: Margin) -> tuple[FloatArray, FloatArray]:
    """Contributions of a variable to the linear predictor, and their probabilities."""
    if isinstance(margin, Moments):
        if term.levels or margin.whole is None:
            raise ArgumentError(
                f"'{term.variable}' has levels, so its distribution needs 'levels', not a mean."
            )
        values, shares = whole_numbers(margin.mean, margin.sd, margin.whole)
        return term.beta[0] * values, shares
    names = list(margin.values)
    shares = np.array([margin.values[name] for name in names])
    if not term.levels:
        return term.beta[0] * np.array([_as_number(term, name) for name in names]), shares
    betas = dict(zip(term.levels, (0.0, *term.beta), strict=True))
    for name in names:
        if name not in betas:
            raise ArgumentError(
                f"'{name}' in the distribution of '{term.variable}' is not a level of it; "
                f"allowed are {listed(term.levels, 20)}.{nearest(name, term.levels)}"
            )
    return np.array([betas[name] for name in names]), shares


def _as_number(term: ReadTerm, name: str) -> float:
    if not _finite(name):
        raise ArgumentError(f"'{term.variable}' is a number, so '{name}' cannot be a value of it.")
    return float(name)


def whole_numbers(mean: float, sd: float, limits: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Whole numbers between limits and their probabilities, with the given mean and SD.

    Of all such distributions the one of greatest entropy, proportional to
    exp(a x + b x squared).

    Raises
    ------
    ArgumentError
        If none between these limits has this mean and SD.
    """
    values = np.arange(limits[0], limits[1] + 1, dtype=np.float64)
    scaled = (values - mean) / sd
    basis = np.column_stack([scaled, scaled**2])
    target = np.array([0.0, 1.0])
    theta, shares = np.zeros(2), np.full(values.size, 1 / values.size)
    for _ in range(_STEPS):
        gradient = shares @ basis - target
        if np.abs(gradient).max() < _CLOSE:
            break
        centred = basis - shares @ basis
        curvature = (centred.T * shares) @ centred + 1e-10 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        theta, shares = _descend(basis, target, theta, step)
    if np.abs(shares @ basis - target).max() > _NEAR:
        raise ArgumentError(
            f"No distribution of whole numbers from {limits[0]} to {limits[1]} has mean "
            f"{mean:g} and SD {sd:g}. Widen the limits, or give the distribution."
        )
    return values, shares


def _descend(
    basis: FloatArray, target: FloatArray, theta: FloatArray, step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """A Newton step on the convex dual, halved until it does not climb."""

    def dual(at: FloatArray) -> float:
        return float(logsumexp(basis @ at) - at @ target)

    here = dual(theta)
    for _ in range(_HALVINGS):
        if dual(theta - step) <= here:
            break
        step = step / 2
    theta = theta - step
    return theta, np.exp(basis @ theta - logsumexp(basis @ theta))
