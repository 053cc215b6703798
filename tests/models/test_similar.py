"""How many patients like one a model has seen: bands, and nothing that tells anybody apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.cases import quiet_fit, simulated

from vertebrisk._types import Json
from vertebrisk.design.build import build_design
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ModelError
from vertebrisk.evidence.export import find_model
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.similar import (
    BANDS,
    SimilarPatients,
    most_of,
    similar_patients,
    thirds,
)

FRAME = simulated(400, 4)
MODEL = quiet_fit("y ~ a + b + g", FRAME).model


def similar_of(model: RiskModel) -> SimilarPatients:
    assert model.similar_patients is not None
    return model.similar_patients


def profiles(model: RiskModel, frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Profiles counted by hand: levels, and how many edges a number has passed."""
    seen = similar_of(model)
    rows = []
    for row in frame.select(seen.variables).iter_rows():
        named = zip(seen.variables, row, strict=True)
        rows.append(
            tuple(
                sum(value >= edge for edge in seen.edges[name])
                if name in seen.edges
                else model.design.predictor(name).levels.index(str(value))
                for name, value in named
            )
        )
    return rows


def test_bands_are_those_of_a_count_by_hand() -> None:
    mine = profiles(MODEL, FRAME)
    counts = Counter(mine)
    assert similar_of(MODEL).variables == ("a", "b", "g")
    found = MODEL.similar(FRAME)
    assert found.columns == ["least", "most"]
    for profile, (least, most) in zip(mine, found.iter_rows(), strict=True):
        count = counts[profile]
        assert least <= count
        assert most is None or count <= most
        assert (least == 0) == (count < 5)


def test_the_bands() -> None:
    assert [most_of(each) for each in (0, *BANDS)] == [4, 9, 19, 49, 99, None]


def test_what_is_not_known_has_no_band() -> None:
    patients = pl.DataFrame({"a": [0.1, None, 0.1], "b": [0.1, 0.1, 0.1], "g": ["low", "low", "?"]})
    assert MODEL.similar(patients)["least"].is_null().to_list() == [False, True, True]
    published, _ = find_model("li2021")
    assert published.similar_patients is None
    asked = pl.DataFrame({each.name: [each.adjust_to] for each in published.design.predictors})
    assert published.similar(asked).row(0) == (None, None)
    assert published.to_dict()["similar_patients"] is None


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [each for own in value.values() for each in numbers(own)]
    if isinstance(value, list):
        return [each for own in value for each in numbers(own)]
    return [float(value)] if isinstance(value, int | float) else []


def test_the_document_holds_bands_and_round_edges_and_no_value_of_a_patient() -> None:
    document = similar_of(MODEL).to_dict()
    assert set(document["cells"].values()) <= set(BANDS)
    assert len(document["cells"]) <= FRAME.height / 5
    edges = [each for own in document["variables"] for each in own.get("edges", [])]
    values = FRAME.select("a", "b").to_numpy().ravel()
    assert not any(np.isclose(values, each, rtol=1e-9, atol=0).any() for each in edges)
    assert all(len(f"{each:g}".lstrip("-").replace(".", "")) <= 2 for each in edges)
    assert not set(numbers(document["cells"])) - set(map(float, BANDS))


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 300), st.integers(0, 10_000), st.integers(1, 6))
def test_no_profile_of_one_to_four_is_kept_nor_left_over_alone(
    size: int, seed: int, levels: int
) -> None:
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            "u": rng.choice([f"l{each}" for each in range(levels + 1)], size),
            "v": rng.exponential(5, size),
            "w": rng.integers(0, 4, size).astype(np.float64),
        }
    )
    design, codes = build_design(frame, parse_terms(("u", "v", "w")))
    effects = {term.name: rng.normal(size=size) for term in design.terms}
    found = similar_patients(design, codes, effects, None)
    if found is None:
        return
    exact = Counter(
        tuple(
            int(np.searchsorted(found.edges[name], codes[name][row], "right"))
            if name in found.edges
            else int(codes[name][row])
            for name in found.variables
        )
        for row in range(size)
    )
    assert all(exact[cell] >= 5 for cell in found.cells)
    outside = size - sum(exact[cell] for cell in found.cells)
    assert outside == 0 or outside >= 5
    assert size - outside >= size / 2
    assert all(set(np.atleast_1d(each)) & set(BANDS) for each in found.cells.values())
    again = similar_patients(design, {k: v[::-1] for k, v in codes.items()}, effects, None)
    assert again is None or again.edges.keys() <= {"v", "w"}


