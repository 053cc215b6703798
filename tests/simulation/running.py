"""The whole study: every scenario, method and measure, as one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tests.simulation import measures
from tests.simulation.estimating import Estimator, fitted, profile
from tests.simulation.imputing import combined, imputed, pooled
from tests.simulation.measures import Measured
from tests.simulation.predicting import Predicted, predicted, true_worth
from tests.simulation.scenarios import (
    PREDICTORS,
    Cohort,
    Missingness,
    Scenario,
    cohort,
)

from vertebrisk._types import FloatArray

Row = dict[str, object]
One = tuple[FloatArray, FloatArray, FloatArray, FloatArray]  # beta, error, limit, intervals
Progress = Callable[[str], None]

BLOCK = 10  # data sets imputed together
NAMES: Mapping[Estimator, str] = {"ml": "maximum likelihood", "firth": "Firth"}
EFFECT_MEASURES = (
    "bias",
    "relative_bias",
    "median_bias",
    "empirical_se",
    "model_se",
    "coverage",
    "width",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many data sets of each scenario, and the number of the first."""

    complete: int
    incomplete: int
    by_chance: int
    combined: int
    predicted: int
    first: int = 0

    def numbers(self, count: int) -> range:
        """Of the data sets."""
        return range(self.first, self.first + count)


