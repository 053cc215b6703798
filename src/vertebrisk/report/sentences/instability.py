"""Sentences about unstable predictions and the size of the study: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "instability": ("Stability of the predictions", "预测的稳定性"),
    "size": ("Size of the study", "研究样本量"),
    "patients_above": ("Patients above", "达到阈值的患者"),
    "index": ("Models that decide otherwise", "判断不同的模型"),
    "often": ("Patients of whom 1 in 10 models does", "至少1/10模型判断不同的患者"),
    "useful": ("Useful models", "有用的模型"),
    "caption.instability": (
        "How the models of resamples decide at the thresholds",
        "各阈值下重抽样模型的判断",
    ),
    "note.instability": (
        "Models that decide otherwise: mean over the patients. Useful: net benefit above that of "
        "treating all and of treating none, in these patients, who were drawn into the resamples "
        "too.",
        "判断不同的模型：对患者取平均。有用：在本研究患者（亦被抽入各次抽样）中净获益高于全部干预与均不干预。",
    ),
    "instability.prediction": (
        "{models} models of bootstrap resamples, {procedure}, gave these patients other risks{by}: "
        "on average {mape} off (mean absolute prediction error), and {mape_high} or more in one "
        "patient in ten. The middle 95 % of a patient's risks span {width} on average.",
        "{models}个自助抽样模型（{procedure}）给出的{by}风险与最终模型平均相差{mape}（平均绝对预测误差），"
        "每10例中有1例相差{mape_high}或更多。每例患者风险的中间95%平均跨度为{width}。",
    ),
    "instability.by": (" by {horizon} {unit}", "{horizon}{unit}内"),
    "instability.points": ("{value} percentage points", "{value}个百分点"),
    "instability.threshold": (
        "At the threshold of {threshold}, for {often} of the patients one model in ten or more "
        "decides otherwise than the final one.",
        "阈值为{threshold}时，对{often}的患者，至少十分之一的模型与最终模型判断不同。",
    ),
    "instability.separated": (
        "{n} of the models have no finite estimate; they are counted with the risks that they "
        "tend to.",
        "{n}个模型没有有限估计，按其风险的极限计入。",
    ),
    "instability.failed": (
        "{n} resamples held one outcome only and are left out.",
        "{n}次抽样仅含一种结局，已剔除。",
    ),
    "instability.unshrunken": (
        "They are compared with the model before its coefficients were shrunken.",
        "此处与系数收缩前的模型比较。",
    ),
    "instability.sampled": (
        "Averages and shares are over the sampled patients, cases too often among them.",
        "平均值与比例针对抽样患者计算，其中病例所占比例偏高。",
    ),
    "instability.reading": (
        "This is how much the risks depend on which patients happened to be sampled. How they "
        "would do in another hospital it does not say.",
        "这说明风险在多大程度上取决于恰好抽到了哪些患者，并不说明在其他医院的表现。",
    ),
    "figure.instability_prediction": (
        "Prediction instability: risks by the models of resamples against that of the final "
        "model, in groups of patients of similar risk; below, the mean absolute prediction error.",
        "预测不稳定性：重抽样模型与最终模型的风险（按风险相近的患者分组）；下方为平均绝对预测误差。",
    ),
    "figure.instability_calibration": (
        "Calibration instability: the models of resamples on these patients.",
        "校准不稳定性：重抽样模型在本研究患者中的校准曲线。",
    ),
    "figure.instability_decision": (
        "Decision instability: net benefit of the models of resamples for these patients.",
        "决策不稳定性：重抽样模型在本研究患者中的净获益。",
    ),
    "figure.instability_classification": (
        "Classification instability: share of models that put a patient on the other side of a "
        "threshold, by his risk.",
        "分类不稳定性：将患者判到阈值另一侧的模型比例（按风险）。",
    ),
    "criterion": ("Criterion", "标准"),
    "size.needed": ("Patients needed", "所需例数"),
    "size.attained": ("Here", "本研究"),
    "size.met": ("Met", "达到"),
    "size.yes": ("yes", "是"),
    "size.no": ("no", "否"),
    "size.expected_r2": ("R² expected beforehand ({value})", "预期R²（{value}）"),
    "size.c_r2": ("R² of the corrected C-index ({value})", "由校正C指数得出的R²（{value}）"),
    "size.shrinkage": ("Shrinkage factor at least {target}", "收缩因子不低于{target}"),
    "size.optimism": ("Optimism in R² at most {target}", "R²的乐观度不超过{target}"),
    "size.overall-risk": ("Overall risk within {target}", "总体风险误差不超过{target}"),
    "size.all": ("All criteria", "全部标准"),
    "caption.size": ("Size that the candidates need", "候选因子所需样本量"),
    "note.size": (
        "R² expected beforehand: 15 % of the largest possible. R² is Cox and Snell's.",
        "预期R²：最大可能值的15%。R²为Cox-Snell。",
    ),
    "note.size_c": (
        "The C-index was found in these patients; it makes no size right after the fact.",
        "该C指数由本研究患者得出，不能事后证明样本量足够。",
    ),
    "size.told": (
        "For {parameters} candidate parameters Riley's criteria ask for {n} patients with "
        "{events} events; the study has {available} with {n_events} ({per_parameter} events a "
        "parameter). Table {table} shows each criterion.",
        "对于{parameters}个候选参数，Riley标准要求{n}例患者、{events}个事件；本研究有{available}例、"
        "{n_events}个事件（每参数{per_parameter}个事件）。各项标准见表{table}。",
    ),
    "size.enough": ("All are met.", "各项均已达到。"),
    "size.short": (
        "With so few patients a shrinkage factor of {shrinkage} is expected, where 0.9 or more is "
        "wanted.",
        "样本量如此之小，预计收缩因子约为{shrinkage}，而要求不低于0.9。",
    ),
    "size.clustered": (
        "Rows of one patient are not independent, so that more would be needed.",
        "同一患者的各行并不独立，因此实际所需更多。",
    ),
}