def test_the_order_of_the_rows_does_not_matter() -> None:
    turned = quiet_fit("y ~ a + b + g", FRAME.reverse()).model
    assert turned.similar_patients == MODEL.similar_patients


def test_a_patient_with_several_vertebrae_counts_once_a_profile() -> None:
    frame = FRAME.with_row_index("who")
    twice = pl.concat([frame, frame])
    model = quiet_fit("y ~ a + b + g", twice, cluster="who").model
    assert similar_of(model).cells == similar_of(MODEL).cells
    counted = quiet_fit("y ~ a + b + g", twice.drop("who")).model
    assert similar_of(counted).cells != similar_of(MODEL).cells


def test_of_many_predictors_those_that_move_the_risk_most_are_compared() -> None:
    rng = np.random.default_rng(9)
    size = 150
    frame = pl.DataFrame({f"x{each}": rng.normal(size=size) for each in range(6)})
    design, codes = build_design(frame, parse_terms(tuple(frame.columns)))
    strength = {"x4": 9.0, "x1": 5.0}
    effects = {name: strength.get(name, 0.1) * codes[name] for name in frame.columns}
    found = similar_patients(design, codes, effects, None)
    assert found is not None
    assert {"x1", "x4"} <= set(found.variables)
    assert len(found.variables) < 6


def test_too_few_patients_to_compare_anybody() -> None:
    frame = pl.DataFrame({"v": np.arange(12.0) * 1.1})
    design, codes = build_design(frame, parse_terms(("v",)))
    assert similar_patients(design, codes, {"v": codes["v"]}, None) is None
    assert similar_patients(design.keep([]), {}, {}, None) is None


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([0.0] * 8 + [1.0] * 2, (1.0,)),
        ([1.0] * 6 + [2.0] * 3 + [3.0], (2.0,)),
        (list(np.linspace(50.3, 89.7, 80)), (65.0, 75.0)),
        ([3.0] * 90 + list(np.linspace(4, 9, 12)), ()),
        (list(np.linspace(-4.13, -2.51, 60)), (-3.6, -3.0)),
    ],
)
def test_thirds_are_round(values: list[float], edges: tuple[float, ...]) -> None:
    design, codes = build_design(pl.DataFrame({"v": values}), parse_terms(("v",)))
    assert thirds(design.predictors[0], codes["v"]) == edges


def test_the_model_survives_json_with_its_bands() -> None:
    again = RiskModel.from_dict(json.loads(json.dumps(MODEL.to_dict())))
    assert again.similar_patients == MODEL.similar_patients
    assert again.similar(FRAME).equals(MODEL.similar(FRAME))
    without = replace(MODEL, similar_patients=None).to_dict()
    del without["similar_patients"]
    assert RiskModel.from_dict(without).similar_patients is None


def strange_predictor(document: Json) -> None:
    document["variables"][0]["name"] = "who"


def exact_count(document: Json) -> None:
    document["cells"] = dict.fromkeys(document["cells"], 7)


def outside_profile(document: Json) -> None:
    document["cells"]["0,0,9"] = 5


def edges_turned(document: Json) -> None:
    document["variables"][0]["edges"].reverse()


def number_without_edges(document: Json) -> None:
    del document["variables"][0]["edges"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (strange_predictor, "compared in no predictor"),
        (exact_count, "a band that is none"),
        (outside_profile, "a profile or a band"),
        (edges_turned, "not in order"),
        (number_without_edges, "do not match its predictors"),
    ],
)
def test_damaged_bands_are_refused(damage: Callable[[Json], None], told: str) -> None:
    document = json.loads(json.dumps(MODEL.to_dict()))
    damage(document["similar_patients"])
    with pytest.raises(ModelError, match=told):
        RiskModel.from_dict(document)
