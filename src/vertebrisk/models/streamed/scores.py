"""What a model of a scan says of its patients, written beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from vertebrisk.cohort.reading.table_file import build_codebook
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.engines.columns import ColumnWriter, Values
from vertebrisk.engines.engine import Engine
from vertebrisk.engines.scratch import ScratchFolder


def scores_scan(
    names: Sequence[str], pieces: Iterable[tuple[Values, ...]], engine: Engine
) -> PatientScan:
    """Columns of numbers, piece by piece, in a scratch folder that goes with the scan."""
    folder = ScratchFolder()
    writer = ColumnWriter(folder.path / "scores", dict.fromkeys(names, np.float64))
    for values in pieces:
        writer.append(dict(zip(names, values, strict=True)))
    stored = {name: StoredColumn(name, pl.Float64()) for name in names}
    codebook = build_codebook(list(names), {}, ())
    return PatientScan(writer.finish(), stored, engine, codebook, scratch=folder)
