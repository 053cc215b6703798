"""Patients on whom other programs fit their models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def patients() -> pd.DataFrame:
    """Simulated: a binary outcome `pain`, and follow-up `time` with `event`."""
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(
        {
            "age": rng.normal(70, 8, n).round(1),
            "bmi": rng.gamma(20, 1.2, n).round(2),
            "grade": rng.choice(["low", "mid", "high"], n),
            "sex": rng.choice([0, 1], n),
        }
    )
    linear = -8 + 0.08 * frame.age + 0.5 * (frame.grade == "high") + 0.4 * frame.sex
    frame["pain"] = (rng.random(n) < 1 / (1 + np.exp(-linear))).astype(int)
    event_at = rng.exponential(50 / np.exp(linear - linear.mean()))
    lost_at = rng.uniform(5, 60, n)
    frame["time"] = np.minimum(event_at, lost_at)
    frame["event"] = (event_at <= lost_at).astype(int)
    return frame
