"""Settings shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import hypothesis
import pytest

from vertebrisk.engines.threads import processors

# The figures are drawn without a screen, and the same on every machine.
os.environ["MPLBACKEND"] = "Agg"

# One run is like the next: examples come from a fixed seed, and a slow machine is no failure.
hypothesis.settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=False,
)
hypothesis.settings.load_profile("repeatable")


def pytest_xdist_auto_num_workers() -> int:
    """One more than the processors: some tests wait for a browser or for another process."""
    return processors() + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and items stay to the end: they are not gone through whenever there is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the colours, width or language of the terminal that runs it."""
    for name in ("NO_COLOR", "FORCE_COLOR", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
