"""Scales of pain and disability: what is possible on them, and what a patient notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from vertebrisk._types import Language

ScaleName = Literal["vas", "odi"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Lowest and highest score, the minimal clinically important difference, and the unit."""

    limits: tuple[float, float]
    mcid: float
    unit: Mapping[Language, str]


SCALES: Mapping[ScaleName, Scale] = MappingProxyType(
    {
        "vas": Scale((0.0, 10.0), 2.0, {"en": "points", "zh": "分"}),
        "odi": Scale((0.0, 100.0), 10.0, {"en": "%", "zh": "%"}),
    }
)
