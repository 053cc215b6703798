"""Texts about a study that is split by time: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "split": ("Earlier and later patients", "按时间划分的验证"),
    "split.later": ("Later patients", "后期患者"),
    "split.opening": (
        "The study was split by {by} at {since}: on the {earlier} earlier patients "
        "({earlier_events} events) {procedure}, and that model was measured on the {later} later "
        "ones ({later_events} events; Table {table}).",
        "按{by}以{since}为界划分研究：在前期{earlier}例患者（事件{earlier_events}个）中{procedure}，"
        "所得模型在后期{later}例（事件{later_events}个）中检验（表{table}）。",
    ),
    "split.horizon": (
        "All is measured by {horizon} {unit}, censoring handled.",
        "各指标均以{horizon}{unit}为时间点，并处理删失。",
    ),
    "split.caution": (
        "It is one split, and it takes patients from the model: the model of this report is made "
        "of all of them.",
        "这只是一次划分，且减少了建模患者；本报告的模型由全部患者建立。",
    ),
    "caption.split": (
        "Later patients by the model of the earlier ones",
        "以前期患者的模型检验后期患者",
    ),
    "note.split": (
        "C-index with the interval of its method, calibration with Wald's, the other limits "
        "bootstrapped over the later patients, the model held fixed.",
        "C指数取其自身方法的区间，校准为Wald区间，其余为对后期患者自助抽样所得（模型固定）。",
    ),
}
