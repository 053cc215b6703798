"""What a mapping of a file might be: for a message, and as a draft for a person to finish."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk.design.design import Predictor
from vertebrisk.design.encode import texts_of
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError
from vertebrisk.models.mapping.document import inputs_of
from vertebrisk.models.mapping.units import multiplied, other_unit, share_inside
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol.draft import toml_key, toml_text
from vertebrisk.protocol.fields import PLACEHOLDER

ALIKE = 0.6
MOST_OFFERED, MOST_VALUES = 3, 20
TRUTHS = (
    frozenset(("true", "yes", "y", "present", "1", "是", "有", "阳性")),
    frozenset(("false", "no", "n", "absent", "0", "否", "无", "阴性")),
)


def check_columns(model: RiskModel, frame: pl.DataFrame) -> None:
    """Refuse a table without the columns of a model, and say which they may be.

    Raises
    ------
    DataError
    """
    lacking = lacking_inputs(model, frame)
    if not lacking:
        return
    offered = [
        f"'{close[0]}' for {name}"
        for name in lacking
        if (close := close_columns(model, name, frame.columns))
    ]
    nearest = f" The nearest are {listed(offered)}." if offered else ""
    raise DataError(
        f"The model needs {listed(lacking)}, which the data do not have; their columns are "
        f"{listed(frame.columns)}.{nearest} Say which is which in a mapping (--mapping FILE.toml, "
        "which --propose-mapping FILE.toml drafts; mapping= in Python)."
    )


def lacking_inputs(model: RiskModel, frame: pl.DataFrame) -> list[str]:
    """Columns that scoring would need and the table has not."""
    needed = list(model.strata)
    for predictor in model.design.predictors:
        if predictor.derive and predictor.name not in frame.columns:
            needed += Expression.parse(predictor.derive).names
        else:
            needed.append(predictor.name)
    return [name for name in dict.fromkeys(needed) if name not in frame.columns]


def close_columns(model: RiskModel, name: str, columns: Sequence[str]) -> list[str]:
    """Columns that may hold an input, the likeliest first: by its name and its labels."""
    known = [_plain(each) for each in _names(model, name)]
    scores = {column: max(_likeness(_plain(column), each) for each in known) for column in columns}
    found = [column for column in columns if scores[column] >= ALIKE]
    return sorted(found, key=lambda column: -scores[column])[:MOST_OFFERED]


def _names(model: RiskModel, name: str) -> list[str]:
    if name not in model.design.variables:
        return [name]
    predictor = model.design.predictor(name)
    labels = [words.get("label", "") for words in predictor.translations.values()]
    return [each for each in (name, predictor.label, *map(str, labels)) if each]


def _plain(text: str) -> str:
    """Without case, signs and a unit in brackets."""
    bare = re.sub(r"[(（\[].*?[)）\]]", "", text.casefold())
    return re.sub(r"[\W_]+", "", bare) or text.casefold()


def _likeness(one: str, other: str) -> float:
    """1 for the same; a name that stands whole in the other is close, too."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    inside = 0.8 if len(short) > 2 and short in long else 0.0
    return max(inside, difflib.SequenceMatcher(None, one, other).ratio())


def drafted_mapping(model: RiskModel, frame: pl.DataFrame, texts: pl.DataFrame, file: str) -> str:
    """The text of a mapping to be finished; "" where nothing needs one.

    Whatever is a guess is marked, and a mapping with marks is refused. Tables of inputs that
    are found and coded as the model has them are left out. `texts` are the cells of the file
    before any was taken for a number.
    """
    parts = []
    for name in inputs_of(model):
        if name in lacking_inputs(model, frame):
            parts.append(_of_lacking(model, name, frame, texts))
        elif name in frame.columns and name in model.design.variables:
            predictor = model.design.predictor(name)
            column = (texts if predictor.categorical else frame)[name]
            parts.append(_of_values(predictor, column, found=True))
    tables = "\n".join(f"{part.strip()}\n" for part in parts if part)
    if not tables:
        return ""
    return (
        f"# How {toml_text(file)} names and codes the inputs of the model "
        f"{toml_text(model.outcome.name)}.\n"
        f"# Replace every {PLACEHOLDER} by what you know, or delete its line or table; what stands "
        "behind # is a guess.\n"
        "# Then: --mapping and the name of this file.\n\n"
        f"{tables}"
    )


