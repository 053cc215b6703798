"""The words on the figures of instability and learning, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "unstable.final_risk": "Risk by the final model",
    "unstable.final_risk_by": "Risk by {time}, by the final model",
    "unstable.other_risk": "Risk by the models of resamples",
    "unstable.limits": "{level}% of the models",
    "unstable.median": "Median of the models",
    "unstable.equal": "The same risk",
    "unstable.mape": "MAPE",
    "unstable.mape_mean": "Mean {value}",
    "unstable.models": "Models of resamples ({n} shown)",
    "unstable.final": "Final model",
    "unstable.changed": "Models that decide otherwise (%)",
    "unstable.at": "Threshold {value}%",
    "unstable.counts": "{n} models",
    "learning.patients": "Patients used for development, with their events below",
    "learning.apparent": "In the patients used",
    "learning.left_out": "In those left out",
    "learning.spread": "Middle 80% of {n} repeats, left out",
    "learning.all": "All patients, apparent",
    "learning.c_index": "C-index",
    "learning.slope": "Calibration slope",
    "learning.brier": "Brier score",
    "learning.brier_scaled": "Scaled Brier score",
}

CHINESE: Final[Mapping[str, str]] = {
    "unstable.final_risk": "最终模型的风险",
    "unstable.final_risk_by": "最终模型的{time}内风险",
    "unstable.other_risk": "重抽样模型的风险",
    "unstable.limits": "{level}%的模型",
    "unstable.median": "各模型的中位数",
    "unstable.equal": "风险相同",
    "unstable.mape": "MAPE",
    "unstable.mape_mean": "平均 {value}",
    "unstable.models": "重抽样模型（图示 {n} 个）",
    "unstable.final": "最终模型",
    "unstable.changed": "判断不同的模型（%）",
    "unstable.at": "阈值 {value}%",
    "unstable.counts": "{n} 个模型",
    "learning.patients": "用于建模的患者数（下方为事件数）",
    "learning.apparent": "建模患者中",
    "learning.left_out": "未用患者中",
    "learning.spread": "{n} 次重复的中间80%，未用患者中",
    "learning.all": "全部患者，表观值",
    "learning.c_index": "C指数",
    "learning.slope": "校准斜率",
    "learning.brier": "Brier评分",
    "learning.brier_scaled": "标化Brier评分",
}
