"""The whole pipeline gives what it gave when somebody last looked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from tests.golden.run import GOLDEN, golden_document

RTOL = 1e-7  # the order of sums differs between processors; the smoothers carry it to 1e-10
ATOL = 1e-9


def differences(ours: Any, golden: Any, place: str = "") -> Iterator[str]:
    if isinstance(golden, dict) and isinstance(ours, dict):
        for key in golden.keys() | ours.keys():
            yield from differences(ours.get(key), golden.get(key), f"{place}.{key}")
    elif isinstance(golden, list) and isinstance(ours, list) and len(golden) == len(ours):
        for index, (a, b) in enumerate(zip(ours, golden, strict=True)):
            yield from differences(a, b, f"{place}[{index}]")
    elif isinstance(golden, float) and isinstance(ours, int | float):
        if not math.isclose(ours, golden, rel_tol=RTOL, abs_tol=ATOL):
            yield f"{place}: {ours} where {golden} stood"
    elif ours != golden:
        yield f"{place}: {ours!r} where {golden!r} stood"


def test_the_embedded_study_gives_what_it_gave() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert list(differences(golden_document(), golden)) == []


def test_a_difference_is_seen() -> None:
    assert list(differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.001]})) == [
        ".a[1]: 2.0 where 2.001 stood"
    ]
