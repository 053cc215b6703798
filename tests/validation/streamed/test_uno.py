"""Uno's concordance of patients that are read in pieces: that of memory."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.validation.results import Estimate
from vertebrisk.validation.streamed.followed_scores import FollowedScores
from vertebrisk.validation.streamed.uno import uno_concordance

RTOL = 1e-11  # sums of some hundred weights in another order


def patients(scores: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times that repeat, events, and so many different scores."""
    rng = np.random.default_rng(2)
    score = rng.normal(size=400)
    if scores:
        score = np.round(score * scores) / scores
    lasting, lost = rng.exponential(20.0 * np.exp(-score)), rng.uniform(1.0, 40.0, 400)
    return np.ceil(np.minimum(lasting, lost)), (lasting <= lost).astype(float), score


def streamed(time: FloatArray, event: FloatArray, score: FloatArray, tau: float) -> Estimate | None:
    frame = pl.DataFrame({"time": time, "event": event, "linear_predictor": score})
    scan = vr.PatientScan.of_frame(frame.sort("time", descending=True), LocalEngine(1))
    with ScratchFolder() as scratch:
        return uno_concordance(FollowedScores.of(scan, scratch), tau)


@pytest.mark.parametrize("chunk", [7, 64, 1000])
@pytest.mark.parametrize("scores", [0, 8, 1])
@pytest.mark.parametrize("tau", [12.0, 100.0])
def test_it_is_that_of_memory(
    monkeypatch: pytest.MonkeyPatch, chunk: int, scores: int, tau: float
) -> None:
    monkeypatch.setattr(engines, "CHUNK", chunk)
    time, event, score = patients(scores)
    found = streamed(time, event, score, tau)
    known = vr.concordance(time, event, score, kind="uno", tau=tau)
    assert found is not None
    for name, value in found.to_dict().items():
        assert value == pytest.approx(getattr(known, name), rel=RTOL), name


def test_without_a_pair_there_is_none() -> None:
    time, event, score = patients(0)
    assert streamed(time, event * (time > 12.0), score, 12.0) is None
    alike = streamed(time, event, np.zeros(400), 12.0)
    assert alike == Estimate(0.5, None, None)
