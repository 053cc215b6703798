"""Memory of one chunk is used for the next."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import pytest

from vertebrisk.engines.columns import ColumnWriter
from vertebrisk.engines.engine import CHUNK, Chunk, LocalEngine, Sums, added


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_a_pass_asks_the_system_for_no_new_pages(tmp_path: Path) -> None:
    import resource

    writer = ColumnWriter(tmp_path, dict.fromkeys("abcd", np.float64))
    for _ in range(16):
        writer.append(dict.fromkeys("abcd", np.ones(CHUNK)))
    columns = writer.finish()

    def work(chunk: Chunk) -> Sums:
        return tuple(values.sum() for values in chunk.values.values())

    def faults() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        sums = LocalEngine(1).reduce(columns, columns.names, work, added)
        assert [float(each) for each in sums] == [columns.size] * 4
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    faults()
    pages = 4 * columns.size * 8 // resource.getpagesize()
    assert min(faults(), faults()) < pages / 10
