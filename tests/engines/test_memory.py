"""What the process keeps of the memory that it has freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PAGES = """
import resource
import sys
import numpy as np
from vertebrisk.engines.memory import keep_freed

def worked():
    for _ in range(20):
        arrays = [np.ones(2**17) for _ in range(6)]
        del arrays

if sys.argv[1] == "keep":
    keep_freed()
worked()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
worked()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have other rules")
def test_what_is_freed_is_not_asked_for_again() -> None:
    """Megabytes made and freed: their pages are given out once, not in every round."""
    fresh, kept = (
        int(subprocess.run([sys.executable, "-c", PAGES, how], capture_output=True, check=True,
                           text=True).stdout)
        for how in ("plain", "keep")
    )  # fmt: skip
    assert fresh > 10_000  # 20 rounds of 6 blocks of 256 pages
    assert kept < 500
