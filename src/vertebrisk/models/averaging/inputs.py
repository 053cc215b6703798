"""The inputs of a model given one another: what it averages over where one is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from vertebrisk._types import FloatArray, Json
from vertebrisk.design.design import Design, Predictor
from vertebrisk.kernels.imputation.sweeps import Conditional, Kind

_DAMAGED = "its missing inputs"


@dataclass(frozen=True, slots=True)
class NumberScale:
    """A number as a column of the regressions: standardised, its logarithm where it is skewed.

    Attributes
    ----------
    centre, spread : float
        Mean and SD of the development patients, after the logarithm.
    shift, side : float
        The logarithm is ``side * log(side * (x - shift))``; side 0 is none.
    """

    centre: float
    spread: float
    shift: float = 0.0
    side: float = 0.0

    def column(self, values: FloatArray) -> FloatArray:
        """Numbers as the regressions have them; NaN where the logarithm does not exist."""
        if self.side:
            with np.errstate(invalid="ignore", divide="ignore"):
                apart = self.side * (values - self.shift)
                values = self.side * np.log(np.where(apart > 0.0, apart, np.nan))
        return np.asarray((values - self.centre) / self.spread)

    def number(self, column: FloatArray) -> FloatArray:
        """Inverse of `column`."""
        values = self.centre + self.spread * column
        return self.shift + self.side * np.exp(self.side * values) if self.side else values

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class InputModel:
    """One input given all others.

    Attributes
    ----------
    name : str
    kind : {"normal", "levels", "ordered"}
        Normal linear regression; multinomial (with two levels logistic); proportional odds.
        A number of few values is drawn among these, its `ticks`, as if they were levels.
    constants : array
        normal: the constant. levels: of each level after the first. ordered: the thresholds.
    slopes : array, shape (rows, columns of the other inputs)
        normal and ordered: one row; levels: one a level after the first. Columns come in the
        order of the inputs: a number has one, on its scale; levels one each after the first.
    sd : float
        Residual SD of a normal one, else 0.
    scale : NumberScale or None
        Of a number.
    """

    name: str
    kind: Kind
    constants: FloatArray
    slopes: FloatArray
    sd: float = 0.0
    scale: NumberScale | None = None

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "name": self.name,
            "kind": self.kind,
            "constants": self.constants.tolist(),
            "slopes": self.slopes.tolist(),
            "sd": self.sd,
            "scale": self.scale and self.scale.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class MissingInputs:
    """Models of each input of a risk model given its other inputs, and of nothing else.

    They know no outcome, no time and no variable that the model does not read, and they hold
    no patient's values. Ranges and levels are those of the model's predictors.

    Attributes
    ----------
    inputs : tuple of InputModel
        In the order of the design's predictors.
    """

    inputs: tuple[InputModel, ...]

    def conditionals(self, design: Design) -> tuple[Conditional, ...]:
        """The same for the kernel that draws."""
        places = column_places(design)
        return tuple(
            _conditional(each, predictor, places)
            for each, predictor in zip(self.inputs, design.predictors, strict=True)
        )

    def columns(self, design: Design, codes: Mapping[str, FloatArray]) -> FloatArray:
        """Columns of all inputs, shape (n, columns); 0 where an input is missing."""
        parts = [
            input_columns(predictor, each.scale, codes[each.name])
            for each, predictor in zip(self.inputs, design.predictors, strict=True)
        ]
        whole = np.column_stack(parts)
        return np.where(np.isnan(whole), 0.0, whole)

    def to_dict(self) -> Json:
        """JSON form."""
        return {"inputs": [each.to_dict() for each in self.inputs]}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], design: Design) -> MissingInputs:
        """Inverse of `to_dict`; raises ValueError where it does not fit the design."""
        written = document["inputs"]
        if [each["name"] for each in written] != list(design.variables) or len(written) < 2:
            raise ValueError(f"{_DAMAGED} are not its predictors")
        width = sum(_width(each) for each in design.predictors)
        return cls(
            tuple(
                _read(each, predictor, width)
                for each, predictor in zip(written, design.predictors, strict=True)
            )
        )


def input_columns(predictor: Predictor, scale: NumberScale | None, codes: FloatArray) -> FloatArray:
    """Columns of one input in the regressions of the others, shape (n, own columns)."""
    if scale is not None:
        return scale.column(codes)[:, None]
    levels = np.arange(1, len(predictor.levels))
    return np.where(np.isnan(codes)[:, None], np.nan, codes[:, None] == levels)


def column_places(design: Design) -> dict[str, slice]:
    """Columns of every input."""
    ends = np.cumsum([_width(each) for each in design.predictors])
    return {
        each.name: slice(int(end) - _width(each), int(end))
        for each, end in zip(design.predictors, ends, strict=True)
    }


def choices(predictor: Predictor) -> FloatArray:
    """What an input that is not normal is drawn among: codes of levels, or few numbers."""
    if predictor.categorical:
        return np.arange(len(predictor.levels), dtype=np.float64)
    return np.array(predictor.ticks)


def bounds(predictor: Predictor) -> tuple[float, float]:
    """Range of a number: 1st to 99th percentile of the development patients."""
    low, high = predictor.limits or (predictor.ticks[0], predictor.ticks[-1])
    return float(low), float(high)


def _width(predictor: Predictor) -> int:
    return max(len(predictor.levels) - 1, 0) if predictor.categorical else 1


def _conditional(
    model: InputModel, predictor: Predictor, places: Mapping[str, slice]
) -> Conditional:
    own = places[model.name]
    slopes = np.insert(model.slopes, [own.start] * (own.stop - own.start), 0.0, axis=1)
    if model.scale is not None and model.kind == "normal":
        low, high = model.scale.column(np.array(bounds(predictor)))
        return Conditional(
            "normal", model.constants, slopes, own, np.zeros(1), model.sd, (float(low), float(high))
        )
    contents = input_columns(predictor, model.scale, choices(predictor))
    usual = np.zeros(contents.shape[1])  # the mean of a number, the reference of levels
    if str(predictor.adjust_to) in predictor.levels:
        usual = contents[predictor.levels.index(str(predictor.adjust_to))]
    return Conditional(model.kind, model.constants, slopes, own, usual, contents=contents)


def _read(written: Mapping[str, Any], predictor: Predictor, width: int) -> InputModel:
    name, kind = predictor.name, written["kind"]
    if kind not in get_args(Kind) or (kind == "normal" and predictor.categorical):
        raise ValueError(f"{_DAMAGED} draw '{name}' in a way that it does not have")
    if kind != "normal" and not (predictor.categorical or predictor.discrete):
        raise ValueError(f"{_DAMAGED} draw '{name}' among levels that it does not have")
    count = 2 if kind == "normal" else choices(predictor).size
    rows = count - 1 if kind == "levels" else 1
    constants = _numbers(written["constants"], (count - 1,), name)
    slopes = _numbers(written["slopes"], (rows, width - _width(predictor)), name)
    if kind == "ordered" and not (np.diff(constants) > 0.0).all():
        raise ValueError(f"{_DAMAGED} have thresholds of '{name}' that are not in order")
    sd = float(_numbers([written["sd"]], (1,), name)[0])
    if sd < 0.0:
        raise ValueError(f"{_DAMAGED} have an SD of '{name}' below 0")
    return InputModel(name, kind, constants, slopes, sd, _scale(written["scale"], predictor))


def _scale(written: Mapping[str, Any] | None, predictor: Predictor) -> NumberScale | None:
    if (written is None) != predictor.categorical:
        raise ValueError(f"{_DAMAGED} have a scale that does not suit '{predictor.name}'")
    if written is None:
        return None
    keys = NumberScale.__slots__
    scale = NumberScale(*_numbers([written[key] for key in keys], (4,), predictor.name).tolist())
    if not scale.spread > 0.0 or scale.side not in (-1.0, 0.0, 1.0):
        raise ValueError(f"{_DAMAGED} have a scale of '{predictor.name}' that is none")
    if not np.isfinite(scale.column(np.array(bounds(predictor)))).all():
        raise ValueError(f"{_DAMAGED} have a scale of '{predictor.name}' short of its range")
    return scale


def _numbers(written: Any, shape: tuple[int, ...], name: str) -> FloatArray:
    if any(isinstance(each, bool | str) for each in _flat(written)):
        raise ValueError(f"{_DAMAGED} have something of '{name}' that is no number")
    values = np.array(written, dtype=np.float64).reshape(shape)
    if not np.isfinite(values).all():
        raise ValueError(f"{_DAMAGED} have a number of '{name}' that is not finite")
    return values


def _flat(written: Any) -> Sequence[Any]:
    if not isinstance(written, list):
        return [written]
    return [each for part in written for each in _flat(part)]
