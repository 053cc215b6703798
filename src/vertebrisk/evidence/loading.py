"""From a TOML file to a checked `PublishedStudy`: every problem is reported at once.

Checked is whether the file can be understood: keys, names of variables and levels, as many
numbers as groups. Whether the numbers agree with one another is never asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError

from vertebrisk._checks import listed, nearest
from vertebrisk.errors import PaperError
from vertebrisk.evidence.published import (
    CONSTANT,
    Coefficient,
    Compared,
    ComparisonTable,
    PublishedStudy,
    Statistic,
)
from vertebrisk.protocol.fields import Table
from vertebrisk.protocol.problems import Location, explain
from vertebrisk.protocol.toml_files import frozen, marked_lines, problems_message, read_toml

MAX_BYTES = 2_000_000
_OF_TABLES = (
    "`vertebrisk new DIR --paper` starts one; `pool` and `audit` take a table with --table."
)
SCHEMA_VERSION = 1
# Keys that hold cells as printed and are taken apart into other keys.
_CELLS = {
    "Compared": ["mean_sd"],
    "ComparedRow": ["mean_sd"],
    "Coefficient": ["conf", "ratio_conf"],
}


def load_study(path: Path | str) -> PublishedStudy:
    """Read a published study, as a library entry describes it.

    Parameters
    ----------
    path : Path or str
        The TOML file; docs/formats.md describes its keys.

    Returns
    -------
    PublishedStudy
        Every number as printed. Contradictions of the paper are kept: they are data.

    Raises
    ------
    DataError
        The file cannot be read.
    PaperError
        The file cannot be understood. The message lists every problem, one a line: unknown
        keys with the nearest right one, texts that are no printed numbers, levels that no
        variable has, lists that are not as long as there are groups.
    """
    path = Path(path)
    document, text = read_toml(path, "The published study", MAX_BYTES, PaperError, _OF_TABLES)
    _of_this_schema(path, document)
    problems = marked_lines(text)
    study = None
    try:
        study = PublishedStudy.model_validate(frozen(document))
    except ValidationError as error:
        problems += explain(error, (), known_keys)
    if study is not None:
        problems += list(_cross_problems(study))
    if problems or study is None:
        raise PaperError(problems_message(path, problems))
    return study


def _of_this_schema(path: Path, document: dict[str, Any]) -> None:
    """One line, and not a list of all that is lacking, for a file of another kind."""
    version = document.get("schema_version")
    if "citation" not in document and version is None:
        kind = "a protocol, and not" if "study" in document else "not"
        raise PaperError(
            f"'{path.name}' is {kind} a published study: it has neither 'schema_version' nor "
            "[citation]. `vertebrisk new DIR --paper` starts the file of a paper."
        )
    if version is not None and version != SCHEMA_VERSION:
        raise PaperError(
            f"'{path.name}' has schema_version {version!r}; this version of vertebrisk reads "
            f"{SCHEMA_VERSION}."
        )


def known_keys(location: Location) -> list[str]:
    """Keys that the table at `location` of a study's file may have."""
    annotation: Any = PublishedStudy
    for part in location:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Table):
            annotation = annotation.model_fields[str(part)].annotation
        else:
            annotation = get_args(annotation)[0 if isinstance(part, int) else -1]
    table = _bare(annotation)
    return [*table.model_fields, *_CELLS.get(table.__name__, [])]


