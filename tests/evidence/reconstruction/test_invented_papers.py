"""Papers printed from known patients are met again; what they cannot mean is named."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.evidence.reconstruction.invented import (
    coefficients,
    factor,
    head,
    logistic_fit,
    number,
    write,
)

import vertebrisk as vr
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, DataError, PaperError, VertebriskError

SIZES = (90, 40)
EVENT = np.repeat([False, True], SIZES)


def known_patients(seed: int) -> dict[str, FloatArray]:
    """A measurement, a count of one to three, and two factors, all related to the event."""
    rng = np.random.default_rng(seed)
    lean = EVENT * 1.0
    return {
        "age": np.round(70 + 3 * lean + 6 * rng.standard_normal(130)),
        "bodies": np.clip(np.round(1.5 + 0.5 * lean + 0.6 * rng.standard_normal(130)), 1, 3),
        "cleft": np.where(rng.random(130) < 0.2 + 0.25 * lean, 1.0, 0.0),
        "oedema": np.where(rng.random(130) < 0.3 + 0.2 * lean, 1.0, 0.0),
    }


def both(values: FloatArray, what: str) -> list[str]:
    parts = values[~EVENT], values[EVENT]
    return [f"{p.mean() if what == 'mean' else p.std(ddof=1):.2f}" for p in parts]


def tables(known: dict[str, FloatArray]) -> list[str]:
    parts = [head(*SIZES)]
    coding = {
        "age": "whole = true\nplausible = [40, 100]",
        "bodies": "whole = true\nplausible = [1, 3]",
    }
    for name in ("age", "bodies"):
        values = known[name]
        parts.append(number(name, coding[name], both(values, "mean"), both(values, "sd")))
    for name in ("cleft", "oedema"):
        yes = int(known[name][~EVENT].sum()), int(known[name][EVENT].sum())
        parts.append(factor(name, yes, SIZES))
    return parts


def printed_model(
    known: dict[str, FloatArray],
    names: tuple[str, ...],
    *,
    constant: bool = True,
    turned: str = "",
) -> str:
    beta, errors = logistic_fit(np.column_stack([known[name] for name in names]), EVENT)
    rows = []
    for name, b, s in zip(names, beta[1:], errors[1:], strict=True):
        row = {
            "term": name,
            "estimate": f"{-b if name == turned else b:.3f}",
            "std_error": f"{s:.3f}",
        }
        rows.append(row | ({} if name in ("age", "bodies") else {"level": "Yes"}))
    if constant:
        rows.append(
            {"term": "constant", "estimate": f"{beta[0]:.3f}", "std_error": f"{errors[0]:.3f}"}
        )
    return coefficients(rows)


def refit(frame: pl.DataFrame, names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    columns = [
        (frame[name] == "Yes").to_numpy()
        if frame.schema[name] == pl.String
        else frame[name].to_numpy()
        for name in names
    ]
    return logistic_fit(np.column_stack(columns).astype(float), (frame["pain"] == "Yes").to_numpy())


@pytest.mark.parametrize("seed", [1, 2])
def test_few_values_give_the_printed_model(tmp_path: Path, seed: int) -> None:
    known = known_patients(seed)
    names = ("bodies", "cleft", "oedema")
    paper = write(tmp_path, *tables(known), printed_model(known, names))
    made = vr.reconstruction(paper, seed=3)
    wanted, errors = logistic_fit(np.column_stack([known[n] for n in names]), EVENT)
    found, found_errors = refit(made.frame, names)
    # The print has three decimals, and whole numbers come nearly as near.
    np.testing.assert_allclose(found, wanted, atol=0.003)
    np.testing.assert_allclose(found_errors, errors, atol=0.006)
    assert made.notes.readings[0].chosen


@pytest.mark.slow
def test_measurements_give_the_printed_model(tmp_path: Path) -> None:
    known = known_patients(4)
    names = ("age", "cleft", "oedema")
    paper = write(tmp_path, *tables(known), printed_model(known, names, constant=False))
    made = vr.reconstruction(paper, seed=3)
    wanted, errors = logistic_fit(np.column_stack([known[n] for n in names]), EVENT)
    found, found_errors = refit(made.frame, names)
    np.testing.assert_allclose(found[1:], wanted[1:], atol=0.005)
    np.testing.assert_allclose(found_errors[1:], errors[1:], atol=0.01)


def area(design: FloatArray, beta: FloatArray, event: FloatArray) -> float:
    score = np.round(design @ beta[1:], 9)
    pairs = np.sign(score[event == 1][:, None] - score[event == 0][None, :])
    return float((pairs.mean() + 1) / 2)


@pytest.mark.parametrize("printed_area", ["0.770", pytest.param("0.779", marks=pytest.mark.slow)])
def test_measurements_give_the_printed_area_under_the_curve(
    tmp_path: Path, printed_area: str
) -> None:
    known, names = known_patients(4), ("age", "cleft")
    true = np.column_stack([known[name] for name in names])
    wanted, _ = logistic_fit(true, EVENT)
    auc = f'\n[[statistic]]\nname = "auc"\nvalue = "{printed_area}"\nplace = "Text"\n'
    rows = [
        {"term": "age", "ratio": f"{np.exp(wanted[1]):.2f}"},
        {"term": "cleft", "level": "Yes", "ratio": f"{np.exp(wanted[2]):.2f}"},
    ]
    made = vr.reconstruction(write(tmp_path, *tables(known), coefficients(rows), auc), seed=2)
    frame = made.frame
    found, _ = refit(frame, names)
    columns = [frame["age"].to_numpy(), (frame["cleft"] == "Yes").to_numpy()]
    event = (frame["pain"] == "Yes").to_numpy()
    # Half a unit of the last printed digit.
    np.testing.assert_allclose(np.exp(found[1:]), np.exp(wanted[1:]), atol=0.01)
    made_area = area(np.column_stack(columns).astype(float), found, event * 1.0)
    assert made_area == pytest.approx(float(printed_area), abs=0.0005)


def test_margins_are_exact(tmp_path: Path) -> None:
    known = known_patients(1)
    paper = write(tmp_path, *tables(known))
    frame = vr.reconstruct(paper)
    event = (frame["pain"] == "Yes").to_numpy()
    for name in ("age", "bodies"):
        values = frame[name].to_numpy()
        assert values.dtype == np.int64
        for member in (False, True):
            part, true = values[event == member], known[name][member == EVENT]
            assert f"{part.mean():.2f}" == f"{true.mean():.2f}"
            assert f"{part.std(ddof=1):.2f}" == f"{true.std(ddof=1):.2f}"
    assert set(frame["bodies"]) <= {1, 2, 3}
    for name in ("cleft", "oedema"):
        assert (frame[name] == "Yes").sum() == known[name].sum()
    assert set(frame["data_kind"]) == {"reconstructed"}


def test_a_turned_sign_is_found_and_named(tmp_path: Path) -> None:
    known = known_patients(1)
    names = ("bodies", "cleft", "oedema")
    model = printed_model(known, names, constant=False, turned="bodies")
    made = vr.reconstruction(write(tmp_path, *tables(known), model), seed=1)
    possible = [each.label for each in made.notes.readings if each.possible]
    assert possible == ["'bodies' with the sign turned"]
    assert not made.notes.readings[0].possible
    named = [each for each in made.notes.conflicts if each.place == "Table 2"]
    assert any("no joint distribution" in each.text for each in named)
    assert refit(made.frame, names)[0][1] > 0


@pytest.mark.parametrize(
    "names", [("bodies", "cleft"), pytest.param(("age", "cleft"), marks=pytest.mark.slow)]
)
def test_the_same_seed_gives_the_same_file(tmp_path: Path, names: tuple[str, ...]) -> None:
    known = known_patients(1)
    paper = write(tmp_path, *tables(known), printed_model(known, names))
    first, again = vr.reconstruction(paper, 5), vr.reconstruction(paper, 5)
    assert first.csv_text() == again.csv_text()
    assert first.notes == again.notes
    assert vr.reconstruction(paper, 6).csv_text() != first.csv_text()


@pytest.mark.slow
def test_an_abstract_gives_simulated_patients(tmp_path: Path) -> None:
    variable = """
