"""Captions and footnotes of tables and figures: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # captions
    "caption.comparison": ("Characteristics by outcome group", "按结局分组的患者特征"),
    "caption.univariable": ("Univariable logistic regression", "单因素logistic回归"),
    "caption.multivariable": ("Multivariable logistic regression", "多因素logistic回归"),
    "caption.fit": ("Fit of the model", "模型拟合"),
    "caption.vif": ("Variance inflation", "方差膨胀因子"),
    "caption.points": ("Points of the nomogram", "列线图得分"),
    "caption.total": ("Risk by total points", "总分与风险"),
    "caption.thresholds": ("Classification at thresholds (apparent)", "各阈值下的分类（表观）"),
    "caption.performance": (
        "Performance, apparent and corrected for optimism",
        "模型表现：表观与乐观校正",
    ),
    "caption.calibration": ("Observed against predicted risk", "观察风险与预测风险"),
    "caption.decision": ("Net benefit at the thresholds of the protocol", "方案阈值下的净获益"),
    "caption.selection": ("How often each candidate was selected", "候选因子入选频率"),
    "caption.replication": ("Printed and found, number by number", "论文与本次结果逐项比较"),
    "figure.flow": ("Flow of participants.", "研究对象流程图。"),
    "figure.balance": (
        "Standardised mean differences of the two groups, the largest first. Filled: 0.1 (dashed) "
        "or more.",
        "两组的标准化均数差，由大到小排列。实心点：不小于0.1（虚线）。",
    ),
    "figure.balance_without": (
        "Not drawn, for want of a difference: {variables}.",
        "因无标准化均数差而未绘出：{variables}。",
    ),
    "figure.forest": (
        "Odds ratios of the multivariable model with 95 % intervals.",
        "多因素模型的比值比及95%区间。",
    ),
    "figure.nomogram": (
        "Nomogram. The coloured path is the invented example patient.",
        "列线图。彩色路径为虚构示例患者。",
    ),
    "figure.roc": ("ROC curve of the model (apparent).", "模型ROC曲线（表观）。"),
    "figure.roc_band": (
        "ROC curve of the model (apparent). The band joins the 95% confidence regions of "
        "sensitivity and specificity at each threshold (Wilson intervals, for both together).",
        "模型ROC曲线（表观）。阴影为各阈值处灵敏度与特异度的95%联合置信区域（Wilson区间）。",
    ),
    "figure.calibration": (
        "Calibration: observed against predicted risk, apparent and bias-corrected, above the "
        "distribution of predicted risks.",
        "校准曲线：观察风险与预测风险（表观与偏倚校正），下方为预测风险分布。",
    ),
    "figure.decision": (
        "Decision curve: net benefit of the model, of treating all and of treating none.",
        "决策曲线：模型、全部干预与均不干预的净获益。",
    ),
    "figure.selection": (
        "Share of resamples in which each candidate was selected.",
        "各候选因子在自助抽样中的入选比例。",
    ),
    # footnotes
    "note.comparison": (
        "{mean_sd}, {median_iqr} or n (%). SMD, standardised mean difference, without its sign.",
        "{mean_sd}、{median_iqr}或例数（%）。SMD：标准化均数差（取绝对值）。",
    ),
    "note.regression": (
        "B and SE on the log-odds scale; OR, odds ratio.",
        "B与SE为对数比值尺度；OR：比值比。",
    ),
    "note.joint": (
        "Rows with several degrees of freedom test all levels of a variable together.",
        "自由度大于1的行为该变量各水平的联合检验。",
    ),
    "note.separated": (
        "∞ or a missing limit: no finite maximum-likelihood estimate exists.",
        "∞或缺失界限：不存在有限的极大似然估计。",
    ),
    "note.fit": (
        "Hosmer and Lemeshow's test has little power and is no evidence of calibration.",
        "Hosmer-Lemeshow检验效能低，不能作为校准良好的证据。",
    ),
    "note.fit_selected": (
        "P, AIC and BIC take no account of how the predictors were chosen.",
        "P值、AIC与BIC未考虑预测因子的选择过程。",
    ),
    "note.thresholds": (
        "A patient is positive at or above the threshold. Wilson intervals. The threshold of "
        "Youden's index was picked by these data.",
        "风险大于等于阈值为阳性。区间为Wilson法。Youden指数阈值由本数据选出。",
    ),
    "note.thresholds_stated": (
        "A patient is positive at or above the threshold. Wilson intervals.",
        "风险大于等于阈值为阳性。区间为Wilson法。",
    ),
    "note.performance": (
        "Corrected = apparent - optimism. MC error: what another seed would change.",
        "校正=表观-乐观度。MC误差：更换随机种子带来的变动。",
    ),
    "note.smoother": (
        "ICI, E50, E90 and Emax from {smoother}; their correction ends at 0.",
        "ICI、E50、E90与Emax由{smoother}得出，校正后不小于0。",
    ),
    "note.range": (
        "Intervals of slope and intercept: 2.5 to 97.5 % range over the resamples.",
        "斜率与截距的区间为各次抽样的2.5%至97.5%范围。",
    ),
    "note.finite": (
        "{measure} ({procedure}): summarised over {n} resamples.",
        "{measure}（{procedure}）：基于{n}次抽样汇总。",
    ),
    "note.decision": (
        "Net true positives per patient. Interventions avoided, per 100 patients, against "
        "treating all, from the corrected curve.",
        "每例患者的净真阳性。“避免”为与全部干预相比每100例避免的干预数，取自校正后的曲线。",
    ),
    "note.points": (
        "Points between the values shown follow by interpolation.",
        "表中取值之间可内插。",
    ),
}
