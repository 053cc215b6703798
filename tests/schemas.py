"""Documents of the tests beside the schema that is shipped, which is read once."""

from __future__ import annotations

from functools import cache

import jsonschema

from vertebrisk._types import Json
from vertebrisk.report.document.study import results_schema


def validate_results(document: Json) -> None:
    """Fail, and say where, if the document of a run is not as its schema says."""
    _results().validate(document)


@cache
def _results() -> jsonschema.Draft202012Validator:
    """That the schema is one is tested in `tests/report/test_json.py`."""
    return jsonschema.Draft202012Validator(results_schema())