def _bare(annotation: Any) -> Any:
    """A type without ``| None`` and without what is said about it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
        else:
            return annotation


def _cross_problems(study: PublishedStudy) -> Iterator[str]:
    """What only the whole file can know."""
    yield from _repeated("[[groups]]", [group.name for group in study.groups])
    yield from _repeated("[[comparison]]", [table.id for table in study.comparison])
    yield from _repeated("[[model]]", [model.id for model in study.model])
    for number, row in enumerate(study.compared, start=1):
        yield from _compared_problems(study, row, f"[[compared]] number {number}")
    names = [model.id for model in study.model]
    for model in study.model:
        if model.quotes is not None and model.quotes not in names:
            close = nearest(model.quotes, names)
            yield f"[[model]] '{model.id}' quotes '{model.quotes}', which is none of them.{close}"
        for number, coefficient in enumerate(model.coefficient, start=1):
            where = f"[[model.coefficient]] number {number} of '{model.id}'"
            yield from _coefficient_problems(study, coefficient, where)
    if study.methods.outcome_uses is not None:
        for name in study.methods.outcome_uses.value:
            yield from _unknown(study, name, "'outcome_uses' in [methods]")
    for table in study.comparison:
        yield from _table_problems(study, table)
    for number, points in enumerate(study.nomogram, start=1):
        where = f"[[nomogram]] number {number}"
        yield from _unknown(study, points.variable, where)
        if points.level:
            yield from _unknown_level(study, points.variable, points.level, where)
    for number, statistic in enumerate(study.statistic, start=1):
        yield from _statistic_problems(study, statistic, f"[[statistic]] number {number}")
    for number, statement in enumerate(study.statement, start=1):
        if statement.variable is not None:
            yield from _unknown(study, statement.variable, f"[[statement]] number {number}")


def _repeated(where: str, names: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"Two entries of {where} are called '{name}'; give each a name of its own."


def _compared_problems(study: PublishedStudy, row: Compared, where: str) -> Iterator[str]:
    yield from _unknown(study, row.variable, where)
    for level in row.levels:
        yield from _unknown_level(study, row.variable, level, where)
    for name, values in row.lists.items():
        if len(values) != len(study.groups):
            yield (
                f"'{name}' in {where} ({row.variable}) has {len(values)} numbers; there are "
                f"{len(study.groups)} groups, and each needs one."
            )


def _table_problems(study: PublishedStudy, table: ComparisonTable) -> Iterator[str]:
    for number, row in enumerate(table.row, start=1):
        where = f"[[comparison.row]] number {number} of '{table.id}'"
        yield from _unknown(study, row.variable, where)
        for level in row.levels:
            yield from _unknown_level(study, row.variable, level, where)
        for name, cells in row.lists.items():
            if len(cells) != len(table.groups):
                yield (
                    f"'{name}' in {where} has {len(cells)} cells; there are "
                    f"{len(table.groups)} groups, and each needs one, if need be an empty one."
                )


def _coefficient_problems(study: PublishedStudy, row: Coefficient, where: str) -> Iterator[str]:
    weights = row.reading.weights if row.reading is not None else ()
    for term, level in [(row.term, row.level), *((term, level) for term, level, _ in weights)]:
        if term == CONSTANT and not level:
            continue
        yield from _unknown(study, term, where)
        if level:
            yield from _unknown_level(study, term, level, where)


def _statistic_problems(study: PublishedStudy, row: Statistic, where: str) -> Iterator[str]:
    if row.variable is not None:
        yield from _unknown(study, row.variable, where)
        if row.level:
            yield from _unknown_level(study, row.variable, row.level, where)
    names = [group.name for group in study.groups]
    if row.group is not None and row.group not in names:
        close = nearest(row.group, names) or f" There are {listed(names)}."
        yield f"{where} is about the group '{row.group}', which [[groups]] does not have.{close}"


def _unknown(study: PublishedStudy, variable: str, where: str) -> Iterator[str]:
    if variable not in study.variables:
        names = list(study.variables)
        close = nearest(variable, names) or f" There are {listed(names)}." if names else ""
        yield f"{where} is about '{variable}', which [variables] does not have.{close}"


def _unknown_level(study: PublishedStudy, variable: str, level: str, where: str) -> Iterator[str]:
    described = study.variables.get(variable)
    if described is not None and level not in described.levels:
        levels = listed(described.levels, 20) if described.levels else "none: it is a number"
        close = nearest(level, described.levels)
        yield f"{where} has the level '{level}' of '{variable}', whose levels are {levels}.{close}"
