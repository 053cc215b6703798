"""Integer programmes, solved without a word on standard output."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from vertebrisk._types import FloatArray


def solve_integer(
    cost: FloatArray,
    constraints: LinearConstraint,
    whole: FloatArray,
    bounds: Bounds,
    nodes: int,
    gap: float = 0.0,
) -> FloatArray | None:
    """Least cost over numbers of which some are whole, or None where there are none.

    The search ends after so many nodes, not after some time, so that its answer is the
    same on every machine.
    """
    options = {"node_limit": nodes, "mip_rel_gap": gap}
    with _silent():
        result = milp(
            cost, constraints=constraints, integrality=whole, bounds=bounds, options=options
        )
    return None if result.x is None else np.asarray(result.x, dtype=np.float64)


@contextmanager
def _silent() -> Iterator[None]:
    """The solver writes remarks past Python onto descriptor 1; a JSON answer is there, too."""
    try:
        kept = os.dup(1)
    except OSError:
        yield
        return
    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
