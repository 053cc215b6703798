"""Model files: ids, versions, what is refused at the start, and what changes under the service."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bedside.service.serving import QUIET, ask, model, saved

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.store import ModelStore, named_files, served_model
from vertebrisk.errors import ArgumentError, DataError, ModelError


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ids_come_from_names_files_and_folders(tmp_path: Path) -> None:
    made = list(named_files(["ward=a.json", "Pain Model.json", "results/model.json"]))
    assert [identity for identity, _ in made] == ["ward", "pain-model", "results"]
    with pytest.raises(ArgumentError, match="id 'A b'"):
        list(named_files(["A b=model.json"]))
    files = saved(tmp_path, "plain")
    with pytest.raises(ArgumentError, match="Two models would have the id 'plain'"):
        ModelStore([*files, *files], with_library=False)


def test_a_version_is_that_of_the_content(tmp_path: Path) -> None:
    first = served_model("a", model("plain"))
    assert first.version == served_model("b", model("plain")).version
    assert first.version != served_model("a", model("spline")).version
    assert ModelStore(saved(tmp_path, "plain"), with_library=False).models()[0].version == (
        first.version
    )


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        ("{", DataError, "not a JSON document"),
        ("[]", ModelError, "not a JSON object"),
        ('{"schema": "vertebrisk/model", "schema_version": 99}', ModelError, "schema version 99"),
    ],
)
def test_a_file_that_is_no_model_stops_the_start(
    tmp_path: Path, content: str, error: type[Exception], told: str
) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(error, match=told):
        ModelStore([("m", path)], with_library=False)


def test_what_json_does_not_have_is_refused_before_anybody_asks(tmp_path: Path) -> None:
    document = {**model("plain").to_dict(), "performance": {"c_index": float("nan")}}
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ModelError, match="damaged"):
        ModelStore([("m", path)], with_library=False)


def test_matched_controls_give_no_risk_and_are_refused() -> None:
    made = model("plain")
    matched = replace(made, population=replace(made.population, matched=("age",)))
    with pytest.raises(ModelError, match="matched on age"):
        served_model("m", matched)


def test_a_changed_file_is_taken_up_and_a_broken_one_is_not(tmp_path: Path) -> None:
    clock, told = Clock(), list[tuple[str, str, str]]()
    (identity, path), *_ = saved(tmp_path, "plain")
    store = ModelStore(
        [(identity, path)],
        with_library=False,
        clock=clock,
        told=lambda *event: told.append(event),
    )
    app = Service(store, QUIET)
    first = store.models()[0].version

    model("spline").save(path)
    assert store.models()[0].version == first, "the file is looked at once a second"
    clock.now += 1.1
    second = store.models()[0].version
    assert second == served_model("x", model("spline")).version
    assert told == [("model-loaded", "plain", second)]

    newer = {**model("plain").to_dict(), "schema_version": 99}
    path.write_text(json.dumps(newer))
    clock.now += 1.1
    assert store.models()[0].version == second
    assert told[-1][:2] == ("model-refused", "plain")
    health = ask(app, "GET", "/healthz").json()
    assert health["status"] == "degraded"
    assert "schema version 99" in health["refused"][0]["reason"]
    assert "vertebrisk_model_files_refused 1" in ask(app, "GET", "/metrics").text

    path.unlink()
    clock.now += 1.1
    assert store.models()[0].version == second
    assert str(tmp_path) not in ask(app, "GET", "/healthz").text

    model("plain").save(path)
    clock.now += 1.1
    assert store.models()[0].version == first
    assert ask(app, "GET", "/healthz").json()["status"] == "ok"


def test_a_file_that_is_touched_but_the_same_keeps_its_model(tmp_path: Path) -> None:
    clock = Clock()
    (identity, path), *_ = saved(tmp_path, "plain")
    store = ModelStore([(identity, path)], with_library=False, clock=clock)
    before = store.get(identity)
    os.utime(path, (1, 1))
    clock.now += 1.1
    assert store.get(identity) is before
