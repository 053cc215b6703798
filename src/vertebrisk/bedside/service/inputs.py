"""One patient of a request as the numbers that a model works with; nothing is guessed.

A number is a JSON number, a level a text (or the number or truth that the data held in its
place). What is missing is asked for, or averaged over by a model that does so, which the flags
then say. What the model does not read is sent back, so that nobody sends more of a patient than
is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vertebrisk._checks import listed, nearest
from vertebrisk._frames import as_polars
from vertebrisk.bedside.service.problems import FieldError, pointer_part, shortened
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.rules import Expression
from vertebrisk.errors import VertebriskError
from vertebrisk.models.portable.flagging import AVERAGED

LARGEST = 1e12  # no measurement in any unit is larger; the cube of a larger one loses its digits


@dataclass(frozen=True, slots=True)
class Input:
    """How one predictor is read.

    `positions` are the codes of the levels and of what may stand in their place, empty for a
    number; `missing` the texts that stand for a missing value; `sources` the variables from
    which it is derived where it is not given itself.
    """

    name: str
    positions: Mapping[str, float]
    levels: tuple[str, ...]
    missing: frozenset[str]
    limits: tuple[float, float] | None
    derive: Expression | None
    sources: tuple[str, ...]

    @classmethod
    def of(cls, predictor: Predictor) -> Input:
        """How the predictor of a model is read."""
        positions = {level: float(place) for place, level in enumerate(predictor.levels)}
        for code, level in predictor.codes:
            if level in predictor.levels:
                positions.setdefault(code, positions[level])
        derive = Expression.parse(predictor.derive) if predictor.derive else None
        return cls(
            name=predictor.name,
            positions=positions,
            levels=predictor.levels,
            missing=frozenset(predictor.missing),
            limits=predictor.limits,
            derive=derive,
            sources=() if derive is None else derive.names,
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """All inputs of a model, its strata, and whether it averages over inputs that are missing."""

    inputs: tuple[Input, ...]
    strata: tuple[str, ...]
    accepted: frozenset[str]
    averages: bool = False

    @classmethod
    def of(cls, design: Design, strata: tuple[str, ...], *, averages: bool = False) -> Reader:
        """How patients of a model are read."""
        inputs = tuple(Input.of(predictor) for predictor in design.predictors)
        names = [*(each.name for each in inputs), *strata]
        accepted = frozenset([*names, *(s for i in inputs for s in i.sources)])
        return cls(inputs, strata, accepted, averages)

    def read(
        self, patient: object, pointer: str, errors: list[FieldError]
    ) -> tuple[dict[str, float], list[str]]:
        """Codes by predictor, and flags; what is wrong is added to `errors`.

        The code of a missing input is NaN where the model averages over it.
        """
        codes: dict[str, float] = {}
        flags: list[str] = []
        if not isinstance(patient, dict):
            errors.append(
                FieldError(
                    pointer, "type", f"A patient is an object of inputs, not {kind_of(patient)}."
                )
            )
            return codes, flags
        found = {each.name: _value_of(each, patient) for each in self.inputs}
        missing = [
            name
            for name, value in found.items()
            if isinstance(value, _Wrong) and value.code == "missing"
        ]
        averaged = missing if self.averages and len(missing) < len(found) else []
        for each in self.inputs:
            value = found[each.name]
            if each.name in averaged:
                codes[each.name] = math.nan
                flags.append(f"{AVERAGED}{each.name}")
                continue
            if isinstance(value, _Wrong):
                where = f"{pointer}/{pointer_part(each.name)}"
                errors.append(FieldError(where, value.code, value.detail, value.discreet))
                continue
            codes[each.name] = value
            limits = each.limits
            if limits is not None and not limits[0] <= value <= limits[1] and not each.levels:
                flags.append(f"extrapolation: {each.name}")
        if not self.accepted.issuperset(patient):
            errors += self._unread(patient, pointer)
        return codes, flags

    def stratum(self, patient: Mapping[str, object], pointer: str, errors: list[FieldError]) -> str:
        """Name of the patient's stratum, as baselines are named."""
        values = []
        for name in self.strata:
            value = patient.get(name)
            if value is None or isinstance(value, dict | list):
                errors.append(FieldError(f"{pointer}/{pointer_part(name)}", *_asked(name)))
            values.append(value)
        return ", ".join(level_text(value) for value in values)

    def _unread(self, patient: Mapping[str, object], pointer: str) -> list[FieldError]:
        names = [name for name in patient if name not in self.accepted]
        return [
            FieldError(
                f"{pointer}/{pointer_part(name)}",
                "not-an-input",
                f"'{shortened(name)}' is no input of this model; send only what it reads."
                f"{nearest(shortened(name), self.accepted)}",
                "This is no input of this model; send only what it reads.",
            )
            for name in names[:8]
        ]


