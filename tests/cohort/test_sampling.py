"""Cases and sampled controls: who stays, and the population that they came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import write_study

from vertebrisk.cohort import Cohort, load_cohort
from vertebrisk.errors import DataError
from vertebrisk.protocol import load_protocol

N, CASES = 200, 20


def patients() -> pl.DataFrame:
    """Two hundred patients, every tenth of them a case; a third of the others is marked."""
    number = np.arange(N)
    case = number % 10 == 0
    return pl.DataFrame(
        {
            "age": 60.0 + number % 25,
            "vas": np.where(case, 6, 1),
            "chosen": np.where(case | (number % 3 == 0), "Yes", "No"),
        }
    )


def cohort_of(
    folder: Path, frame: pl.DataFrame, sampling: dict[str, Any] | None, **study: str
) -> Cohort:
    frame.write_csv(folder / "patients.csv")
    more = {} if sampling is None else {"sampling": sampling}
    path = write_study(
        folder,
        study={"design": "case-control", **study},
        variables={"age": {"unit": "years"}},
        analysis={"compare": ["age"]},
        **more,
    )
    return load_cohort(load_protocol(path))


def step_of(cohort: Cohort) -> tuple[str, int, int]:
    step = cohort.flow.steps[-1]
    return step.kind, step.removed, step.remaining


def test_controls_drawn_beforehand_stay(tmp_path: Path) -> None:
    frame = patients()
    cohort = cohort_of(tmp_path, frame, {"sampled": "chosen == 'Yes'"})
    kept = (frame["chosen"] == "Yes").to_numpy()
    assert cohort.rows.tolist() == (np.flatnonzero(kept) + 1).tolist()
    assert step_of(cohort) == ("not-sampled", int((~kept).sum()), int(kept.sum()))
    assert cohort.n_events == CASES
    assert cohort.population is not None
    assert cohort.population.to_dict() == {"prevalence": 0.1, "n_cases": 20, "n_controls": 180}


def test_a_row_that_is_not_known_to_be_sampled_leaves(tmp_path: Path) -> None:
    frame = patients().with_columns(
        chosen=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("chosen")
    )
    cohort = cohort_of(tmp_path, frame, {"sampled": "chosen == 'Yes'"})
    assert cohort.rows.min() > 5
    found = {each.code: each for each in cohort.findings}
    assert found["sampling-not-known"].rows == (1, 2, 3, 4, 5)
    assert found["cases-not-sampled"].rows == (1,)
    assert "1 of 20 cases is left out" in found["cases-not-sampled"].message


def test_controls_are_drawn_at_random_among_the_complete(tmp_path: Path) -> None:
    frame = patients().with_columns(
        age=pl.when(pl.int_range(pl.len()) % 7 == 3).then(None).otherwise("age")
    )
    complete = frame["age"].is_not_null().to_numpy()
    case = (frame["vas"] >= 4).to_numpy()
    wanted = 2 * int((case & complete).sum())
    cohort = cohort_of(tmp_path, frame, {"controls_per_case": 2, "seed": 5})
    chosen = np.zeros(N, dtype=bool)
    chosen[cohort.rows - 1] = True
    assert chosen[case].all()  # cases stay, complete or not
    assert (chosen & ~case).sum() == wanted
    assert complete[chosen & ~case].all()
    assert step_of(cohort)[0] == "not-sampled"
    assert "controls-drawn" in {each.code for each in cohort.findings}
    again = cohort_of(tmp_path, frame, {"controls_per_case": 2, "seed": 5})
    assert again.rows.tolist() == cohort.rows.tolist()
    other = cohort_of(tmp_path, frame, {"controls_per_case": 2, "seed": 6})
    assert other.rows.tolist() != cohort.rows.tolist()


def test_every_control_is_drawn_as_often_as_another(tmp_path: Path) -> None:
    frame = patients()
    path = {"controls_per_case": 1}
    drawn = np.zeros(N)
    for seed in range(100):
        drawn[cohort_of(tmp_path, frame, {**path, "seed": seed}).rows - 1] += 1
    controls = drawn[(frame["vas"] < 4).to_numpy()]
    # each is drawn with probability 20 / 180: 11.1 of 100 times, standard deviation 3.1
    assert controls.mean() == pytest.approx(100 * 20 / 180)
    assert controls.max() < 11.1 + 5 * 3.1
    assert controls.std() == pytest.approx(3.14, rel=0.25)


def test_a_stated_population_goes_before_that_of_the_file(tmp_path: Path) -> None:
    chosen = {"sampled": "chosen == 'Yes'"}
    same = cohort_of(tmp_path, patients(), {**chosen, "prevalence": 0.1})
    assert same.population is not None
    assert (same.population.prevalence, same.population.n_cases) == (0.1, None)
    assert "prevalence-differs" not in {each.code for each in same.findings}
    other = cohort_of(tmp_path, patients(), {**chosen, "prevalence": 0.05, "population": 4000})
    assert other.population is not None
    assert other.population.n_cases == pytest.approx(200)
    assert "prevalence-differs" in {each.code for each in other.findings}
    counted = cohort_of(tmp_path, patients(), {"population_cases": 20, "population": 1000})
    assert counted.population is not None
    assert counted.population.to_dict() == {"prevalence": 0.02, "n_cases": 20, "n_controls": 980}
    assert counted.n == N  # the file is the sample


def test_without_a_population_there_is_none(tmp_path: Path) -> None:
    assert cohort_of(tmp_path, patients(), None).population is None
    assert cohort_of(tmp_path, patients(), None, design="cohort").population is None
    matched = cohort_of(tmp_path, patients(), {"sampled": "chosen == 'Yes'", "matched": ["age"]})
    assert matched.population is None
    assert step_of(matched)[0] == "not-sampled"


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        ({"controls_per_case": 10, "seed": 1}, r"asks for 200 controls, but 180 rows"),
        ({"sampled": "vas >= 4"}, "20 cases and 0 controls of 'patients.csv' are sampled"),
        ({"population_cases": 19, "population": 900}, "has 19 cases, but 'patients.csv' has 20"),
        ({"population_cases": 20, "population": 199}, "has 179 controls, but .* has 180"),
        ({"sampled": "chosem == 'Yes'"}, "lacks a column .* 'chosem' .sampling."),
    ],
)
def test_what_cannot_be_a_sample_is_refused(
    tmp_path: Path, sampling: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        cohort_of(tmp_path, patients(), sampling)
