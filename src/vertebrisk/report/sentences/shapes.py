"""Texts of shapes, interactions and effect plots: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "shape.overall": ("together", "合计"),
    "shape.nonlinear": ("nonlinear part", "非线性部分"),
    "shape.interaction": ("all interactions", "全部交互"),
    "shape.nonlinear or interaction": (
        "nonlinear parts and interactions",
        "非线性部分与交互",
    ),
    "shape.all": ("All predictors: {kind}", "全部预测变量：{kind}"),
    "caption.shapes": (
        "Tests of predictors, of their shapes and of their interactions",
        "预测变量、函数形状与交互作用的检验",
    ),
    "note.shapes": (
        "Wald tests. A predictor is tested with all its columns, interactions included; its "
        "nonlinear part against a straight line.",
        "Wald检验。各预测变量连同其全部列（含交互）一并检验；非线性部分与直线比较。",
    ),
    "note.shapes_pooled": (
        "Pooled tests (D1) over imputations, an F statistic. A predictor is tested with all its "
        "columns, interactions included; its nonlinear part against a straight line.",
        "跨插补表的合并检验（D1，F统计量）。各预测变量连同其全部列（含交互）一并检验；非线性部分与直线比较。",
    ),
    "note.shapes_selected": (
        "The tests do not know that the predictors were selected; their P values are too small.",
        "检验未考虑变量筛选，P值偏小。",
    ),
    # figures
    "effect.risk": ("Predicted risk", "预测风险"),
    "effect.risk_by": ("Predicted risk by {horizon} {unit}", "{horizon}{unit}内的预测风险"),
    "effect.by": (" by {by}", "（按{by}分别绘制）"),
    "effect.band": (", with 95 % intervals", "，附95%区间"),
    "effect.held": ("; the other predictors are held at: {held}", "；其余预测变量固定为：{held}"),
    "effect.held_one": ("{label} {value}", "{label} {value}"),
    "figure.effect": (
        "{risk} against {label}{by}{band}{held}.",
        "{risk}随{label}的变化{by}{band}{held}。",
    ),
}
