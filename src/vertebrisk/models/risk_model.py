"""RiskModel: the model alone, without patients, as a portable JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import polars as pl

from vertebrisk import _files
from vertebrisk._types import DataKind, FloatArray, IntervalKind, Json
from vertebrisk._version import __version__
from vertebrisk.design.design import Design
from vertebrisk.design.syntax import MAX_POWER
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.models.prediction import predict_frame
from vertebrisk.nomogram.build import build_nomogram, linear_predictor_ticks
from vertebrisk.nomogram.results import Nomogram

if TYPE_CHECKING:
    from vertebrisk.models.fit import LogisticFit

SCHEMA_VERSION = 1
DRAW_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model predicts: name, label, the rule that defines it, and when."""

    name: str
    label: str = ""
    event: str = ""
    time_point: str = ""

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the model was made from: numbers and words, never patients."""

    n: int
    n_events: int
    description: str = ""
    data_kind: DataKind = "real"
    design: str = "cohort"

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the model comes from."""

    study: str = ""
    title: str = ""
    formula: str = ""
    selection: str = ""
    estimator: str = "ml"
    use_at: str = ""
    data_sha256: str = ""
    software: str = f"vertebrisk {__version__}"

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, eq=False)
class RiskModel:
    """A logistic risk model that can be applied to a patient.

    Attributes
    ----------
    design : Design
        Predictors with units, levels and reference values; terms with their knots.
    intercept : float
    beta : array, shape (p,)
    covariance : array, shape (p + 1, p + 1), or None
        Of intercept and coefficients.
    draws : array, shape (draws, p + 1), or None
        Coefficients of the whole procedure repeated on bootstrap resamples.
    interval_kind : {"model-based", "procedure-bootstrap", "none"}
        Where the interval of a risk comes from.
    linear_ticks : array
        Tick marks of the linear predictor over the development patients.
    outcome, population, provenance
        What, whom and where from.
    performance : mapping
        Numbers of the validation, by measure.
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

    def nomogram(self) -> Nomogram:
        """Points and scales as ``rms::nomogram``; `.points` and `.total` are frames.

        Raises
        ------
        ModelError
            When the model has no predictors.
        """
        return self._nomogram

    @cached_property
    def _nomogram(self) -> Nomogram:
        return build_nomogram(self.design, self.intercept, self.beta, self.linear_ticks)

    def predict(
        self, data: object, horizon: float | None = None, *, level: float = 0.95
    ) -> pl.DataFrame:
        """Risk of each patient, with the interval of the average risk of such patients.

        Parameters
        ----------
        data : frame
            polars, pandas or pyarrow; one row a patient, columns named as the model's
            predictors, categories as labels.
        horizon : None
            A logistic model has one time point; it takes no horizon.
        level : float
            Confidence level.

        Returns
        -------
        polars.DataFrame
            One row a patient in the order given: risk, conf_low, conf_high,
            linear_predictor, total_points, flags. A row that cannot be scored is null,
            and `flags` says why (``missing: ivc``, ``unknown level: cement``); a value
            outside the range that the model was made from is scored and flagged
            (``extrapolation: age``).

        Raises
        ------
        DataError
            When a predictor's column is missing.
        ModelError
            When a horizon is asked of a model that has none.
        """
        if horizon is not None:
            raise ModelError(
                f"A logistic model predicts the risk at {self.outcome.time_point or 'one time'}; "
                "it cannot be asked for another horizon."
            )
        return predict_frame(self, data, level)

    def with_draws(self, draws: FloatArray) -> RiskModel:
        """The same model with the intervals of the repeated procedure."""
        rounded = np.asarray([[float(f"{x:.{DRAW_DIGITS}g}") for x in row] for row in draws])
        return replace(self, draws=rounded, interval_kind="procedure-bootstrap")

    def described(
        self,
        *,
        outcome: Outcome,
        population: Population,
        provenance: Provenance,
        performance: Mapping[str, Any],
    ) -> RiskModel:
        """The same model with its words and validation results."""
        return replace(
            self,
            outcome=outcome,
            population=population,
            provenance=provenance,
            performance=dict(performance),
        )

    def equation(self) -> str:
        """The linear predictor in one line, for print."""
        parts = [f"{self.intercept:.6g}"]
        for column, beta in zip(self.design.columns, self.beta, strict=True):
            name = f"[{column.term} = {column.level}]" if column.level else column.term
            parts.append(f"{'-' if beta < 0 else '+'} {abs(beta):.6g} {name}")
        return " ".join(parts)

    def to_dict(self) -> Json:
        """JSON form, documented in ``docs``; `from_dict` reads it back."""
        return {
            "schema": "vertebrisk/model",
            "schema_version": SCHEMA_VERSION,
            "kind": "logistic",
            "design": self.design.to_dict(),
            "intercept": self.intercept,
            "coefficients": [
                {"term": column.term, "level": column.level, "estimate": float(beta)}
                for column, beta in zip(self.design.columns, self.beta, strict=True)
            ],
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "interval_kind": self.interval_kind,
            "draws": None if self.draws is None else self.draws.tolist(),
            "linear_ticks": self.linear_ticks.tolist(),
            "outcome": self.outcome.to_dict(),
            "population": self.population.to_dict(),
            "provenance": self.provenance.to_dict(),
            "performance": dict(self.performance),
        }

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
        try:
            return cls._parsed(document)
        except ModelError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise _damaged(f"{type(error).__name__} {error}") from None

    @classmethod
    def _parsed(cls, document: Mapping[str, Any]) -> RiskModel:
        if document["kind"] != "logistic":
            raise ModelError(
                f"The model is of the kind '{document['kind']}'; "
                "this version reads logistic models."
            )
        if document["interval_kind"] not in get_args(IntervalKind):
            raise _damaged(f"its interval_kind is '{document['interval_kind']}'")
        design = Design.from_dict(document["design"])
        _check_design(design)
        written = document["coefficients"]
        plain = [each["estimate"] for each in written] + [document["intercept"]]
        if any(isinstance(each, bool) or not isinstance(each, int | float) for each in plain):
            raise _damaged("a coefficient is not a number")
        expected = [(column.term, column.level) for column in design.columns]
        if [(each["term"], each["level"]) for each in written] != expected:
            raise _damaged("its coefficients do not match its design")
        beta = np.array([each["estimate"] for each in written], dtype=np.float64)
        size = beta.size + 1
        covariance, draws = document["covariance"], document["draws"]
        cov = None if covariance is None else np.array(covariance, dtype=np.float64)
        drawn = None if draws is None else np.array(draws, dtype=np.float64).reshape(-1, size)
        ticks = np.array(document["linear_ticks"], dtype=np.float64)
        numbers = [beta, np.array([document["intercept"]], dtype=np.float64), ticks]
        numbers += [each for each in (cov, drawn) if each is not None]
        if not all(np.isfinite(each).all() for each in numbers):
            raise _damaged("a number in it is not finite")
        if cov is not None and cov.shape != (size, size):
            raise _damaged("its covariance has the wrong size")
        if cov is not None and ((np.diag(cov) < 0).any() or not np.allclose(cov, cov.T)):
            raise _damaged("its covariance is none")
        if document["interval_kind"] == "model-based" and cov is None:
            raise _damaged("it has no covariance for its intervals")
        if document["interval_kind"] == "procedure-bootstrap" and drawn is None:
            raise _damaged("it has no draws for its intervals")
        if ticks.ndim != 1 or ticks.size == 0:
            raise _damaged("its linear predictor has no tick marks")
        return cls(
            design=design,
            intercept=float(document["intercept"]),
            beta=beta,
            covariance=cov,
            draws=drawn,
            interval_kind=document["interval_kind"],
            linear_ticks=ticks,
            outcome=Outcome(**document["outcome"]),
            population=Population(**document["population"]),
            provenance=Provenance(**document["provenance"]),
            performance=dict(document["performance"]),
        )

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


def _damaged(what: str) -> ModelError:
    return ModelError(f"The model document is damaged: {what}. Take it from the run again.")


def _check_design(design: Design) -> None:
    """Every term reads a predictor, and every number of the design is one."""
    known = set(design.variables)
    for predictor in design.predictors:
        limits = predictor.limits or (0.0, 0.0)
        if not np.isfinite([*predictor.ticks, *limits]).all():
            raise _damaged(f"the marks of '{predictor.name}' are not finite")
        if not predictor.categorical and not predictor.ticks:
            raise _damaged(f"'{predictor.name}' has no tick marks")
        if predictor.level_labels and len(predictor.level_labels) != len(predictor.levels):
            raise _damaged(f"the labels of '{predictor.name}' do not match its levels")
    for term in design.terms:
        for factor in term.factors:
            if factor.variable not in known:
                raise _damaged(f"the term '{term.name}' reads no predictor")
            if (factor.kind == "categorical") != design.predictor(factor.variable).categorical:
                raise _damaged(f"the term '{term.name}' does not suit its predictor")
            knots = np.asarray(factor.knots)
            if factor.kind == "rcs" and not (
                knots.size >= 3 and np.isfinite(knots).all() and (np.diff(knots) > 0).all()
            ):
                raise _damaged(f"the knots of '{term.name}' are not in order")
            if not abs(factor.exponent) <= MAX_POWER:
                raise _damaged(f"the power of '{term.name}' is beyond {MAX_POWER:g}")


def model_from_fit(fit: LogisticFit) -> RiskModel:
    """The model of a fit, with Wald intervals unless its terms were chosen by the data."""
    kind: IntervalKind = "none" if fit.selection.chooses else "model-based"
    return RiskModel(
        design=fit.design,
        intercept=fit.intercept,
        beta=fit.beta,
        covariance=fit.cov,
        draws=None,
        interval_kind=kind,
        linear_ticks=linear_predictor_ticks(fit.linear_predictor),
        outcome=Outcome(fit.outcome, fit.outcome),
        population=Population(fit.n, fit.n_events),
        provenance=Provenance(formula=fit.formula, selection=fit.selection.method),
        performance={},
    )
