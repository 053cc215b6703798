"""Running the R script of a report, where R and what it needs are there."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest


@cache
def r_has(package: str) -> bool:
    """True if R is here and has the package."""
    if shutil.which("Rscript") is None:
        return False
    code = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
    return subprocess.run(["Rscript", "-e", code], capture_output=True).returncode == 0


def needs_r(*packages: str) -> None:
    """Skip, and say so loudly, where R or a package is absent; rms and pROC always count."""
    absent = [package for package in ("rms", "pROC", *packages) if not r_has(package)]
    if absent:
        pytest.skip(f"reproduce.R is NOT TESTED: Rscript or its packages {absent} are absent")


def reproduced(folder: Path, *packages: str, script: str = "out/reproduce.R") -> str:
    """What the script says of a run whose data lie in a folder; every number agrees."""
    needs_r(*packages)
    done = subprocess.run(
        ["Rscript", "--vanilla", script], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("0 of ")
    return done.stdout
