"""Words of the tables and figures of an external validation: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # tables
    "caption.external.measures": ("Measures on these patients", "在本组患者中的各项指标"),
    "caption.external.decision": ("Net benefit at the thresholds asked", "所选阈值下的净获益"),
    "caption.external.classes": (
        "Who is found and missed at the thresholds asked",
        "所选阈值下的分类",
    ),
    "external.column.flagged": ("At or above it", "达到阈值"),
    "external.note.classes": (
        "At or above a threshold is positive. PPV and NPV are those of patients with this share of "
        "events.",
        "风险大于等于阈值为阳性。阳性与阴性预测值适用于事件比例与此相同的患者。",
    ),
    "caption.external.case_mix": (
        "The patients whom the model was made from, and these",
        "建模患者与本组患者",
    ),
    "external.column.here": ("These patients", "本组患者"),
    "external.column.estimate": ("Here (95 % CI)", "本组（95% CI）"),
    "external.column.interval": ("Interval", "区间方法"),
    "external.column.developed": ("When developed", "建模时"),
    "external.column.question": ("What it says", "含义"),
    "external.absent": ("does not exist", "不存在"),
    "external.interval.DeLong": ("DeLong", "DeLong法"),
    "external.interval.Wald": ("Wald", "Wald法"),
    "external.interval.bootstrap": ("bootstrap", "自助法"),
    "external.interval.moved bootstrap": ("bootstrap, moved", "自助法（平移）"),
    "external.note.developed": (
        "When developed: as the model tells it, corrected for optimism where it says so.",
        "建模时：模型自述的数值，如有乐观校正则为校正值。",
    ),
    "external.note.smoother": (
        "ICI, E50, E90 and Emax by {smoother}.",
        "ICI、E50、E90与Emax由{smoother}得出。",
    ),
    "external.note.decision": (
        "Net true positives per patient, with bootstrap intervals. Avoided: interventions per 100 "
        "patients against treating all.",
        "每例患者的净真阳性数及自助法区间。“避免”为与全部干预相比每100例避免的干预数。",
    ),
    "external.mix.n": ("Patients", "例数"),
    "external.mix.events": ("With the event", "发生事件"),
    "external.mix.mean": ("Linear predictor, mean", "线性预测值均值"),
    "external.mix.sd": ("Linear predictor, SD", "线性预测值标准差"),
    "external.mix.range": ("Linear predictor, range", "线性预测值范围"),
    "external.mix.c_expected": ("C-index, were the risks right", "若风险准确时的C指数"),
    "caption.external.followed": ("Follow-up by each horizon", "各时间点的随访情况"),
    "caption.external.horizons": ("Measures by each horizon", "各时间点的指标"),
    "external.column.n_events": ("With the event", "发生事件"),
    "external.column.n_competing": ("Competing event", "竞争事件"),
    "external.column.n_unknown": ("Censored before", "此前删失"),
    "external.column.n_followed": ("Still followed", "仍在随访"),
    "external.column.observed": ("Observed (95 % CI)", "观察（95% CI）"),
    "external.column.expected": ("Expected", "预期"),
    "external.note.observed": (
        "Observed: 1 less Kaplan and Meier's estimate. Expected: mean risk.",
        "观察：1减Kaplan-Meier估计。预期：平均风险。",
    ),
    "external.note.observed_competing": (
        "Observed: Aalen and Johansen's estimate. Expected: mean risk.",
        "观察：Aalen-Johansen估计。预期：平均风险。",
    ),
    "external.interval.influence function": ("influence function", "影响函数"),
    "external.interval.jackknife": ("jackknife", "刀切法"),
    "measure.c_index_uno": ("C-index, Uno's", "C指数（Uno）"),
    # what each measure is good for
    "external.says.c_index": (
        "Do patients with the event have the higher risks? 0.5 is chance, 1 perfect.",
        "发生事件者风险是否更高？0.5为随机，1为完美。",
    ),
    "external.says.auc": (
        "Do those with the event by then have the higher risks? 0.5 is chance.",
        "该时间内发生事件者风险是否更高？0.5为随机。",
    ),
    "external.says.c_index_uno": (
        "The C-index with weights for censoring, up to the horizon.",
        "以删失加权、截至该时间点的C指数。",
    ),
    "external.says.in_the_large": (
        "Are the risks right on average? 0 is; below 0 they are too high.",
        "风险平均是否准确？0为准确，小于0说明偏高。",
    ),
    "external.says.intercept": (
        "Fitted together with the slope; 0 beside a slope of 1 is right.",
        "与斜率同时拟合；斜率为1时0为准确。",
    ),
    "external.says.slope": (
        "Too extreme (below 1) or too timid (above 1)?",
        "过于极端（小于1）还是过于保守（大于1）？",
    ),
    "external.says.observed_expected": (
        "Events that happened for each that was expected; 1 is right.",
        "实际事件数与预期之比；1为准确。",
    ),
    "external.says.brier": (
        "Mean squared distance of risk and outcome; the lower the better.",
        "风险与结局的均方差；越低越好。",
    ),
    "external.says.brier_scaled": (
        "Brier score against giving all the same risk: 1 perfect, 0 no better.",
        "与人人同一风险相比：1为完美，0为并无改善。",
    ),
    "external.says.r2": (
        "Likelihood of the risks as they stand; below 0 worse than one risk for all.",
        "按原样风险计算的似然；小于0则不如人人同一风险。",
    ),
    "external.says.ici": (
        "Mean distance of the flexible curve from the risks.",
        "平滑曲线与风险的平均距离。",
    ),
    "external.says.e50": ("Median of that distance.", "该距离的中位数。"),
    "external.says.e90": ("Its 90th percentile.", "该距离的第90百分位数。"),
    "external.says.emax": ("Its largest value.", "该距离的最大值。"),
    # reasons
    "external.reason.missing": ("Missing: {label}", "缺失：{label}"),
    "external.reason.unreadable": ("Cannot be read: {label}", "无法读取：{label}"),
    "external.reason.unknown level": ("Unknown level: {label}", "未知分类水平：{label}"),
    "external.reason.not a number": ("Not a number: {label}", "非数值：{label}"),
    # figures
    "figure.external.flow": (
        "From the rows of the file to the patients measured.",
        "由文件各行到纳入评价的患者。",
    ),
    "figure.external.calibration": (
        "Calibration on these patients: observed share against predicted risk, with the "
        "distribution of the risks below.",
        "本组患者的校准曲线：观察比例与预测风险，下方为风险分布。",
    ),
    "figure.external.roc": ("ROC curve on these patients.", "本组患者的ROC曲线。"),
    "figure.external.calibration_at": (
        "Calibration at {time} on these patients: observed share against predicted risk, with the "
        "distribution of the risks below.",
        "{time}时本组患者的校准曲线：观察比例与预测风险，下方为风险分布。",
    ),
    "figure.external.decision_at": (
        "Decision curve at {time} on these patients, the model as it stands.",
        "{time}时本组患者的决策曲线（模型不作改动）。",
    ),
    "figure.external.decision": (
        "Decision curve on these patients, the model as it stands.",
        "本组患者的决策曲线（模型不作改动）。",
    ),
    "figure.external.linear_predictor": (
        "The linear predictor of these patients; shaded is the range of those from whom the model "
        "was made.",
        "本组患者的线性预测值；阴影为建模患者的取值范围。",
    ),
}
