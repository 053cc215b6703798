"""A logistic or Cox model that R fitted, written as JSON by the function in the documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vertebrisk import _files
from vertebrisk._types import FloatArray
from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ModelError
from vertebrisk.models.elsewhere.foreign import INTERCEPT, ForeignModel, Key, assembled
from vertebrisk.models.elsewhere.hazards import portable_hazard
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.elsewhere.table import INTERCEPTS
from vertebrisk.models.portable.risk_model import RiskModel

SCHEMA = "vertebrisk/r-model"
_WRAPPED = re.compile(
    r"(?P<function>rcs|log|sqrt|factor|as\.factor|C)\(\s*(?P<name>[^(),]+?)\s*(,.*)?\)"
)
_POWER = re.compile(r"I\(\s*(?P<name>[^()^]+?)\s*\^\s*(?P<exponent>-?[\d.]+)\s*\)")
_LOGICAL = {"TRUE": "true", "FALSE": "false"}


def model_from_r(
    file: Path,
    *,
    horizons: Sequence[float] = (),
    outcome: str | None = None,
    time_unit: str = "",
) -> RiskModel:
    """See `RiskModel.from_r`."""
    document = _document(file)
    try:
        return _made(document, horizons, outcome, time_unit)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModelError):
            raise
        detail = str(error) if isinstance(error, ValueError) else f"{type(error).__name__} {error}"
        raise ModelError(f"'{file.name}' is damaged: {detail}.") from None


def _document(file: Path) -> Mapping[str, Any]:
    content = _files.read_bytes(file, "The model")
    try:
        document = json.loads(content.decode("utf-8"))
    except ValueError:
        raise ModelError(f"'{file.name}' is no JSON.") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ModelError(
            f"'{file.name}' is not written by to_vertebrisk(), the function of the docs: its "
            f"'schema' is not '{SCHEMA}'."
        )
    return document


def _made(
    document: Mapping[str, Any], horizons: Sequence[float], outcome: str | None, time_unit: str
) -> RiskModel:
    classes = _texts(document["class"])
    cox = "coxph" in classes
    if not cox and not {"glm", "lrm"} & set(classes):
        raise ModelError(f"R's {classes[0]} has no portable form; known are glm, lrm, coxph, cph.")
    if document.get("link") not in (None, "logit"):
        raise ModelError(f"The link is {document['link']}; a risk model has the logit link.")
    labels = _labels(document)
    keys: list[Key] = []
    estimates: dict[Key, float] = {}
    intercept = 0.0
    for name, value in zip(_texts(document["names"]), _list(document["coefficients"]), strict=True):
        if value == "NA":
            raise ModelError(
                f"R gives no coefficient of '{name}', which the others determine; leave the term "
                "out and fit again."
            )
        if name in INTERCEPTS:
            intercept = float(value)
            keys.append(INTERCEPT)
            continue
        keys.append(labels.key(name))
        estimates[keys[-1]] = float(value)
    if not cox and INTERCEPT not in keys:
        raise ModelError("The model has no single intercept, without which there is no risk.")
    baselines = (_baseline(document, horizons, len(estimates)),) if cox else ()
    terms = tuple(dict.fromkeys(term for term, _ in estimates))
    return assembled(
        ForeignModel(
            kind="cox" if cox else "logistic",
            terms=parse_terms(tuple(labels.written[term] for term in terms)),
            estimates=estimates,
            intercept=intercept,
            levels=labels.levels,
            knots=labels.knots,
            covariance=None if cox else (tuple(keys), _matrix(document["covariance"])),
            baselines=baselines,
            horizons=tuple(map(float, horizons)),
            time_unit=time_unit,
            outcome=outcome or str(document.get("outcome") or "outcome"),
            software="R",
            n=int(document.get("n") or 0),
            n_events=int(document.get("events") or 0),
        ),
        KnownPatients.of(None, {name: _list(ends) for name, ends in document["ranges"].items()}),
    )


class _Labels:
    """Terms of a model of R: what its coefficients' names are made of."""

    def __init__(
        self,
        terms: Sequence[str],
        levels: Mapping[str, Sequence[str]],
        knots: Mapping[str, Sequence[float]],
        design: Sequence[str],
    ) -> None:
        self.levels = {
            _variable(name): tuple(_LOGICAL.get(level, level) for level in each)
            for name, each in levels.items()
        }
        self.knots = {_variable(name): tuple(map(float, each)) for name, each in knots.items()}
        self.written: dict[str, str] = {}
        self._terms = list(terms)
        # rms names its coefficients by variables, not by the terms of the formula.
        self._design = dict(zip(design, terms, strict=False))

    def key(self, name: str) -> Key:
        """Term and level that a coefficient of this name belongs to."""
        if self._design:
            return self._of_rms(name)
        parts = _split(name, ":")
        for term in self._terms:
            factors = _split(term, ":")
            if len(factors) != len(parts):
                continue
            levels = [
                self._level(part, factor) for part, factor in zip(parts, factors, strict=True)
            ]
            if all(level is not None for level in levels):
                return self._key(factors, [level or "" for level in levels])
        raise _unknown(name)

    def _level(self, part: str, factor: str) -> str | None:
        """What follows a factor in a coefficient's name; None where that is another factor."""
        if not part.startswith(factor):
            return None
        rest = part[len(factor) :]
        variable = _variable(factor)
        if rest in _LOGICAL and variable not in self.levels:
            self.levels[variable] = ("false", "true")
        if variable in self.levels:
            level = _LOGICAL.get(rest, rest)
            return level if level in self.levels[variable] else None
        if variable in self.knots and factor.startswith("rcs("):
            return rest if rest.rstrip("'") == variable else None
        return "" if rest == "" else None

    def _of_rms(self, name: str) -> Key:
        factors, levels = [], []
        for part in name.split(" * "):
            variable, equals, level = part.partition("=")
            bare = part.rstrip("'")
            if equals and variable in self.levels:
                factors.append(self._design.get(variable, variable))
                levels.append(level)
            elif bare in self.knots:
                factors.append(self._design.get(bare, bare))
                levels.append(part)
            elif part in self._design:
                factors.append(self._design[part])
                levels.append("")
            else:
                raise _unknown(name)
        return self._key(factors, levels)

    def _key(self, factors: Sequence[str], levels: Sequence[str]) -> Key:
        written = ":".join(self._written(factor) for factor in factors)
        (term,) = parse_terms((written,))
        self.written[term.name] = written
        return term.name, ":".join(level for level in levels if level)

    def _written(self, factor: str) -> str:
        """A factor of R's formula as vertebrisk writes it."""
        power = _POWER.fullmatch(factor)
        if power is not None:
            return f"{quoted(_bare(power['name']))}**{power['exponent']}"
        wrapped = _WRAPPED.fullmatch(factor)
        variable = _variable(factor)
        if wrapped is None or wrapped["function"] in ("factor", "as.factor", "C"):
            if wrapped is None and "(" in factor and not factor.startswith("`"):
                raise _unknown(factor)
            return quoted(variable)
        if wrapped["function"] == "rcs":
            if variable not in self.knots:
                raise ModelError(f"The knots of {factor} are not in the file.")
            return f"rcs({quoted(variable)}, {len(self.knots[variable])})"
        return f"{wrapped['function']}({quoted(variable)})"