@dataclass(frozen=True, slots=True)
class _Wrong:
    code: str
    detail: str
    discreet: str = ""


def _asked(name: str) -> tuple[str, str]:
    return "missing", f"'{name}' is missing; the model needs it and assumes nothing."


def _value_of(each: Input, patient: Mapping[str, object]) -> float | _Wrong:
    """The code of one input, or what is wrong with it."""
    value = patient.get(each.name)
    if each.derive is not None and each.name not in patient:
        return _derived(each, each.derive, patient)
    if value is None:
        return _Wrong(*_asked(each.name))
    if each.levels:
        return _level(each, value)
    return _number(each, value)


def _number(each: Input, value: object) -> float | _Wrong:
    kind = type(value)
    if kind is not float and kind is not int:
        return _Wrong("type", f"'{each.name}' is {kind_of(value)}; a JSON number is needed.")
    if not -LARGEST <= value <= LARGEST:  # type: ignore[operator]
        return _Wrong("range", f"'{each.name}' is beyond {LARGEST:g}, which no measurement is.")
    if each.missing and level_text(value) in each.missing:
        return _Wrong(*_asked(each.name))
    return float(value)  # type: ignore[arg-type]


def _level(each: Input, value: object) -> float | _Wrong:
    if isinstance(value, dict | list):
        return _Wrong("type", f"'{each.name}' is {kind_of(value)}; one of its levels is needed.")
    if type(value) is int and not -LARGEST <= value <= LARGEST:
        return _Wrong("range", f"'{each.name}' is beyond {LARGEST:g}, which no level is.")
    text = value if type(value) is str else level_text(value)
    if text in each.missing:
        return _Wrong(*_asked(each.name))
    position = each.positions.get(text)
    if position is None:
        known = f"it has {listed(each.levels, 30)}."
        return _Wrong(
            "unknown-level",
            f"'{each.name}' has no level '{shortened(text)}'; {known}"
            f"{nearest(shortened(text), each.levels)}",
            f"'{each.name}' has no such level; {known}",
        )
    return position


def _derived(each: Input, derive: Expression, patient: Mapping[str, object]) -> float | _Wrong:
    """The value of the expression that makes an input of others."""
    lacking = [name for name in each.sources if patient.get(name) is None]
    if lacking:
        return _Wrong(
            "missing",
            f"'{each.name}' is missing; give it, or all of {listed(each.sources)} of which it "
            "is made.",
        )
    parts = {name: patient[name] for name in each.sources}
    for name, part in parts.items():
        if type(part) not in (int, float, str, bool) or (
            type(part) in (int, float) and not -LARGEST <= part <= LARGEST  # type: ignore[operator]
        ):
            return _Wrong("type", f"'{name}' is {kind_of(part)}; a number or text is needed.")
    try:
        found = derive.values(as_polars({name: [part] for name, part in parts.items()}))[0]
    except VertebriskError:
        return _Wrong("type", f"'{each.name}' cannot be made of {listed(each.sources)} as given.")
    if each.levels:
        return _Wrong(*_asked(each.name)) if found is None else _level(each, found)
    if type(found) not in (int, float) or not math.isfinite(found):
        return _Wrong("type", f"'{each.name}' cannot be made of {listed(each.sources)} as given.")
    return _number(each, found)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
