"""The folder that a run writes: every file whole or not at all, the manifest last."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk import _files
from vertebrisk._types import Json
from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.cohort import findings_csv
from vertebrisk.errors import DataError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.report.document.study import results_document
from vertebrisk.report.page.documents import page_documents
from vertebrisk.report.printing import PLAIN_PAGE, Printing
from vertebrisk.report.render_markdown import patient_leaflet, replication_page
from vertebrisk.report.reproduction.script import reproduce_script
from vertebrisk.report.software import versions
from vertebrisk.report.study.page import study_page
from vertebrisk.study.drawing import study_drawings
from vertebrisk.study.reproduction import reproduce_plan
from vertebrisk.study.steps import StudyRun
from vertebrisk.text.messages import reason

if TYPE_CHECKING:
    from vertebrisk.study.streamed.preparing import ScannedRun

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "vertebrisk/manifest"
_OURS = re.compile(
    r"report\.(html|docx)|tables\.(xlsx|tex)|calculator\.html|results\.json|model\.json|reproduce\.R"
    r"|findings\.csv|replication\.md|plain-summary\.md"
    r"|figures/([0-9.]+mm/)?[a-z_0-9]+\.(svg|pdf|png|tiff)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a run's files lie, and the findings that writing them added."""

    folder: Path
    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def write_run(
    run: StudyRun | ScannedRun,
    folder: Path,
    printing: Printing = PLAIN_PAGE,
) -> Written:
    """Write report, calculator, figures, results, model, R script, findings and manifest.

    Language and journal are those of the run; `printing` says the formats and widths.
    Files of an earlier run that this one does not make again are removed, if that run's
    manifest names them; nothing else in the folder is touched.

    Raises
    ------
    DataError
        When the folder cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"'{folder}' is a file; name a folder for the results.")
    drawn = printing.drawn(study_drawings(run.result))
    calculator, none = _calculator(run)
    language = run.result.facts.language
    added = (*drawn.told(language), *(finding.said(language) for finding in none))
    result = run.result.with_findings(by_severity([*run.result.findings, *added]))
    contents = {f"figures/{name}": content for name, content in drawn.files.items()}
    texts = {
        "results.json": _files.json_text(results_document(result)),
        "model.json": _files.json_text(run.model.to_dict()),
        "findings.csv": findings_csv(result.findings),
        "plain-summary.md": patient_leaflet(result),
        **calculator,
    }
    if isinstance(run, StudyRun):
        texts["reproduce.R"] = reproduce_script(result, reproduce_plan(run))
    if result.replication:
        texts["replication.md"] = replication_page(result)
    contents |= page_documents(study_page(result, drawn.page), drawn, printing)
    contents |= {name: text.encode("utf-8") for name, text in texts.items()}
    earlier = _files.earlier_files(folder, MANIFEST, MANIFEST_SCHEMA, _OURS)
    manifest = _files.json_text(_manifest(run, contents)).encode("utf-8")
    _files.write_all(folder, {**contents, MANIFEST: manifest})
    _files.remove_earlier(folder, earlier - set(contents))
    return Written(folder, (*contents, MANIFEST), added)


def _calculator(run: StudyRun | ScannedRun) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The page for the bedside, or why this model has none."""
    try:
        page = calculator_page(run.model, run.result.facts.language)
    except ModelError as error:
        return {}, (Finding(code="no-calculator", severity="note", message=reason(error)),)
    return {"calculator.html": page}, ()


def _manifest(run: StudyRun | ScannedRun, contents: dict[str, bytes]) -> Json:
    facts = run.result.facts
    return {
        "schema": MANIFEST_SCHEMA,
        "schema_version": 1,
        "study": facts.id,
        "data_kind": facts.data_kind,
        "versions": versions(),
        "platform": f"{sys.platform} {platform.machine()}",
        "data": {"name": facts.data_name, "sha256": facts.data_sha256},
        "protocol": {
            "name": run.protocol.path.name,
            "sha256": _files.sha256(_files.read_bytes(run.protocol.path, "The protocol")),
        },
        "seed": facts.seed,
        "resamples": facts.resamples,
        "language": facts.language,
        "files": {name: _files.sha256(content) for name, content in sorted(contents.items())},
        "timings_s": {step: round(seconds, 4) for step, seconds in run.result.timings},
    }
