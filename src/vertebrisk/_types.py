"""Type aliases shared by all packages."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

Json: TypeAlias = dict[str, Any]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Timing = Literal["preoperative", "intraoperative", "postoperative"]
TestName = Literal[
    "student",
    "welch",
    "mannwhitney",
    "anova",
    "kruskal",
    "pearson",
    "yates",
    "fisher",
    "trend",
]
EngineName = Literal["memory", "stream", "dask"]
ModelKind = Literal["logistic", "cox", "fine-gray"]
RegressionKind = Literal["logistic", "cox", "fine-gray", "conditional"]
Ties = Literal["efron", "breslow"]
TimeUnit = Literal["hours", "days", "weeks", "months", "years"]
Estimator = Literal["ml", "firth", "auto", "ridge", "lasso", "elastic_net"]
PenalisedEstimator = Literal["ridge", "lasso", "elastic_net"]
MeanRisk = Literal["flic", "flac", "uncorrected"]
Intervals = Literal["wald", "profile"]
Smoother = Literal["loess", "spline"]
ShareInterval = Literal["wilson", "exact"]
SelectionMethod = Literal["prespecified", "univariable", "backward", "lasso", "stability"]
ValidationMethod = Literal[
    "optimism-bootstrap",
    "simple-bootstrap",
    "632",
    "632+",
    "cross-validation",
    "leave-one-out",
]
CorrectedInterval = Literal["percentile", "location-shifted"]
IntervalKind = Literal["model-based", "procedure-bootstrap", "none"]
DataKind = Literal["real", "reconstructed", "simulated"]
