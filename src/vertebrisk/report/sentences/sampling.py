"""Sentences about sampled controls: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "sampling": ("From the sample to the population", "从样本到源人群"),
    "method.prior": ("Prior correction", "先验校正"),
    "method.weighted": ("Weighting", "加权"),
    "b_ci": ("B (95 % CI)", "B（95% CI）"),
    "caption.sampling": (
        "Coefficients for the population, by two corrections",
        "两种校正方法得到的源人群系数",
    ),
    "note.sampling.ml": (
        "Prior correction: maximum likelihood with the intercept moved. Weighting: every patient "
        "stands for those who were not sampled; robust errors.",
        "先验校正：极大似然估计后调整截距。加权：每位患者代表未被抽取者；采用稳健标准误。",
    ),
    "note.sampling.firth": (
        "Prior correction: Firth's penalised likelihood with the intercept moved.",
        "先验校正：Firth惩罚似然估计后调整截距。",
    ),
    "note.sampling.penalised": (
        "Prior correction: the shrunken coefficients with the intercept moved. Weighting: every "
        "patient stands for those who were not sampled, under the same penalty. Neither has "
        "standard errors.",
        "先验校正：收缩后的系数，仅调整截距。加权：在同一惩罚下，每位患者代表未被抽取者。二者均无标准误。",
    ),
    "sampling.sample": (
        "{cases} patients with the event and {controls} without it were analysed. In the "
        "population that they were sampled from, the prevalence is {prevalence}{source}.",
        "分析有结局者{cases}例、无结局者{controls}例；其来源人群的患病率为{prevalence}{source}。",
    ),
    "sampling.estimated": (
        ", estimated from {n} patients",
        "（由{n}例患者估计）",
    ),
    "sampling.known": (", taken as known", "（视为已知）"),
    "sampling.correction": (
        "Sampling by outcome leaves odds ratios and discrimination as they are, but moves every "
        "risk. The sample's intercept was therefore reduced by {offset} (prior correction)"
        "{variance}. Risks, calibration, predictive values, Brier score, R² and net benefit in "
        "this report hold for that population.",
        "按结局抽样不影响比值比与区分度，但会改变所有风险。因此从样本截距中减去{offset}（先验校正）"
        "{variance}。本报告中的风险、校准、预测值、Brier评分、R²与净获益均适用于该人群。",
    ),
    "sampling.variance": (
        ", and its variance corrected for the sampling",
        "，并按抽样方式校正其方差",
    ),
    "sampling.beside.firth": (
        "Table {table} shows the corrected coefficients; Firth's penalty has no weighted form to "
        "set beside them.",
        "表{table}列出校正后的系数；Firth惩罚没有可并列的加权形式。",
    ),
    "sampling.beside.penalised": (
        "Table {table} sets weighting under the same penalty beside it. The two agree where the "
        "model is right and the penalty small: weighting shrinks towards the population's spread "
        "of the predictors, not the sample's.",
        "表{table}并列给出同一惩罚下的加权结果。模型正确且惩罚较小时两者一致；加权按源人群而非样本的离散程度收缩。",
    ),
    "sampling.beside.ml": (
        "Table {table} sets weighting beside it. The two agree where the model is right; a "
        "difference beyond their errors would speak against its form.",
        "表{table}并列给出加权结果。模型正确时两者一致；若差异超出误差，则提示模型形式有误。",
    ),
    "sampling.resampling": (
        "Cases and controls were resampled apart, so that the prevalence stays the same in every "
        "resample; likelihood, AIC and the test of Hosmer and Lemeshow are those of the sample.",
        "有放回抽样时病例与对照分别抽取，使每次抽样的患病率保持不变；似然、AIC与Hosmer-Lemeshow检验仍针对样本。",
    ),
    "sampling.resampling@folds": (
        "Likelihood, AIC and the test of Hosmer and Lemeshow are those of the sample.",
        "似然、AIC与Hosmer-Lemeshow检验仍针对样本。",
    ),
    "nomogram.no_risk": (
        "Controls were matched to their cases, so the sample says nothing about absolute risk: "
        "there is no scale of risk, hence no nomogram. The model's coefficients and its "
        "discrimination are shown for the variables that were not matched.",
        "对照与病例经过匹配，样本不含绝对风险的信息：没有风险刻度，因而没有列线图。系数与区分度仅对未匹配变量有意义。",
    ),
}
