"""What a command does not use, it does not load: held on what was imported, not by a clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from vertebrisk.cli import COMMANDS

SOURCE = Path(__file__).resolve().parents[2] / "src"

# Whatever is slow to load, or starts a machinery that nobody asked for.
HEAVY = (
    "asyncio", "dask", "distributed", "fhir", "jinja2", "llvmlite", "matplotlib", "multiprocessing",
    "numba", "numpy", "openpyxl", "pandas", "polars", "pyarrow", "pydantic", "pyreadstat",
    "python_calamine", "rich", "scipy", "scipy.optimize", "scipy.stats", "sklearn", "starlette",
    "docx", "statsmodels", "uvicorn", "xlsxwriter",
)  # fmt: skip
ARRAYS = {"numpy", "scipy"}
TABLES = ARRAYS | {"polars", "pydantic", "scipy.optimize"}
PAGES = TABLES | {"jinja2"}
FIGURES = PAGES | {"matplotlib"}

# Commands that do their work, one after the other in one process, and what may then be loaded.
WORKING = {
    "samplesize develop --parameters 12 --prevalence 0.14": ARRAYS,
    "library list": TABLES,
    "predict li2021 asked.csv --out risks.csv": TABLES,
    "new drafted --data asked.csv": TABLES,
    "audit li2021": TABLES,
    "calculator li2021 --out calculator.html": PAGES,
}
DEMO = "demo --resamples 5 --out report"
# What a study of a binary outcome without gaps, sets or follow-up has no use for.
OTHER_STUDIES = (
    "scipy.linalg", "scipy.optimize", "vertebrisk.cohort.scanning.loading",
    "vertebrisk.comparison.matched", "vertebrisk.evidence.pooling.papers",
    "vertebrisk.models.streamed.logistic_fitting", "vertebrisk.study.followed",
    "vertebrisk.study.imputed", "vertebrisk.study.matched", "vertebrisk.study.streamed.binary",
)  # fmt: skip
ASKED = "ivc,fascia_oedema,goutallier,cement_distribution\nYes,No,1,Blocky\nNo,Yes,3-4,Spongy\n"

PROGRAM = """
import contextlib, io, json, sys
sys.path.insert(0, {source!r})
from vertebrisk.cli import main

found = []
for command in {commands!r}:
    status = 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            status = main(command)
        except SystemExit as end:
            status = int(end.code or 0)
    loaded = [name for name in {heavy!r} if name in sys.modules]
    found.append((" ".join(command), status, loaded))
print(json.dumps(found))
"""


def loaded_by(
    commands: list[list[str]], folder: Path, heavy: tuple[str, ...] = HEAVY
) -> list[tuple[str, int, set[str]]]:
    """Each command run after the other in one new process: its status, and what is loaded."""
    program = PROGRAM.format(source=str(SOURCE), commands=commands, heavy=heavy)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return [(command, status, set(loaded)) for command, status, loaded in found]


def test_help_of_no_command_loads_anything_heavy(tmp_path: Path) -> None:
    found = loaded_by([[name, "--help"] for name in COMMANDS], tmp_path)
    assert {status for _, status, _ in found} == {0}
    assert set().union(*(loaded for _, _, loaded in found)) == set()


def test_a_command_that_cannot_be_parsed_loads_nothing_heavy(tmp_path: Path) -> None:
    found = loaded_by([[name, "--no-such-option"] for name in COMMANDS], tmp_path)
    assert {status for _, status, _ in found} == {2}
    assert set().union(*(loaded for _, _, loaded in found)) == set()


def test_a_command_loads_only_what_its_work_needs(tmp_path: Path) -> None:
    (tmp_path / "asked.csv").write_text(ASKED, encoding="utf-8")
    found = loaded_by([command.split() for command in WORKING], tmp_path)
    assert {status for _, status, _ in found} <= {0, 1}  # 1: the audit found something
    assert {command: loaded - WORKING[command] for command, _, loaded in found} == {
        command: set() for command in WORKING
    }


def test_a_run_loads_nothing_of_other_kinds_of_studies(tmp_path: Path) -> None:
    ((_, status, loaded),) = loaded_by([DEMO.split()], tmp_path, HEAVY + OTHER_STUDIES)
    assert status == 0
    assert loaded >= {"numpy", "jinja2", "matplotlib"}  # what is loaded is seen
    assert loaded.isdisjoint(OTHER_STUDIES)
    assert loaded <= FIGURES
