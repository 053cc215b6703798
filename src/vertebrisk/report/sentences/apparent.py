"""Texts of a model of which nothing was resampled: key, English, Chinese.

All measures of its performance are of the patients that it was made from.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "scheme.apparent": ("no resampling", "未作重抽样"),
    "methods.by.optimism-bootstrap@apparent": (
        "Nothing was resampled: every measure of performance is apparent, of the patients from "
        "whom the model was made, and none is corrected for optimism.",
        "未作重抽样：所有性能指标均为建模患者中的表观值，均未作乐观度校正。",
    ),
    "methods.pieces@apparent": (
        "The patients were read in pieces ({engine}), and sums over them were added in a fixed "
        "order, so that the numbers do not depend on how many processors or machines shared the "
        "work.",
        "患者数据分块读取（{engine}），求和按固定次序进行，故结果与参与计算的处理器或机器数量无关。",
    ),
    "validation.nothing_resampled": (
        "Nothing was resampled, so no optimism is taken off: in new patients the model is to be "
        "expected to do less well.",
        "未作重抽样，故未扣除乐观度：在新患者中，模型表现预计会更差。",
    ),
    "caption.performance@apparent": ("Performance, apparent", "模型表现：表观值"),
    "caption.horizons@apparent": (
        "Performance at the horizons, apparent",
        "各时间点的模型表现：表观值",
    ),
    "note.performance@apparent": (
        "Nothing was resampled, so no measure is corrected.",
        "未作重抽样，各项指标均未校正。",
    ),
    "note.horizons@apparent": (
        "AUC and Brier weighted by the inverse probability of censoring. Nothing was resampled, so "
        "no measure is corrected.",
        "AUC与Brier评分以逆删失概率加权。未作重抽样，各项指标均未校正。",
    ),
    "note.smoother@apparent": (
        "ICI, E50, E90 and Emax from {smoother}.",
        "ICI、E50、E90与Emax由{smoother}得出。",
    ),
    "figure.calibration_at@apparent": (
        "Calibration at {horizon} {unit}: observed against predicted risk (apparent), above the "
        "distribution of predicted risks.",
        "{horizon}{unit}时的校准曲线：观察风险与预测风险（表观），下方为预测风险分布。",
    ),
    "calibration.band@apparent": ("It rests on {events} events.", "曲线仅基于{events}个事件。"),
    "limits.external@apparent": (
        "The model was measured on the patients that it was made from: neither overfitting nor "
        "differences between hospitals, operators or definitions are corrected for. External "
        "validation is needed before use elsewhere.",
        "模型仅在建模患者中评价：过拟合以及医院、术者或定义的差异均未校正。在其他机构使用前需外部验证。",
    ),
    "fill.analysed_validation@apparent": (
        "Validation: nothing was resampled.",
        "验证：未作重抽样。",
    ),
    "fill.validated_drawn@apparent": (
        "Performance is apparent: nothing was resampled or held back.",
        "性能为表观值：未作重抽样，也未留出患者。",
    ),
    "probast.nothing_resampled": (
        "Nothing was resampled: all measures are apparent.",
        "未作重抽样：各项指标均为表观值。",
    ),
}