FULL = Size(complete=1500, incomplete=300, by_chance=100, combined=120, predicted=150)


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What one method found in every data set.

    Attributes
    ----------
    beta, error : array, shape (samples, 5)
        NaN where it has no finite estimate.
    limit : array, shape (samples, 5)
        With infinite estimates.
    intervals : array, shape (samples, 5, 2)
    """

    beta: FloatArray
    error: FloatArray
    limit: FloatArray
    intervals: FloatArray

    @classmethod
    def of(cls, found: Sequence[One]) -> Effects:
        """From beta, error, limit and intervals of each data set."""
        beta, error, limit, intervals = (np.array(each) for each in zip(*found, strict=True))
        return cls(beta, error, limit, intervals)

    def measured(self, place: int) -> dict[str, Measured]:
        """All measures of one predictor."""
        truth = PREDICTORS[place].effect
        beta = self.beta[:, place]
        bias = measures.mean(beta - truth)
        relative = Measured(np.nan, np.nan)
        if truth:
            relative = Measured(100 * bias.value / abs(truth), 100 * bias.error / abs(truth))
        found = (
            bias,
            relative,
            measures.median(self.limit[:, place] - truth),
            measures.empirical_error(beta),
            measures.model_error(self.error[:, place]),
            measures.coverage(self.intervals[:, place], truth),
            measures.median(self.intervals[:, place, 1] - self.intervals[:, place, 0]),
        )
        return dict(zip(EFFECT_MEASURES, found, strict=True))

    def rows(self, **what: str) -> Iterator[Row]:
        """One row for each predictor."""
        for place, predictor in enumerate(PREDICTORS):
            yield {
                **what,
                "predictor": predictor.name,
                "truth": predictor.effect,
                "samples": self.beta.shape[0],
                "estimates": int(np.isfinite(self.beta[:, place]).sum()),
                **_plain(self.measured(place)),
            }


def run(size: Size, scenarios: Sequence[Scenario], progress: Progress) -> dict[str, list[Row]]:
    """The results of some scenarios."""
    effects: list[Row] = []
    predictions: list[Row] = []
    for scenario in scenarios:
        progress(f"{scenario.name}: complete data")
        effects.extend(complete(scenario, size.numbers(size.complete)))
        progress(f"{scenario.name}: missing by outcome and age")
        numbers = size.numbers(size.incomplete)
        effects.extend(incomplete(scenario, numbers, "by outcome and age", size.combined))
        progress(f"{scenario.name}: missing by chance")
        effects.extend(incomplete(scenario, size.numbers(size.by_chance), "by chance", 0))
        progress(f"{scenario.name}: predictions")
        predictions.extend(predictions_of(scenario, size.numbers(size.predicted)))
    return {"effects": effects, "predictions": predictions}


def complete(scenario: Scenario, numbers: range) -> Iterator[Row]:
    """Effects where nothing is missing: every estimator with both kinds of limits."""
    patients = [cohort(scenario, number) for number in numbers]
    for estimator, method in NAMES.items():
        fits = [fitted(each, estimator) for each in patients]
        kinds = {"wald": [fit.wald for fit in fits]}
        kinds["profile"] = [
            profile(each, fit, estimator) if fit.exists else fit.wald
            for each, fit in zip(patients, fits, strict=True)
        ]
        for kind, limits in kinds.items():
            found = Effects.of(
                [
                    (fit.beta, fit.error, fit.limit, own)
                    for fit, own in zip(fits, limits, strict=True)
                ]
            )
            yield from found.rows(
                scenario=scenario.name, data="complete", method=method, intervals=kind
            )


def incomplete(
    scenario: Scenario, numbers: range, how: Missingness, profiles: int
) -> Iterator[Row]:
    """Effects before values go missing, of complete cases, and imputed.

    Of the first `profiles` data sets Firth's profiles are combined over the imputed tables.
    """
    found: dict[tuple[str, str, str], list[One]] = {}
    for start in range(numbers.start, numbers.stop, BLOCK):
        block = range(start, min(start + BLOCK, numbers.stop))
        patients = [cohort(scenario, number) for number in block]
        informed = imputed(patients, how)
        blind = imputed(patients, how, outcome=False) if how == "by outcome and age" else None
        for place, each in enumerate(patients):
            last = block[place] - numbers.start < profiles
            tables = informed[place]
            for what, one in _answers(each, tables, how, profiles=last):
                found.setdefault(what, []).append(one)
            if blind is not None:
                what = ("imputed without the outcome", NAMES["ml"], "rubin")
                found.setdefault(what, []).append(_rubin(each, blind[place], "ml"))
    for (data, method, intervals), all_of_them in found.items():
        yield from Effects.of(all_of_them).rows(
            scenario=scenario.name, data=data, missing=how, method=method, intervals=intervals
        )


def _answers(
    patients: Cohort, tables: FloatArray, how: Missingness, *, profiles: bool
) -> Iterator[tuple[tuple[str, str, str], One]]:
    """What each way makes of one data set, by data, method and kind of limits."""
    kept = patients.take(np.asarray(~patients.missing(how).any(axis=1)))
    for estimator, name in NAMES.items():
        limits = "wald" if estimator == "ml" else "profile"
        yield ("before deletion", name, limits), _single(patients, estimator)
        yield ("complete cases", name, limits), _single(kept, estimator)
        yield ("imputed", name, "rubin"), _rubin(patients, tables, estimator)
    if profiles:
        yield ("imputed", NAMES["firth"], "combined profiles"), _combined(patients, tables)


def _single(patients: Cohort, estimator: Estimator) -> One:
    """With the limits that the product states: Wald's, and Firth's profile."""
    fit = fitted(patients, estimator)
    limits = profile(patients, fit, estimator) if estimator == "firth" and fit.exists else fit.wald
    return fit.beta, fit.error, fit.limit, limits


def _rubin(patients: Cohort, tables: FloatArray, estimator: Estimator) -> One:
    found = pooled(patients, tables, estimator)
    return found.beta, found.error, found.beta, found.limits


def _combined(patients: Cohort, tables: FloatArray) -> One:
    found = pooled(patients, tables, "firth")
    known = bool(np.isfinite(found.beta).all())
    limits = combined(patients, tables, found) if known else found.limits
    return found.beta, found.error, found.beta, limits


def predictions_of(scenario: Scenario, numbers: range) -> Iterator[Row]:
    """How the models of each method do, the true one first."""
    found: dict[str, list[Predicted]] = {}
    for number in numbers:
        for name, one in predicted(cohort(scenario, number)).items():
            found.setdefault(name, []).append(one)
    slope, c_index = true_worth(scenario)
    yield {
        "scenario": scenario.name,
        "method": "the true model",
        "samples": 1,
        "models": 1,
        **_plain({"slope": Measured(slope, 0.0), "c_index": Measured(c_index, 0.0)}),
    }
    for name, models in found.items():
        slopes = np.array([each.slope for each in models])
        yield {
            "scenario": scenario.name,
            "method": name,
            "samples": slopes.size,
            "models": int(np.isfinite(slopes).sum()),
            **_plain(
                {
                    "excess": measures.mean(np.array([each.excess for each in models])),
                    "slope": measures.median(slopes),
                    "distance": measures.distance(slopes),
                    "c_index": measures.mean(np.array([each.c_index for each in models])),
                }
            ),
        }


def _plain(measured: Mapping[str, Measured]) -> Row:
    """Numbers for a JSON document; what does not exist is null."""
    found: Row = {}
    for name, each in measured.items():
        for key, value in ((name, each.value), (f"{name}_mc", each.error)):
            found[key] = float(f"{value:.5g}") if np.isfinite(value) else None
    return found
