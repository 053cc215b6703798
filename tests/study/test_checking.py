"""What `check` says of missing values, before anything is modelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk.cli import main
from vertebrisk.errors import DataError
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.checking import checked_study
from vertebrisk.study.options import RunOptions

VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age"},
    "nodes": {"label": "Nodes"},
    "pgr": {"label": "Progesterone receptor"},
}
BINARY = {"name": "recurrence", "label": "Recurrence", "event": "status == 1"}
FOLLOWED = {
    **BINARY,
    "kind": "time-to-event",
    "time": "rfstime",
    "time_unit": "days",
    "horizons": [730],
}


def patients(share: float = 0.0, only: int | None = None) -> pl.DataFrame:
    """German patients; of some the nodes are missing, of one status where that is named."""
    data = reference_frame("gbsg").tail(300)
    gap = np.random.default_rng(5).random(300) < share
    if only is not None:
        gap &= (data["status"] == only).to_numpy()
    return data.with_columns(nodes=pl.when(pl.Series(gap)).then(None).otherwise("nodes"))


def apart() -> pl.DataFrame:
    """Age is known of the one half, nodes of the other."""
    odd = pl.int_range(pl.len()) % 2 == 1
    return patients().with_columns(
        age=pl.when(odd).then("age"), nodes=pl.when(~odd).then(pl.col("nodes"))
    )


def study(
    folder: Path, data: pl.DataFrame, outcome: dict[str, Any], method: str = "imputation"
) -> Path:
    data.write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=VARIABLES,
        outcome=outcome,
        study={"use_at": "postoperative"},
        validation={"resamples": 2},
        analysis={"compare": ["age", "nodes"]},
        missing={"method": method, **({"imputations": 3} if method == "imputation" else {})},
    )


def codes(path: Path) -> set[str]:
    return {each.code for each in checked_study(path)[1]}


@pytest.mark.parametrize("outcome", [BINARY, FOLLOWED])
@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (patients(0.955), "mostly-missing", 1),
        (patients(0.6), "many-incomplete", 0),
        (patients(0.6, 1), "missing-in-one-group", 0),
        (apart(), "never-known-together", 0),
        (patients(0.98), "cannot-run", 2),
        (patients(1.1, 1), "cannot-run", 2),
        (patients(), "nothing-to-impute", 0),
    ],
)
def test_check_says_what_a_run_would_say(
    tmp_path: Path, outcome: dict[str, Any], data: pl.DataFrame, code: str, status: int
) -> None:
    path = study(tmp_path, data, outcome)
    assert code in codes(path)
    assert main(["check", str(path)]) == status
    if code == "cannot-run":
        (said,) = [each.message for each in checked_study(path)[1] if each.code == code]
        with pytest.raises(DataError) as caught:
            run_study(load_protocol(path))
        assert str(caught.value) == said
    elif code != "nothing-to-impute":
        found = run_study(load_protocol(path), RunOptions(resamples=2)).result.findings
        assert code in {each.code for each in found}


def test_complete_cases_are_counted_before_the_run(tmp_path: Path) -> None:
    path = study(tmp_path, patients(0.2), BINARY, "complete-cases")
    assert "complete-case-loss" in codes(path)
    path = study(tmp_path, apart(), BINARY, "complete-cases")
    assert main(["check", str(path)]) == 2
    assert "cannot-run" in codes(path)


def test_complete_data_need_no_word(tmp_path: Path) -> None:
    path = study(tmp_path, patients(), BINARY, "complete-cases")
    assert {"complete-case-loss", "cannot-run", "nothing-to-impute"}.isdisjoint(codes(path))


def test_python_refuses_what_no_data_tell() -> None:
    only = patients(1.1, 1)
    with pytest.raises(DataError, match="every patient with the event"):
        vr.impute("status == 1 ~ age + nodes", only, imputations=2, iterations=1)
    with pytest.raises(DataError, match="every patient with the event"):
        vr.impute("Surv(rfstime, status == 1) ~ age + nodes", only, imputations=2, iterations=1)
    other = patients(1.1, 0)
    with pytest.raises(DataError, match="every patient without the event"):
        vr.impute("status == 1 ~ age + nodes", other, imputations=2, iterations=1)
    made = vr.impute("Surv(rfstime, status) ~ nodes", other, imputations=2, iterations=1)
    assert made.incomplete == ("nodes",)
    gap = pl.int_range(300) > 9
    some = only.with_columns(pgr=pl.when(gap).then("pgr"))
    helping = vr.impute(
        "status == 1 ~ age + pgr", some, auxiliary=["nodes"], imputations=2, iterations=1
    )
    assert helping.incomplete == ("pgr", "nodes")
