"""A model updated to the patients of a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from vertebrisk._types import Json
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import level_text
from vertebrisk.design.terms import parse_terms
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.findings import Finding
from vertebrisk.models.mapping.document import MappingSource
from vertebrisk.models.mapping.reading import read_for
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.performance import UpdateValidation, validate_update
from vertebrisk.models.updating.updating import UpdatedModel, update_model

if TYPE_CHECKING:
    from vertebrisk.protocol.documents import Variable

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class FileUpdate:
    """What an update of a file's patients gave.

    Attributes
    ----------
    outcome : str
        The rule by which they have the event.
    rows : int
        Rows of the file.
    update : UpdatedModel
    validation : UpdateValidation or None
        None where no resamples were asked for.
    findings : tuple of Finding
        Those of the update, then those of reading the file.
    """

    outcome: str
    rows: int
    update: UpdatedModel
    validation: UpdateValidation | None
    findings: tuple[Finding, ...]

    def to_dict(self) -> Json:
        """JSON form; of cells and patients nothing."""
        checked = self.validation
        return {
            "schema": "vertebrisk/update",
            "schema_version": SCHEMA_VERSION,
            "outcome": self.outcome,
            "rows": self.rows,
            **self.update.to_dict(),
            "performance": None if checked is None else checked.to_dict(),
            "findings": [each.to_dict() for each in self.findings],
        }


def update_file(
    model: RiskModel,
    path: Path,
    *,
    outcome: str,
    codebook: Path | None = None,
    mapping: MappingSource | None = None,
    resamples: int = 200,
    seed: int = 1,
    progress: Watch = unwatched,
    **options: Any,
) -> FileUpdate:
    """`update_model` and `validate_update` on a patient file.

    Parameters
    ----------
    model, outcome, options
        As in `update_model`.
    path : Path
        Patient file; labels that it holds are those of new predictors.
    codebook : Path, optional
        TOML with ``[variables.*]``, as `new` drafts it, for labels, units, codes and levels of
        new predictors.
    mapping : MappingSource, optional
        Which column is which input of the model, as in `external_validation`.
    resamples : int
        Of the bootstrap; 0 for none.
    seed : int
    progress : callable
        Called with a step, and how much of it is done and to be done.
    """
    table = read_for(model, path, mapping)
    frame = table.frame
    words = table.codebook.select("column", "label").unique().rows()
    info = {name: VariableInfo(label=label) for name, label in words}
    if codebook is not None:
        from vertebrisk.protocol.loading import load_codebook

        described = load_codebook(codebook)
        terms = parse_terms(tuple(options["extension"]))
        names = {name for term in terms for name in term.variables}
        for name in sorted(names & described.keys() & set(frame.columns)):
            frame = frame.with_columns(_recoded(frame[name], described[name]))
            levels = described[name].ordered_levels
            info[name] = described[name].info(levels, "en", **_codes(described[name]))
    update = update_model(model, frame, outcome=outcome, info=info, **options)
    options.pop("when", None)
    checked = None
    if resamples:
        checked = validate_update(
            model,
            frame,
            outcome=outcome,
            info=info,
            resamples=resamples,
            seed=seed,
            progress=progress,
            **options,
        )
    read = tuple(each for each in table.findings if each.severity != "note")
    return FileUpdate(outcome, frame.height, update, checked, (*update.findings, *read))


def _codes(described: Variable) -> dict[str, Any]:
    return {
        "codes": tuple(described.codes.items()),
        "missing": tuple(map(level_text, described.missing)),
    }


def _recoded(column: pl.Series, described: Variable) -> pl.Series:
    """The column with codes as the labels that the codebook gives them, and missing ones null."""
    if not described.codes and not described.missing:
        return column
    texts = column.cast(pl.String)
    if column.dtype.is_float():
        texts = texts.str.replace(r"\.0+$", "")
    absent = texts.is_in([level_text(each) for each in described.missing]).fill_null(value=False)
    if not described.codes:
        return column.set(absent, None)
    return texts.set(absent, None).replace(described.codes).alias(column.name)
