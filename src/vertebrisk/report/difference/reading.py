"""`results.json` of a run, read back: what two runs are compared by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from vertebrisk import _files
from vertebrisk._types import Json
from vertebrisk.errors import DataError
from vertebrisk.report.document.study import SCHEMA_VERSION

KIND = "vertebrisk-results"
FILE = "results.json"
Number = float | None


class _Part(BaseModel):
    """A part of the document; what is not compared by name may stand there too."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Step(_Part):
    """One step of the flow of patients."""

    kind: str
    reason: str
    rule: str
    removed: int
    remaining: int


class Patients(_Part):
    """How many were read, who left, and who remained."""

    unit: str
    n_read: int
    steps: tuple[Step, ...]
    n: int
    n_events: int


class Coefficient(_Part):
    """One row of a regression table."""

    kind: str
    term: str
    level: str | None = None
    label: str = ""
    level_label: str | None = None
    reference_label: str | None = None
    estimate: Number = None
    ratio: Number = None
    conf_low: Number = None
    conf_high: Number = None
    p_value: Number = None
    lr_p_value: Number = None
    selected: bool | None = None


class Measure(_Part):
    """One measure of performance."""

    measure: str
    horizon: Number = None
    apparent: Number = None
    corrected: Number = None
    conf_low: Number = None
    conf_high: Number = None
    mc_error: Number = None


class Performance(_Part):
    """The validation of the whole procedure."""

    table: tuple[Measure, ...]


class Benefit(_Part):
    """Net benefit at one threshold."""

    model: str
    threshold: float
    net_benefit: Number = None
    conf_low: Number = None
    conf_high: Number = None


class Decision(_Part):
    """The decision curve."""

    curve: tuple[Benefit, ...]


class Remark(_Part):
    """One finding."""

    code: str
    severity: str
    message: str
    column: str = ""


class Entry(_Part):
    """One line of a checklist."""

    number: str
    name: str
    verdict: str


class ChecklistPart(_Part):
    """The lines below one heading of a checklist."""

    entries: tuple[Entry, ...]


class Checklist(_Part):
    """One reporting guideline or appraisal, filled."""

    key: str
    name: str
    parts: tuple[ChecklistPart, ...]


class Results(_Part):
    """The parts of `results.json` that are compared by name."""

    data_kind: str
    study: dict[str, Any]
    flow: Patients
    univariable: tuple[Coefficient, ...]
    multivariable: tuple[Coefficient, ...]
    equation: str
    validation: Performance
    decision: Decision | None
    findings: tuple[Remark, ...]
    checklists: tuple[Checklist, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One run: where its results lie, what they are, and the whole document."""

    path: Path
    sha256: str
    results: Results
    document: Json


def read_run(path: Path) -> Run:
    """Read `results.json`, or the folder of a run that holds one.

    Raises
    ------
    DataError
        If there is no such file, or it is not the results of a run of this version's schema.
    """
    file = path / FILE if path.is_dir() else path
    content = _files.read_bytes(file, "The results file")
    document = _document(content, file)
    try:
        results = Results.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(each) for each in first["loc"])
        raise DataError(
            f"'{file}' is not whole: at {place}, {first['msg'].lower()}. Give {FILE} as "
            "`vertebrisk run` wrote it."
        ) from None
    return Run(file, _files.sha256(content), results, document)


def _document(content: bytes, file: Path) -> Json:
    try:
        document = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise DataError(f"'{file}' is not JSON. Give {FILE} of a run.") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise DataError(f"'{file}' does not hold the results of a run. Give {FILE} of one.")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise DataError(
            f"'{file}' has schema version {version!r}; this program compares version "
            f"{SCHEMA_VERSION!r}. Run the study again with it."
        )
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
