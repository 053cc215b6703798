"""`vertebrisk samplesize`: sizes on the terminal and as JSON, exit status, refusals."""

from __future__ import annotations

import json

import pytest
from tests.cli.test_commands import failure

from vertebrisk.cli import main


def test_the_size_of_a_development(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "samplesize",
        "develop",
        "--parameters",
        "24",
        "--prevalence",
        "0.174",
        "--r2-cs",
        "0.288",
    ]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "To develop the model: 662 patients, 115 of them with the event" in printed
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 662


def test_too_few_patients_at_hand_are_a_no(capsys: pytest.CaptureFixture[str]) -> None:
    words = "develop --parameters 24 --prevalence 0.174 --available 268"
    assert main(["samplesize", *words.split()]) == 1
    assert "268 patients at hand are not enough." in capsys.readouterr().out


def test_the_size_of_a_validation(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "validate --prevalence 0.018 --c-index 0.8 --linear-predictor -5 2.5 "
        "--width observed-expected=1 --json"
    )
    assert main(["samplesize", *words.split()]) == 0
    found = {each["name"]: each["n"] for each in json.loads(capsys.readouterr().out)["criteria"]}
    assert found == {"observed-expected": 906, "slope": 4554, "c-index": 4252}


def test_survival_and_continuous_outcomes_have_their_own_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    survival = (
        "samplesize develop --outcome survival --parameters 30 --rate 0.065 --horizon 2 "
        "--mean-followup 2.07 --r2-cs 0.051"
    )
    assert main(survival.split()) == 0
    assert "5143 patients" in capsys.readouterr().out
    continuous = (
        "samplesize develop --outcome continuous --parameters 25 --r2 0.2 --mean 1.9 --sd 0.6"
    )
    assert main(continuous.split()) == 0
    assert "36.7 patients per candidate parameter" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("develop --prevalence 0.1", "--parameters is missing"),
        (
            "develop --parameters 5 --prevalence 0.1 --rate 0.2",
            "--rate is not for --outcome binary",
        ),
        ("validate --outcome survival --risk 0.1", "--c-index is missing"),
        ("validate --prevalence 0.1 --c-index 0.7 --width slope", "is not NAME=WIDTH"),
        ("develop --parameters 5 --prevalence 13.8", "between 0 and 1"),
    ],
)
def test_bad_input_is_one_line(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in failure(capsys, "samplesize", *words.split())
