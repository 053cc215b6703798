"""One factor under the names and codings that studies give it, each with its reason.

The package's own mapping is `factors.toml`. A file of the user's own is read before it: its
entries come first, and the first entry that fits a variable of a study decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from vertebrisk._checks import listed, nearest
from vertebrisk.errors import DataError, PaperError
from vertebrisk.evidence.published import PaperVariable, PublishedStudy
from vertebrisk.protocol.fields import FilledText, Localised, Table
from vertebrisk.protocol.problems import Location, explain
from vertebrisk.protocol.toml_files import frozen, problems_message, read_toml
from vertebrisk.text.messages import joined, say

MAX_BYTES = 500_000


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class FactorName(Table):
    """One name and coding of a factor.

    Either `level` against `reference`: names that a study's levels may have; where several of
    them are levels of one study, their patients are taken together. Or `per`: the change of a
    number that the odds ratio is for, in the variable's unit and with the factor's direction.
    `study` limits the entry to one paper.
    """

    variable: FilledText
    level: tuple[FilledText, ...] = ()
    reference: tuple[FilledText, ...] = ()
    per: float | None = None
    study: FilledText | None = None
    reason: FilledText

    @field_validator("level", "reference", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return _texts(value)

    @field_validator("per", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _levels_or_per(self) -> FactorName:
        if (self.per is None) == (not self.level and not self.reference):
            raise ValueError("either level and reference are needed, or per")
        if self.per is None and not (self.level and self.reference):
            raise ValueError("both level and reference are needed")
        if self.per is not None and (self.per == 0 or not math.isfinite(self.per)):
            raise ValueError("per is the change that the odds ratio is for; it cannot be 0")
        both = {each.casefold() for each in self.level} & {
            each.casefold() for each in self.reference
        }
        if both:
            raise ValueError(f"'{min(both)}' is both level and reference")
        return self

    def fits(self, study: PublishedStudy) -> bool:
        """True if the study has this variable in this coding."""
        variable = study.variables.get(self.variable)
        if variable is None or self.study not in (None, study.id):
            return False
        if self.per is not None:
            return not variable.levels
        return bool(levels_of(variable, self.level) and levels_of(variable, self.reference))


class FactorExclusion(Table):
    """A variable that looks like the factor and is another."""

    variable: FilledText
    study: FilledText | None = None
    reason: FilledText


class Factor(Table):
    """One factor: what its odds ratio compares, and its names."""

    label: Localised
    compares: Localised
    name: tuple[FactorName, ...] = ()
    exclude: tuple[FactorExclusion, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Factor:
        if not self.name and not self.exclude:
            raise ValueError("no [[...name]] says which variables it is")
        return self


class FactorFile(Table):
    """A mapping file."""

    schema_version: Literal[1]
    factor: dict[str, Factor] = Field(default_factory=dict)


def levels_of(variable: PaperVariable, wanted: Sequence[str]) -> tuple[str, ...]:
    """Levels of a variable that are among some names, whatever their case."""
    names = {name.casefold() for name in wanted}
    return tuple(level for level in variable.levels if level.casefold() in names)


@cache
def house_factors() -> Mapping[str, Factor]:
    """The package's mapping."""
    with resources.as_file(resources.files(__package__) / "factors.toml") as path:
        return load_factors(path)


def load_factors(path: Path | str) -> dict[str, Factor]:
    """Read a mapping of factors; docs/formats.md describes its keys.

    Raises
    ------
    DataError
        The file cannot be read.
    PaperError
        The file cannot be understood; every problem is told, one a line.
    """
    path = Path(path)
    document, _ = read_toml(path, "The mapping of factors", MAX_BYTES, PaperError)
    try:
        return dict(FactorFile.model_validate(frozen(document)).factor)
    except ValidationError as error:
        raise PaperError(problems_message(path, explain(error, (), _known_keys))) from None


def _known_keys(location: Location) -> list[str]:
    """Keys that the table at `location` of a mapping may have."""
    tables: dict[str, type[Table]] = {"name": FactorName, "exclude": FactorExclusion}
    if len(location) < 2:
        return list(FactorFile.model_fields)
    table = next((tables[str(part)] for part in location[2:] if part in tables), Factor)
    return list(table.model_fields)


def factor(name: str, own: Mapping[str, Factor], studies: Sequence[PublishedStudy]) -> Factor:
    """A factor of this name: the user's entries, then the package's, then the variable itself.

    A name that is in no mapping may be that of a variable with two levels, or of a number;
    studies then have to call and code it alike.

    Raises
    ------
    DataError
        If it is in no mapping and no study has such a variable.
    """
    house = house_factors()
    found = [mapping[name] for mapping in (own, house) if name in mapping]
    if found:
        return found[0].model_copy(
            update={
                "name": tuple(each for one in found for each in one.name),
                "exclude": tuple(each for one in found for each in one.exclude),
            }
        )
    described = [study.variables[name] for study in studies if name in study.variables]
    if not described:
        known = [*dict.fromkeys([*own, *house])]
        raise DataError(
            f"'{name}' is neither a factor of the mapping ({listed(known, 20)}) nor a variable of "
            f"these studies.{nearest(name, known)} A mapping of your own is given by --factors."
        )
    return _variable_alone(name, described[0])


def _variable_alone(name: str, variable: PaperVariable) -> Factor:
    """A factor that is one variable under one name."""
    reason = f"the variable is called '{name}'"
    if not variable.levels:
        unit = variable.unit.text() if variable.unit else "unit"
        return Factor(
            label=variable.label,
            compares=Localised(en=f"per 1 {unit} more"),
            name=(FactorName(variable=name, per=1.0, reason=reason),),
        )
    if len(variable.levels) > 2:
        raise DataError(
            f"'{name}' has {len(variable.levels)} levels ({listed(variable.levels)}); say in a "
            "mapping of your own, given by --factors, which is compared with which."
        )
    reference, level = variable.levels
    return Factor(
        label=variable.label,
        compares=Localised(en=f"{level} against {reference}"),
        name=(FactorName(variable=name, level=(level,), reference=(reference,), reason=reason),),
    )


def named(factor: Factor, study: PublishedStudy) -> FactorName | str:
    """The entry by which a study has the factor, or why it has none."""
    fitting = [each for each in factor.name if each.fits(study)]
    specific = [each for each in fitting if each.study is not None] or fitting
    variables = dict.fromkeys(each.variable for each in specific)
    if len(variables) > 1:
        quoted = listed([f"'{each}'" for each in variables])
        return say(
            "{names} could each be the factor; name one in a mapping of your own, with study",
            names=quoted,
        )
    if specific:
        return specific[0]
    excluded = [
        say("'{name}' is not it: {reason}", name=each.variable, reason=each.reason)
        for each in factor.exclude
        if each.variable in study.variables and each.study in (None, study.id)
    ]
    if excluded:
        return joined(list(dict.fromkeys(excluded)), "; ")
    coded = [each.variable for each in factor.name if each.variable in study.variables]
    if coded:
        levels = study.variables[coded[0]].levels
        return say(
            "'{name}' is coded in a way that the mapping does not know ({shown})",
            name=coded[0],
            shown=listed(levels) if levels else say("numbers"),
        )
    return say("the paper has no variable that is this factor under any known name")
