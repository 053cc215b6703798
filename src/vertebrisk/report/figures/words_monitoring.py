"""The words on the figures of a model over calendar time, in English and Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    "watch.patients": "Patients in the order of time, with the month",
    "watch.evidence": "Evidence of drift (log-likelihood ratio)",
    "watch.more": "More events than expected",
    "watch.fewer": "Fewer events than expected",
    "watch.limit": "Limit",
    "watch.signal": "Signal",
    "watch.oe": "Observed / expected",
    "watch.windows": "First month of the window",
    "watch.open": "Window not full yet",
    "watch.complete": "With 95% interval",
}

CHINESE: Final[Mapping[str, str]] = {
    "watch.patients": "按时间排列的患者（标注月份）",
    "watch.evidence": "漂移证据（对数似然比）",
    "watch.more": "事件多于预期",
    "watch.fewer": "事件少于预期",
    "watch.limit": "控制限",
    "watch.signal": "报警",
    "watch.oe": "观察/预期比",
    "watch.windows": "时间窗的起始月份",
    "watch.open": "时间窗尚未满",
    "watch.complete": "附95%区间",
}