[variables.cleft]
label = "Cleft"
timing = "preoperative"
levels = ["No", "Yes"]
[[compared]]
variable = "cleft"
place = "Abstract"
p_value = "<0.05"
[[model]]
id = "final"
kind = "logistic"
place = "Abstract"
[[model.coefficient]]
term = "cleft"
level = "Yes"
ratio = "4.20"
p_value = "<0.05"
"""
    made = vr.reconstruction(write(tmp_path, head(80, 20, source="abstract"), variable))
    assert set(made.frame["data_kind"]) == {"simulated"}
    assert made.notes.data_kind == "simulated"
    assert "simulated, not reconstructed" in made.notes.text()
    assert any(each.about == "cleft" for each in made.notes.assumptions)


def test_whole_numbers_that_no_mean_has_are_named(tmp_path: Path) -> None:
    coding = "whole = true\nplausible = [1, 9]"
    score = number("score", coding, ["4.43", "5.00"], ["1.10", "1.21"])
    made = vr.reconstruction(write(tmp_path, head(20, 20), score))
    (conflict,) = made.notes.conflicts
    assert conflict.numbers == ("score: mean 4.43 of 20 whole numbers",)
    assert "4.45" in conflict.text
    without = made.frame.filter(pl.col("pain") == "No")["score"]
    assert without.mean() == pytest.approx(4.43, abs=0.05)


def test_medians_and_quartiles_are_met(tmp_path: Path) -> None:
    stay = """