def _of_lacking(model: RiskModel, name: str, frame: pl.DataFrame, texts: pl.DataFrame) -> str:
    close = close_columns(model, name, frame.columns)
    why = f"nearest: {listed([toml_text(each) for each in close])}" if close else "none is near"
    text = f"{_header(model, name)}column = {toml_text(PLACEHOLDER)}  # {why}\n"
    if not close or name not in model.design.variables:
        return text
    predictor = model.design.predictor(name)
    column = (texts if predictor.categorical else frame)[close[0]]
    return text + _of_values(predictor, column, found=False)


def _header(model: RiskModel, name: str) -> str:
    label = ""
    if name in model.design.variables:
        predictor = model.design.predictor(name)
        said = "" if predictor.label == name else predictor.label
        label = ", ".join(each for each in (said, predictor.unit) if each)
    return f"[variables.{toml_key(name)}]{f'  # {_one_line(label)}' if label else ''}\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _of_values(predictor: Predictor, column: pl.Series, *, found: bool) -> str:
    """Lines for values that are not the model's; with a header where the column is found."""
    lines = _levels(predictor, column) if predictor.categorical else _unit(predictor, column)
    if not lines:
        return "" if found else "\n"
    head = f"[variables.{toml_key(predictor.name)}]\n" if found else ""
    return f"{head}{lines}\n"


def _levels(predictor: Predictor, column: pl.Series) -> str:
    values = texts_of(column).str.strip_chars().drop_nulls().unique().sort().to_list()
    known = {*predictor.levels, *(code for code, _ in predictor.codes), *predictor.missing}
    strange = [value for value in values if value not in known]
    if not strange:
        return ""
    if len(strange) > MOST_VALUES:
        return f"# {len(strange)} different values, none of them a level of the model\n"
    lines = [f"[variables.{toml_key(predictor.name)}.levels]  # theirs = one of the model's"]
    offered = listed([toml_text(each) for each in predictor.levels], 40)
    for value in strange:
        near = near_level(predictor, value)
        guess = f"{toml_text(near)}? There are {offered}" if near else f"one of {offered}"
        lines.append(f"{toml_key(value)} = {toml_text(PLACEHOLDER)}  # {guess}")
    return "\n".join(lines) + "\n"


def near_level(predictor: Predictor, value: str) -> str:
    """The level that a value may mean, by name, label, or as yes and no; "" for none."""
    names: dict[str, str] = {}
    for level in predictor.levels:
        for text in (level, predictor.level_label(level), *_translated(predictor, level)):
            names.setdefault(text.strip().casefold(), level)
    meant = value.strip().casefold()
    if meant in names:
        return names[meant]
    for words in TRUTHS:
        of = [level for text, level in names.items() if text in words]
        if meant in words and len(set(of)) == 1:
            return of[0]
    close = difflib.get_close_matches(meant, list(names), n=1, cutoff=ALIKE)
    return names[close[0]] if close else ""


def _translated(predictor: Predictor, level: str) -> Iterable[str]:
    place = predictor.levels.index(level)
    for words in predictor.translations.values():
        labels = words.get("level_labels", ())
        if not isinstance(labels, str) and place < len(labels):
            yield str(labels[place])


def _unit(predictor: Predictor, column: pl.Series) -> str:
    if not column.dtype.is_numeric():
        values = column.drop_nulls().cast(pl.String).unique().sort().to_list()
        if not values or len(values) > MOST_VALUES or column.dtype.is_temporal():
            return "# no numbers stand there\n" if values else ""
        head = f"[variables.{toml_key(predictor.name)}.levels]  # theirs = a number\n"
        marked = (f"{toml_key(value)} = {toml_text(PLACEHOLDER)}\n" for value in values)
        return head + "".join(marked)
    numbers = column.cast(pl.Float64).drop_nulls().to_numpy()
    values = numbers[np.isfinite(numbers)]
    if predictor.limits is None:
        return ""
    factor = other_unit(values, predictor.limits)
    if factor is None:
        return ""
    low, high = predictor.limits
    unit = f" {predictor.unit}" if predictor.unit else ""
    before, after = (share_inside(each, (low, high)) for each in (values, values * factor))
    return (
        f"factor = {toml_text(PLACEHOLDER)}  # {factor:g}? {before:.0%} of the values lie inside "
        f"{low:g} to {high:g}{unit}, the model's range; {multiplied(factor)}, {after:.0%} would\n"
    )
