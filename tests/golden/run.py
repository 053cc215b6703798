"""What the golden run does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vertebrisk.protocol import load_protocol
from vertebrisk.report.document.study import results_document
from vertebrisk.studies import embedded_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions

GOLDEN = Path(__file__).with_name("results.json")
RESAMPLES = 60
LEFT_OUT = (
    "checklists",
    "comparison",
    "replication",
    "roc",
)  # tested elsewhere, by R and the print


def golden_document() -> dict[str, Any]:
    """Results of the embedded study with few resamples, less what other tests hold firmer."""
    with embedded_protocol() as path:
        run = run_study(load_protocol(path), RunOptions(resamples=RESAMPLES))
    document = results_document(run.result)
    document["study"].pop("version")
    return {name: value for name, value in document.items() if name not in LEFT_OUT}
