"""The description of the API holds for programs: OpenAPI 3.1, and true of every answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from tests.bedside.service.serving import ask, saved

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.settings import LOOPBACK_NAMES, Settings
from vertebrisk.bedside.service.store import ModelStore

FEW, MANY = ("plain", "cox"), ("plain", "spline", "interaction", "cox", "strata", "nobody")
# A table, or a body in FHIR, is described by its type: a schema cannot say what is in it.
ACCEPTANCE, WHOLE = "positive_data_acceptance", "application/json"
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
    *("negative_data_rejection", ACCEPTANCE, "missing_required_header"),
    *("unsupported_method", "allow_header_conformance"),
)

NOT_FETCHED = "412"  # CDS Hooks: nothing of the record was sent


def described(folder: Path, names: tuple[str, ...], *, library: bool = False) -> Service:
    """A service of models of every kind, known by the name that schemathesis gives it."""
    store = ModelStore(saved(folder, *names), with_library=library)
    hosts = (*LOOPBACK_NAMES, "testserver")
    return Service(store, Settings(hosts=hosts, rate=None, log_requests=False))


@pytest.mark.parametrize("library", [False, True])
def test_it_is_openapi(tmp_path: Path, library: bool) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    app = described(tmp_path, MANY, library=library)
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert [str(each) for each in OpenAPIV31SpecValidator(document).iter_errors()] == []


def asked_all(app: Service, examples: int) -> dict[str, Counter[int]]:
    """Every operation asked as described and otherwise; statuses by operation."""
    import schemathesis
    from schemathesis.checks import CHECKS as KNOWN

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, NOT_FETCHED]
    checks = [each for each in KNOWN.get_all() if each.__name__ in CHECKS]
    assert len(checks) == len(CHECKS)
    operations: Any = schema.get_all_operations()
    seen: dict[str, Counter[int]] = {}
    for found in operations:
        operation = found.ok()
        statuses = seen[operation.label] = Counter[int]()
        for mode in schemathesis.GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)
            try:
                ask_some(strategy, examples, checks, statuses)
            except Unsatisfiable:  # nothing of a GET without parameters can be wrong
                assert mode is schemathesis.GenerationMode.NEGATIVE
    return seen


def ask_some(strategy: Any, examples: int, checks: list[Any], statuses: Counter[int]) -> None:
    """Requests of one operation, the same in every run, each answer held to its description."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask_one(case: Any) -> None:
        loose = case.media_type not in (None, WHOLE)
        asked = [each for each in checks if not (loose and each.__name__ == ACCEPTANCE)]
        statuses[case.call_and_validate(checks=asked).status_code] += 1

    ask_one()


def reached(app: Service, seen: dict[str, Counter[int]]) -> None:
    """All that is described was asked, and every model answered and refused."""
    assert all(statuses.total() for statuses in seen.values())
    listed = {(each.method, each.path) for each in app.endpoints if each.listed}
    assert len(seen) >= len(listed)
    for served in app.store.models():
        statuses = seen[f"POST /api/v1/models/{served.id}/predict"]
        assert statuses[200] > 0
        assert statuses[422] > 0


def test_answers_are_as_described(tmp_path: Path) -> None:
    app = described(tmp_path, FEW)
    reached(app, asked_all(app, 4))


@pytest.mark.slow
def test_many_answers_are_as_described(tmp_path: Path) -> None:
    app = described(tmp_path, MANY, library=True)
    reached(app, asked_all(app, 60))