def _labels(document: Mapping[str, Any]) -> _Labels:
    return _Labels(
        _texts(document["terms"]),
        {str(name): _texts(each) for name, each in (document.get("levels") or {}).items()},
        {str(name): _list(each) for name, each in (document.get("knots") or {}).items()},
        _texts(document.get("design") or []),
    )


def _baseline(document: Mapping[str, Any], horizons: Sequence[float], columns: int) -> Any:
    written = document.get("baseline")
    if not written:
        raise ModelError(
            "The file has no baseline hazard; fit cph with surv=TRUE, and a model with strata by "
            "fit_cox."
        )
    if "strata" in written:
        raise ModelError("The model has strata; use fit_cox with strata() for a portable one.")
    times, hazard = (
        np.array(_list(written[name]), dtype=np.float64) for name in ("time", "hazard")
    )
    return portable_hazard(times, hazard, horizons, columns)


def _variable(label: str) -> str:
    wrapped = _WRAPPED.fullmatch(label)
    return _bare(wrapped["name"] if wrapped is not None else label)


def _bare(name: str) -> str:
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "`" else name


def _split(name: str, sign: str) -> list[str]:
    """Parts between signs that stand outside brackets and backticks."""
    parts, depth, ticked, start = [], 0, False, 0
    for place, letter in enumerate(name):
        ticked ^= letter == "`"
        depth += (letter == "(") - (letter == ")")
        if letter == sign and depth == 0 and not ticked:
            parts.append(name[start:place])
            start = place + 1
    return [*parts, name[start:]]


def _matrix(written: Any) -> FloatArray:
    return np.array(written, dtype=np.float64)


def _list(written: Any) -> list[Any]:
    """Jsonlite writes a vector of one as the one."""
    return list(written) if isinstance(written, list) else [written]


def _texts(written: Any) -> list[str]:
    return [str(each) for each in _list(written)]


def _unknown(name: str) -> ModelError:
    return ModelError(
        f"The coefficient '{name}' is of a term that a portable model does not have; it has "
        "numbers, levels, rcs, log, sqrt, powers and their interactions."
    )
