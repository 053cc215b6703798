"""RiskModel: the model alone, without patients, as a portable JSON document."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vertebrisk import _files
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, IntervalKind, Json, Language, ModelKind
from vertebrisk.design.conditions import Condition
from vertebrisk.design.design import Design
from vertebrisk.design.encode import encode
from vertebrisk.design.translating import in_language
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.models.elsewhere.origins import FromElsewhere
from vertebrisk.models.portable.describing import (
    Consistency,
    Outcome,
    Population,
    Provenance,
    of_predictors,
)
from vertebrisk.models.portable.document import SCHEMA_VERSION, model_json, model_parts
from vertebrisk.models.portable.effects import effect_frame
from vertebrisk.models.portable.equation import printed_equation
from vertebrisk.models.portable.points import nomogram_of
from vertebrisk.models.portable.prediction import asked_horizon, predict_frame
from vertebrisk.models.portable.similar import BAND, SimilarPatients
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.text.plurals import counted

if TYPE_CHECKING:
    from vertebrisk.kernels.imputation.sweeps import Conditional
    from vertebrisk.models.averaging.inputs import MissingInputs
    from vertebrisk.models.imputation.pooled import PooledFit
    from vertebrisk.models.logistic.fit import LogisticFit
    from vertebrisk.models.portable.baseline import Baseline
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit

DRAW_DIGITS = 8


@dataclass(frozen=True, eq=False, repr=False)
class RiskModel(FromElsewhere):
    """A risk model that can be applied to a patient.

    A logistic model gives the risk by one time point. A model of time to event (Cox, or
    Fine and Gray's where an event competes) gives the risk by any horizon inside follow-up,
    ``1 - exp(-H0(horizon) exp(linear predictor))``.

    Attributes
    ----------
    design : Design
        Predictors with units, levels and reference values; terms with their knots.
    intercept : float
        0 for a model of time to event.
    beta : array, shape (p,)
    covariance : array, shape (p + 1, p + 1) or (p, p), or None
        Of intercept and coefficients; of the coefficients alone for time to event.
    draws : array, or None
        Coefficients of the whole procedure repeated on bootstrap resamples, one row each:
        intercept and coefficients, or coefficients followed by the logarithms of the
        baseline's cumulative hazard at every horizon, stratum by stratum.
    interval_kind : {"model-based", "procedure-bootstrap", "none"}
        Where the interval of a risk comes from.
    linear_ticks : array
        Tick marks of the linear predictor over the development patients.
    outcome, population, provenance
        What, whom and where from.
    performance : mapping
        Numbers of the validation, by measure.
    kind : {"logistic", "cox", "fine-gray"}
    baselines : tuple of Baseline
        Of a model of time to event, one a stratum.
    horizons : tuple of float
        The study's, in `time_unit`; the first is the default of `predict`.
    average_risks : tuple of float or None
        Mean risk of the development patients by each horizon; None where the follow-up of
        one's stratum ends before, and empty where the model does not know.
    strata : tuple of str
        Columns that say which baseline is a patient's.
    time_unit : str
    similar_patients : SimilarPatients, or None
        How many patients were like one, in bands; None for a model without patients.
    consistency : tuple of Consistency
        What holds of every patient; who breaks it is flagged.
    missing_inputs : MissingInputs, or None
        What the model averages over where an input is missing; None asks for every input.
    linear_spread : LinearSpread, or None
        Mean and SD of the linear predictor over the development patients (of the population that
        they were sampled from, where its prevalence is known); None for a model without patients.
    """

    design: Design
    intercept: float
    beta: FloatArray
    covariance: FloatArray | None
    draws: FloatArray | None
    interval_kind: IntervalKind
    linear_ticks: FloatArray
    outcome: Outcome
    population: Population
    provenance: Provenance
    performance: Mapping[str, Any]
    kind: ModelKind = "logistic"
    baselines: tuple[Baseline, ...] = ()
    horizons: tuple[float, ...] = ()
    strata: tuple[str, ...] = ()
    time_unit: str = ""
    similar_patients: SimilarPatients | None = None
    consistency: tuple[Consistency, ...] = ()
    average_risks: tuple[float | None, ...] = ()
    missing_inputs: MissingInputs | None = None
    linear_spread: LinearSpread | None = None

    def __repr__(self) -> str:
        whom = self.population
        known = f"; {counted(whom.n, 'patient')}, {counted(whom.n_events, 'event')}"
        inputs = counted(len(self.design.predictors), "input")
        return (
            f"<RiskModel of {self.outcome.name!r} ({self.kind}): {inputs}{known if whom.n else ''}>"
        )

    @property
    def limit(self) -> float:
        """End of follow-up: the last time for which a model of time to event predicts."""
        return max(each.limit for each in self.baselines)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The rules of `consistency`, ready to be asked of coded patients."""
        return tuple(Condition.of(each.rule, self.design) for each in self.consistency)

    @cached_property
    def conditionals(self) -> tuple[Conditional, ...]:
        """The models of `missing_inputs`, ready to draw; none where there are none."""
        if self.missing_inputs is None:
            return ()
        return self.missing_inputs.conditionals(self.design)

    def nomogram(self) -> Nomogram:
        """Points and scales as ``rms::nomogram``; `.points` and `.total` are frames.

        A model of time to event has a scale of risk for every horizon and, without a
        competing event, one of the median time to the event.

        Raises
        ------
        ModelError
            When the model has no predictors, or strata, whose scales would differ, or no risk
            since its controls were matched.
        """
        if self.population.refuses_risks:
            raise ModelError("Its controls were matched, so the model has no risk to draw.")
        return self._nomogram

    @cached_property
    def _nomogram(self) -> Nomogram:
        return nomogram_of(self)

    def predict(
        self, data: object, horizon: float | None = None, *, level: float = 0.95
    ) -> pl.DataFrame:
        """Risk of each patient, with the interval of the average risk of such patients.

        Parameters
        ----------
        data : frame
            polars, pandas or pyarrow; one row a patient, columns named as the model's
            predictors, categories as labels.
        horizon : float, optional
            For a model of time to event: the risk by then, in its `time_unit`; above 0 and
            inside follow-up. The model's first horizon by default. A logistic model has one
            time point and takes none.
        level : float
            Confidence level.

        Returns
        -------
        polars.DataFrame
            One row a patient in the order given: risk, conf_low, conf_high,
            linear_predictor, total_points, flags. A row that cannot be scored is null,
            and `flags` says why (``missing: ivc``, ``unknown level: cement``); a value
            outside the range that the model was made from is scored and flagged
            (``extrapolation: age``), and so is who breaks a rule of `consistency`
            (``impossible:`` and its reason). Where the model has `missing_inputs` and at least
            one input is known, the risk is averaged over what is missing
            (``averaged over: ivc``), its interval holds that uncertainty, too, and
            linear_predictor and total_points are null.

        Raises
        ------
        DataError
            When a predictor's column is missing.
        ModelError
            When a horizon is asked of a model that has none, or lies beyond follow-up.
        """
        return predict_frame(self, data, asked_horizon(self, horizon), level)

    def effect(
        self,
        variable: str,
        values: Sequence[object] | None = None,
        *,
        at: Mapping[str, object] | None = None,
        by: str | Mapping[str, Sequence[object]] | None = None,
        horizon: float | None = None,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """How does the risk change with one predictor, the others held?

        Parameters
        ----------
        variable : str
            A predictor.
        values : sequence, optional
            Where to look; by default every level, or round numbers between the 1st and the
            99th percentile of the patients that the model was made from.
        at : mapping, optional
            Values of other predictors; the rest are held at `adjust_to`, the median or the
            most frequent level. A model with strata needs the stratum here.
        by : str or mapping, optional
            Another predictor, for a curve at each of its values: its levels or quartiles of its
            marks, or the values that a mapping names, ``{"sex": ["male", "female"]}``.
        horizon, level
            As in `predict`.

        Returns
        -------
        polars.DataFrame
            A row for every value: value, by (where asked for), risk, conf_low, conf_high,
            linear_predictor, as ``rms::Predict``; limits as in `predict`.

        Raises
        ------
        ArgumentError
            For a predictor or value that the model does not know.
        ModelError
            When the model has no risk, or not at that horizon.
        """
        return effect_frame(self, variable, values, at, by, asked_horizon(self, horizon), level)

    def similar(self, data: object) -> pl.DataFrame:
        """How many patients like each of these the model was made from, in bands.

        Alike are patients of the same levels and the same thirds of the numbers that
        `similar_patients.variables` names.

        Parameters
        ----------
        data : frame
            As for `predict`.

        Returns
        -------
        polars.DataFrame
            One row a patient: `least` and `most` of the band. 0 to 4 are fewer than five,
            perhaps none; `most` is null for 100 or more. Both are null where a compared value
            is missing, and everywhere for a model that knows of no patients.

        Raises
        ------
        DataError
            When a predictor's column is missing.
        """
        codes = encode(self.design, as_polars(data)).codes
        if self.similar_patients is None:
            rows = as_polars(data).height
            return pl.DataFrame({"least": [None] * rows, "most": [None] * rows}, schema=BAND)
        return self.similar_patients.counted(codes)

    def with_draws(self, draws: FloatArray) -> RiskModel:
        """The same model with the intervals of the repeated procedure."""
        rounded = np.asarray([[float(f"{x:.{DRAW_DIGITS}g}") for x in row] for row in draws])
        return replace(self, draws=rounded, interval_kind="procedure-bootstrap")

    def with_missing_inputs(
        self,
        fit: LogisticFit | CoxFit | FineGrayFit | PooledFit,
        *,
        ordered: Collection[str] = (),
    ) -> RiskModel:
        """The same model, which averages over inputs that are missing instead of asking.

        It takes along how each input goes with the others in the patients of the fit:
        parametric regressions (normal, logistic, multinomial, proportional odds) without the
        outcome, the follow-up time, any variable that the model does not read, and patients'
        values. A new patient's missing inputs are drawn from them given the known ones.

        Parameters
        ----------
        fit : LogisticFit, CoxFit, FineGrayFit or PooledFit
            The one that the model comes from. With imputations its regressions are those of
            the completed tables, averaged.
        ordered : collection of str
            Inputs whose levels are in order, drawn by proportional odds.

        Raises
        ------
        ModelError
            The fit is of other predictors, there are fewer than two, or the model has no risk
            since its controls were matched.
        ArgumentError
            `ordered` names what is no input with three levels or more.

        References
        ----------
        Hoogland et al. 2020, doi:10.1002/sim.8682, on missing inputs of new patients.
        """
        from vertebrisk.models.averaging.learning import learnt_inputs

        if self.population.refuses_risks:
            raise ModelError("Its controls were matched, so the model has no risk to average.")
        if fit.design.variables != self.design.variables:
            raise ModelError(
                "The fit has other predictors than the model; take the model from this fit."
            )
        return replace(self, missing_inputs=learnt_inputs(fit, ordered))

    def described(
        self,
        *,
        outcome: Outcome,
        population: Population,
        provenance: Provenance,
        performance: Mapping[str, Any],
        consistency: Iterable[Consistency] = (),
    ) -> RiskModel:
        """The same model with its words and validation results.

        Of the rules of `consistency` those are kept that read its predictors alone.
        """
        return replace(
            self,
            outcome=outcome,
            population=population,
            provenance=provenance,
            performance=dict(performance),
            consistency=of_predictors(consistency, self.design),
        )

    def in_language(self, language: Language) -> RiskModel:
        """The same model with the words of a language; what it has not in it stays as it is."""
        predictors = tuple(in_language(each, language) for each in self.design.predictors)
        return replace(
            self,
            design=replace(self.design, predictors=predictors),
            outcome=in_language(self.outcome, language),
            population=in_language(self.population, language),
            provenance=in_language(self.provenance, language),
            consistency=tuple(in_language(each, language) for each in self.consistency),
        )

    def equation(self) -> str:
        """The linear predictor for print, and the baseline at the horizons, a line each."""
        return printed_equation(self)

    def to_dict(self) -> Json:
        """JSON form, documented in ``docs``; `from_dict` reads it back."""
        return model_json(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> RiskModel:
        """Inverse of `to_dict`; raises ModelError when it is not a model of this version."""
        if document.get("schema") != "vertebrisk/model":
            raise ModelError(
                "This is not a vertebrisk model: its 'schema' is not 'vertebrisk/model'."
            )
        version = document.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ModelError(
                f"The model has schema version {version!r}; this vertebrisk reads "
                f"{SCHEMA_VERSION}. Use the version that wrote it."
            )
        return cls(**model_parts(document))

    def save(self, path: str | Path) -> None:
        """Write the model as JSON; the file appears whole or not at all."""
        _files.write_json(_as_path(path), self.to_dict())

    @classmethod
    def load(cls, path: str | Path) -> RiskModel:
        """Read a model written by `save`.

        Raises
        ------
        DataError
            When the file cannot be read.
        ModelError
            When it is not a model, or of another schema version.
        """
        content = _files.read_bytes(_as_path(path), "The model")
        try:
            document = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError):
            raise DataError(f"The model '{path}' is not a JSON document.") from None
        if not isinstance(document, dict):
            raise ModelError(f"The model '{path}' is not a JSON object.")
        return cls.from_dict(document)


def _as_path(path: str | Path) -> Path:
    if not isinstance(path, str | Path) or not Path(path).name:
        raise ArgumentError(f"{path!r} is not the name of a file.")
    return Path(path)
