"""The whole study: every scenario, method and measure, as one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tests.simulation import measures
from tests.simulation.estimating import Estimator, fitted, profile
from tests.simulation.imputing import Pooled, imputed, pooled
from tests.simulation.measures import Measured
from tests.simulation.predicting import Predicted, predicted, true_worth
from tests.simulation.scenarios import (
    PREDICTORS,
    SCENARIOS,
    Cohort,
    Missingness,
    Scenario,
    cohort,
)

from vertebrisk._types import FloatArray

Row = dict[str, object]
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
    predicted: int
    first: int = 0

    def numbers(self, count: int) -> range:
        """Of the data sets."""
        return range(self.first, self.first + count)


FULL = Size(complete=2000, incomplete=800, by_chance=300, predicted=300)


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
    def of(cls, found: Sequence[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]) -> Effects:
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


def run(size: Size, scenarios: Sequence[Scenario], progress: Progress) -> dict[str, object]:
    """The results of some scenarios."""
    effects: list[Row] = []
    predictions: list[Row] = []
    for scenario in scenarios:
        progress(f"{scenario.name}: complete data")
        effects.extend(_complete(scenario, size.numbers(size.complete)))
        kinds: dict[Missingness, int] = {
            "by outcome and age": size.incomplete,
            "by chance": size.by_chance,
        }
        for how, count in kinds.items():
            if count:
                progress(f"{scenario.name}: missing {how}")
                effects.extend(_incomplete(scenario, size.numbers(count), how))
        if size.predicted:
            progress(f"{scenario.name}: predictions")
            predictions.extend(_predictions(scenario, size.numbers(size.predicted)))
    return {"effects": effects, "predictions": predictions}


def full_run(progress: Progress) -> dict[str, object]:
    """The results of the page."""
    return run(FULL, SCENARIOS, progress)


def _complete(scenario: Scenario, numbers: range) -> Iterator[Row]:
    patients = [cohort(scenario, number) for number in numbers]
    for estimator in NAMES:
        fits = [fitted(each, estimator) for each in patients]
        both: dict[str, list[FloatArray]] = {"wald": [fit.wald for fit in fits]}
        both["profile"] = [
            profile(each, fit, estimator) if fit.exists else fit.wald
            for each, fit in zip(patients, fits, strict=True)
        ]
        for intervals, found in both.items():
            own = Effects.of(
                [(f.beta, f.error, f.limit, limits) for f, limits in zip(fits, found, strict=True)]
            )
            yield from own.rows(
                scenario=scenario.name,
                data="complete",
                method=NAMES[estimator],
                intervals=intervals,
            )


def _incomplete(scenario: Scenario, numbers: range, how: Missingness) -> Iterator[Row]:
    found: dict[tuple[str, str], list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]] = {}

    def add(
        data: str, method: str, one: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    ) -> None:
        found.setdefault((data, method), []).append(one)

    for block in _blocks(numbers):
        patients = [cohort(scenario, number) for number in block]
        informed = imputed(patients, how)
        blind = imputed(patients, how, outcome=False) if how == "by outcome and age" else None
        for place, each in enumerate(patients):
            kept = each.take(np.asarray(~each.missing(how).any(axis=1)))
            for estimator, name in NAMES.items():
                add("before deletion", name, _single(each, estimator))
                add("complete cases", name, _single(kept, estimator))
                add("imputed", name, _of_pooled(pooled(each, informed[place], estimator)))
            if blind is not None:
                own = pooled(each, blind[place], "ml")
                add("imputed without the outcome", NAMES["ml"], _of_pooled(own))
    for (data, method), own_rows in found.items():
        yield from Effects.of(own_rows).rows(
            scenario=scenario.name, data=f"{data}, {how}", method=method, intervals="stated"
        )


def _single(
    patients: Cohort, estimator: Estimator
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Estimates with the limits that the product states: Wald's, and Firth's profile."""
    fit = fitted(patients, estimator)
    limits = profile(patients, fit, estimator) if estimator == "firth" and fit.exists else fit.wald
    return fit.beta, fit.error, fit.limit, limits


def _of_pooled(found: Pooled) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    return found.beta, found.error, found.beta, found.limits


def _predictions(scenario: Scenario, numbers: range) -> Iterator[Row]:
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
        **_plain(
            {
                "slope": Measured(slope, 0.0),
                "c_index": Measured(c_index, 0.0),
            }
        ),
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


def _blocks(numbers: range) -> Iterator[range]:
    for start in range(numbers.start, numbers.stop, BLOCK):
        yield range(start, min(start + BLOCK, numbers.stop))
