"""Texts about the centres of a study: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "centres": ("Centre by centre", "各中心的内部-外部验证"),
    "centres.centre": ("Centre", "中心"),
    "centres.all": ("All centres, pooled", "全部中心（合并）"),
    "centres.further": ("A further centre", "新的中心"),
    "centres.c_index": ("C-index", "C指数"),
    "centres.slope": ("Slope", "斜率"),
    "centres.observed_expected": ("Observed/expected", "观察/预期比"),
    "centres.told.c_index": ("the C-index", "C指数"),
    "centres.told.slope": ("the calibration slope", "校准斜率"),
    "centres.told.observed_expected": ("observed over expected", "观察/预期比"),
    "centres.one": ("{name} {value}", "{name}{value}"),
    "centres.whole": ("the whole modelling procedure repeated", "重复完整建模流程"),
    "centres.held": ("the same model re-estimated", "重新估计同一模型"),
    "centres.opening": (
        "Each of the {k} centres ({by}) was left out in turn, {procedure} on the others, and the "
        "model of the others measured on it (Table {table}).",
        "依次留出{k}个中心（{by}）中的一个，以其余中心{procedure}，再用所得模型在留出的中心检验（表{table}）。",
    ),
    "centres.horizon": (
        "All is measured by {horizon} {unit}, censoring handled within the centre.",
        "各指标均以{horizon}{unit}为时间点，删失在各中心内处理。",
    ),
    "centres.pooled": ("Pooled over the centres: {values}.", "合并各中心：{values}。"),
    "centres.expected": (
        "In a further centre like these, expect between these limits: {values}.",
        "在同类的新中心中，预期范围为：{values}。",
    ),
    "centres.method": (
        "Measures are pooled by REML with the errors of Hartung and Knapp, C as a logit and "
        "observed over expected as a logarithm; the wider the last limits, the less the model "
        "can be taken elsewhere untested.",
        "各指标以REML及Hartung-Knapp标准误合并，C取logit，观察/预期比取对数；最后的范围越宽，模型越不宜未经检验用于他处。",
    ),
    "caption.centres": ("Each centre by a model of the others", "以其余中心的模型检验各中心"),
    "figure.centres": (
        "Each centre by a model of the others: C-index, calibration slope and observed over "
        "expected, pooled, and the limits of a further centre.",
        "以其余中心的模型检验各中心：C指数、校准斜率与观察/预期比，合并值及新中心的预期范围。",
    ),
    "note.centres": (
        "Intervals of the centres and of the pooled values 95 %; of a further centre, the 95 % "
        "prediction interval.",
        "各中心与合并值为95%置信区间；新的中心为95%预测区间。",
    ),
}
