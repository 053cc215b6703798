"""Model documents of time to event from strangers: an error of ours, or a model that works."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.test_risk_model import _paths, replaced
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk._types import Json
from vertebrisk.errors import ModelError, VertebriskError
from vertebrisk.models.portable.risk_model import RiskModel

GBSG = reference_frame("gbsg")
HEAD = GBSG.head(3)


def _document(right: str) -> Json:
    fit = vr.fit_cox(f"Surv(rfstime, status) ~ {right}", GBSG, horizons=[730, 1500])
    document: Json = json.loads(json.dumps(fit.model.to_dict()))
    return document


PLAIN = _document("rcs(age, 4) + C(grade)")
STRATIFIED = _document("nodes + strata(grade)")


def works(document: Json) -> None:
    model = RiskModel.from_dict(document)
    assert model.predict(HEAD).height == 3
    for name in ("risk", "conf_low", "conf_high"):
        values = model.predict(HEAD)[name].drop_nulls().to_numpy()
        assert ((values >= 0.0) & (values <= 1.0)).all()
    with suppress(ModelError):
        model.nomogram()
    model.equation()


@settings(max_examples=150)
@given(
    st.sampled_from([PLAIN, STRATIFIED]).flatmap(
        lambda document: st.tuples(st.just(document), st.sampled_from(_paths(document)))
    ),
    st.sampled_from([None, "x", -1, 0, 1e308, -1e308, [], {}, [[1]], True, 10**400, float("nan")]),
)
def test_any_damage_is_one_clear_error_or_harmless(
    where: tuple[Json, tuple[str | int, ...]], value: Any
) -> None:
    document = copy.deepcopy(where[0])
    replaced(value, *where[1])(document)
    with suppress(VertebriskError), np.errstate(all="ignore"):
        works(document)


def test_the_documents_are_sound() -> None:
    works(PLAIN)
    works(STRATIFIED)


@pytest.mark.parametrize("kind", ["weibull", "cox ", "Cox", None, 3, ["cox"]])
def test_a_kind_of_a_later_version_is_named(kind: Any) -> None:
    document = copy.deepcopy(PLAIN)
    document["kind"] = kind
    with pytest.raises(ModelError, match=r"of the kind .*this version reads logistic, cox, fine"):
        RiskModel.from_dict(document)


def test_a_logistic_document_called_cox_is_refused() -> None:
    document = vr.fit_logistic("status ~ age", GBSG).model.to_dict()
    document["kind"] = "cox"
    with pytest.raises(ModelError, match="damaged: it has no 'baselines'"):
        RiskModel.from_dict(document)


def test_a_constant_hazard_has_no_leap() -> None:
    """Where nothing happens between two marks the risk stays, and the median is the first."""
    document = copy.deepcopy(PLAIN)
    hazards = document["baselines"][0]["cumulative_hazard"]
    hazards[10:20] = [hazards[10]] * 10
    model = RiskModel.from_dict(document)
    times = model.baselines[0].times
    risks = [model.predict(HEAD, float(time))["risk"][0] for time in times[10:20]]
    assert len(set(risks)) == 1
    assert isinstance(model.predict(pl.DataFrame(HEAD)), pl.DataFrame)