[variables.stay]
label = "Stay"
timing = "postoperative"
whole = true
plausible = [0, 60]
[[compared]]
variable = "stay"
place = "Table 1"
median = ["6", "8.5"]
lower_quartile = ["4", "6"]
upper_quartile = ["9", "13"]
"""
    made = vr.reconstruction(write(tmp_path, head(33, 22), stay))
    assert all(each.agrees for each in made.notes.agreements if each.place == "Table 1")
    with_event = made.frame.filter(pl.col("pain") == "Yes")["stay"].to_numpy()
    assert np.median(with_event) == 8.5


def test_a_test_that_the_means_cannot_give_is_named(tmp_path: Path) -> None:
    score = number("score", "decimals = 1\nplausible = [0, 20]", ["8.0", "8.1"], ["2.0", "2.0"],
                   'p_value = "0.001"')  # fmt: skip
    made = vr.reconstruction(write(tmp_path, head(30, 30), score))
    (conflict,) = made.notes.conflicts
    assert conflict.numbers[-1] == "P 0.001"
    assert "Student's t test gives P from" in conflict.text


def test_sampled_controls_leave_the_others_missing(tmp_path: Path) -> None:
    population = '[design.population]\ntext = "all"\nplace = "Text"\nn = "500"\nn_events = "40"\n'
    known = known_patients(1)
    parts = tables(known)
    parts[0] = head(*SIZES, kind="case-control", population=population)
    frame = vr.reconstruct(write(tmp_path, *parts))
    assert frame.height == 500
    assert (frame["pain"] == "Yes").sum() == 40
    sampled = frame["sampled"] == "Yes"
    assert sampled.sum() == 130
    assert frame.filter(~sampled)["cleft"].null_count() == 370
    assert frame.filter(sampled)["cleft"].null_count() == 0


def test_a_cox_model_has_times_and_the_printed_ratio(tmp_path: Path) -> None:
    known = known_patients(2)
    parts = tables(known)
    parts[0] = head(*SIZES, model="cox", outcome="time-to-event")
    model = coefficients(
        [{"term": "cleft", "level": "Yes", "ratio": "2.31"}, {"term": "age", "ratio": "1.05"}],
        "cox",
    )
    times = '\n[assumed.times]\ncolumn = "months"\nhorizon = 24\n'
    made = vr.reconstruction(write(tmp_path, *parts, model, times))
    frame = made.frame
    months = frame["months"].to_numpy()
    assert months.max() == 24
    assert months.min() > 0
    fit = vr.fit_cox("Surv(months, pain == 'Yes') ~ cleft + age", frame)
    ratios = dict(zip(fit.hazard_ratios()["term"], fit.hazard_ratios()["estimate"], strict=True))
    assert ratios == {
        "cleft": pytest.approx(2.31, abs=0.005),
        "age": pytest.approx(1.05, abs=0.005),
    }


def test_scores_decide_the_outcome(tmp_path: Path) -> None:
    scores = """
[[assumed.scores]]
columns = ["vas_1d", "vas_1m"]
mean = [[3.0, 2.0], [5.0, 5.0]]
own_sd = 1.0
decides = { combine = "mean", above = 3.5 }
"""
    frame = vr.reconstruct(write(tmp_path, *tables(known_patients(1)), scores))
    above = (frame["vas_1d"] + frame["vas_1m"]) / 2 > 3.5
    assert above.sum() == 40
    assert "pain" not in frame.columns


def test_text_that_looks_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    hostile = """
[variables.level]
label = "Level"
timing = "preoperative"
levels = ["=1+1", "@x"]
[[compared]]
variable = "level"
place = "Table 1"
levels = { "=1+1" = { count = ["5", "5"] }, "@x" = { count = ["5", "5"] } }
"""
    text = vr.reconstruction(write(tmp_path, head(10, 10), hostile)).csv_text()
    cells = {line.split(",")[2] for line in text.splitlines()[1:]}
    assert cells == {"'=1+1", "'@x"}


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ([head(10, 10)], DataError, "prints nothing of any variable"),
        ([head(10, 10, n=25)], DataError, "n = 25 in [design], but its groups add up to 20"),
        ([head(10, 10), factor("cleft", (12, 3), (14, 10))], DataError, "which has 10"),
        (
            [head(10, 10), number("age", "plausible = [80, 90]", ["70.1", "81.0"], ["5.0", "5.0"])],
            DataError,
            "printed mean of 70.1, outside its limits of 80 to 90",
        ),
        (
            [head(10, 10), number("age", "plausible = [0, 99]", ["70.1", "81.0"], ["5.0", "5.0"]),
             "[assumed.limits]\nagee = [1, 2]\n"],
            PaperError,
            "names 'agee'",
        ),
        (
            [head(10, 10), number("age", "plausible = [0, 99]", ["70.1", "81.0"], ["5.0", "5.0"]),
             "[assumed]\nlimit = 3\n"],
            PaperError,
            "assumed.limit",
        ),
    ],
    ids=["nothing", "total", "counts", "limits", "unknown variable", "unknown key"],
)  # fmt: skip
def test_papers_that_cannot_be_made_are_refused_in_one_line(
    tmp_path: Path, parts: list[str], error: type[VertebriskError], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        vr.reconstruct(write(tmp_path, *parts))
    assert "\n" not in str(caught.value)


def test_a_seed_below_zero_and_an_unknown_paper_are_refused() -> None:
    with pytest.raises(ArgumentError, match="seed is -1"):
        vr.reconstruct("li2021", seed=-1)
    with pytest.raises(DataError, match="Did you mean 'li2021'"):
        vr.reconstruct("li2012")
