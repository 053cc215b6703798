"""Sentences about several models on one cohort: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # headings
    "compared": ("Models compared", "模型比较"),
    "compared.title": ("{k} models on the same patients", "{k}个模型在同一组患者中的比较"),
    "compared.models": ("The models", "各模型"),
    "compared.participants": ("On whom", "比较对象"),
    "compared.measures": ("How well each does", "各模型表现"),
    "compared.discrimination": ("Who has the higher risk?", "区分能力"),
    "compared.calibration": ("Are the risks right?", "风险是否准确"),
    "compared.decision": ("Is it worth acting on?", "是否值得据此干预"),
    "compared.agreement": ("Do they say the same of a patient?", "对同一患者的结论是否一致"),
    "compared.reclassification": ("Who changes class", "风险类别的变动"),
    # summary
    "compared.summary.size": (
        "Of {rows} rows, {n} have a known outcome and a risk by all {k} models; {events} of these "
        "patients ({share}) had the event.",
        "{rows}行中{n}行结局已知且{k}个模型均可给出风险；其中{events}例（{share}）发生事件。",
    ),
    "compared.summary.areas_shown": (
        "The C-index goes from {low} ({worst}) to {high} ({best}), and that the models differ in "
        "it is shown ({p}).",
        "C指数由{low}（{worst}）至{high}（{best}），各模型之间存在差异（{p}）。",
    ),
    "compared.summary.areas_open": (
        "The C-index goes from {low} ({worst}) to {high} ({best}); chance alone could do that "
        "({p}), which is no proof that the models are equal.",
        "C指数由{low}（{worst}）至{high}（{best}）；差异可能仅由偶然所致（{p}），但这不能证明各模型相同。",
    ),
    "compared.summary.areas_none": (
        "The C-index goes from {low} ({worst}) to {high} ({best}); there is no test of the "
        "difference.",
        "C指数由{low}（{worst}）至{high}（{best}）；其差异无法检验。",
    ),
    "compared.summary.on_average": (
        "{name}: {verdict} (observed/expected {oe}).",
        "{name}：{verdict}（观察/预期比{oe}）。",
    ),
    "compared.summary.apart": (
        "{first} and {second} are more than 10 percentage points apart in {n} of {total} patients "
        "({share}).",
        "{first}与{second}的风险相差超过10个百分点者有{n}例（共{total}例，{share}）。",
    ),
    "compared.summary.benefit": (
        "At {threshold} acting by {best} gains most (net benefit {value}). {others}",
        "阈值{threshold}处，按{best}干预净获益最高（{value}）。{others}",
    ),
    "compared.benefit.better": (
        "Its lead is shown over {names}.",
        "其优势相对于{names}成立。",
    ),
    "compared.benefit.open": (
        "Its lead over {names} could be chance.",
        "其相对于{names}的优势可能出于偶然。",
    ),
    "compared.benefit.none": (
        "At {threshold} no model gains over {best} (net benefit {value}).",
        "阈值{threshold}处，没有模型优于“{best}”（净获益{value}）。",
    ),
    # sections
    "compared.models.other": (
        "The models do not share what is listed below. A model of another outcome, threshold or "
        "time point has risks of another size, and its calibration here says how far it can be "
        "used for the outcome asked.",
        "各模型的不同之处见下表。若建模结局、阈值或时间点不同，其风险大小亦不同；此处的校准说明其能否用于所问结局。",
    ),
    "compared.models.same": (
        "As far as the models tell, they predict the same outcome by the same time.",
        "就模型所述，各模型预测同一结局与时间点。",
    ),
    "compared.participants.rows": (
        "All models are measured on the same {n} of {rows} rows. Nothing was fitted anew.",
        "各模型均在相同的{n}行（共{rows}行）上评价，未重新拟合任何参数。",
    ),
    "compared.participants.lost": (
        "{n} rows with an outcome have no risk by one model or more: {models}.",
        "{n}行结局已知但至少一个模型无法得出风险：{models}。",
    ),
    "compared.participants.why": ("{name}: {reasons}.", "{name}：{reasons}。"),
    "compared.discrimination.read": (
        "DeLong's test asks whether the areas are one; the P values of pairs are not adjusted for "
        "their number. A higher area does not make the risks right.",
        "DeLong检验回答各曲线下面积是否相同；两两比较的P值未作多重校正。面积更大并不意味着风险更准确。",
    ),
    "compared.discrimination.ranked": (
        "The test asks whether the concordances of events by the horizon are one; the P values of "
        "pairs are not adjusted for their number. A higher concordance does not make the risks "
        "right.",
        "检验回答截至该时间点的一致性指数是否相同；两两比较的P值未作多重校正。一致性更高并不意味着风险更准确。",
    ),
    "compared.calibration.read": (
        "On the dotted line, as many patients have the event as the model says; above it the risks "
        "are too low, below it too high.",
        "虚线表示实际发生比例与模型风险一致；在其上方说明风险偏低，在其下方说明风险偏高。",
    ),
    "compared.decision.read": (
        "The model whose line is highest at the thresholds at which one acts gains most, if it "
        "lies above treating all and none. Intervals of the differences are those of the same "
        "bootstrap resamples for all models.",
        "在实际采用的阈值处，曲线最高且高于“全部干预”与“均不干预”的模型净获益最大。差异的区间来自各模型共用的自助抽样。",
    ),
    "compared.agreement.read": (
        "Models with the same C-index can give one patient very different risks. The limits of "
        "agreement hold about 95 of 100 differences.",
        "C指数相同的模型对同一患者给出的风险可以相差很大。一致性界限约包含95%的差值。",
    ),
    "compared.reclassification.read": (
        "Rows are the class by the first model, columns by the second; each cell holds patients "
        "and, in brackets, those with the event. Net reclassification is left out of the page: it "
        "rewards models that are worse.",
        "行为第一个模型的类别，列为第二个模型的类别；格内为患者数，括号内为其中发生事件者。"
        "净重分类指数未列入本页：较差的模型也可能得到更好的数值。",
    ),
    # tables
    "caption.compared.models": ("The models and what they were made for", "各模型及其建模目的"),
    "caption.compared.measures": (
        "Measures of each model on the same patients (95 % CI)",
        "各模型在相同患者中的指标（95% CI）",
    ),
    "caption.compared.areas": ("Differences in the C-index", "C指数之差"),
    "caption.compared.differences": (
        "Differences in Brier score and net benefit",
        "Brier评分与净获益之差",
    ),
    "caption.compared.benefits": ("Net benefit at the thresholds asked", "所选阈值下的净获益"),
    "caption.compared.agreement": ("Risks of the same patients", "同一患者的风险比较"),
    "caption.compared.classes": ("Patients by their class", "按风险类别的患者数"),
    "compared.column.pair": ("First less second", "前者减后者"),
    "compared.column.difference": ("Difference (95 % CI)", "差值（95% CI）"),
    "compared.column.z": ("z", "z"),
    "compared.column.brier": ("Brier score", "Brier评分"),
    "compared.column.benefit_at": ("Net benefit at {threshold}", "净获益（阈值{threshold}）"),
    "compared.column.bias": ("Mean difference", "平均差"),
    "compared.column.limits": ("Limits of agreement", "一致性界限"),
    "compared.column.correlation": ("Correlation", "相关系数"),
    "compared.column.apart": ("> {points} points apart", "相差>{points}个百分点"),
    "compared.column.moved": ("Class differs at {threshold}", "类别不同（阈值{threshold}）"),
    "compared.pair": ("{first} \u2212 {second}", "{first} \u2212 {second}"),
    "compared.pair_of": ("{first} by {second}", "{first} 对 {second}"),
    "compared.row.predicts": ("It predicts", "预测内容"),
    "compared.row.made_from": ("Made from", "建模人群"),
    "compared.row.not_scored": ("Rows without its risk", "无法得出风险的行"),
    "compared.differs.outcome": ("Outcome", "结局"),
    "compared.differs.event": ("Definition of the event", "事件定义"),
    "compared.differs.time": ("Time", "时间"),
    "compared.differs.design": ("Design", "研究设计"),
    "compared.differs.use_at": ("When it is used", "使用时点"),
    "compared.differs.data": ("Data", "数据"),
    "compared.differs.population": ("Who", "研究对象"),
    "compared.note.joint": (
        "All areas together: χ² = {statistic}, df {df}, {p} (DeLong).",
        "各面积联合检验：χ² = {statistic}，自由度{df}，{p}（DeLong法）。",
    ),
    "compared.note.joint_over_time": (
        "All together: χ² = {statistic}, df {df}, {p} (infinitesimal jackknife).",
        "联合检验：χ² = {statistic}，自由度{df}，{p}（无穷小刀切法）。",
    ),
    "compared.note.bootstrap": (
        "Percentile intervals of {resamples} bootstrap resamples of patients, the same for all "
        "models. A Brier score is the better the lower.",
        "区间为{resamples}次患者自助抽样的百分位数，各模型共用同一抽样。Brier评分越低越好。",
    ),
    "compared.note.benefit": (
        "Net true positives per patient, with percentile intervals.",
        "每例患者的净真阳性数及百分位区间。",
    ),
    "compared.note.agreement": (
        "Risks in percentage points. Correlation: Pearson's of the log-odds; Spearman's of the "
        "risks in brackets.",
        "风险以百分点计。相关系数：对数比值的Pearson相关，括号内为风险的Spearman相关。",
    ),
    # figures
    "figure.compared.flow": (
        "From the rows of the file to the patients on whom all models are measured.",
        "由文件各行到全部模型共同评价的患者。",
    ),
    "figure.compared.roc": (
        "ROC curves on the same patients, with the areas and their 95 % intervals.",
        "各模型在相同患者中的ROC曲线，附曲线下面积及95%区间。",
    ),
    "figure.compared.calibration": (
        "Calibration on the same patients: observed share against predicted risk.",
        "各模型在相同患者中的校准曲线：观察比例与预测风险。",
    ),
    "figure.compared.decision": (
        "Decision curves on the same patients, the models as they stand.",
        "各模型在相同患者中的决策曲线（模型不作改动）。",
    ),
    "figure.compared.joint": (
        "Risk by one model against risk by another. On the dotted line both say the same; thin "
        "lines are the thresholds.",
        "两个模型对同一患者的风险。虚线上两者一致，细线为阈值。",
    ),
    # methods
    "compared.methods": (
        "Each model was applied as it stands to the rows that all of them can score. Areas were "
        "compared by DeLong's test for correlated curves, two and more; differences in Brier score "
        "and net benefit by {resamples} bootstrap resamples of patients shared by all models (seed "
        "{seed}); agreement by Bland and Altman's limits.",
        "各模型按原样应用于全部模型均可评分的行。曲线下面积以相关曲线的DeLong检验（两个及以上）比较；"
        "Brier评分与净获益之差由各模型共用的{resamples}次患者自助抽样得出（种子{seed}）；一致性采用Bland-Altman界限。",
    ),
    "compared.methods.over_time": (
        "Each model was applied as it stands to the rows that all of them can score. Harrell's "
        "concordances of events by the horizon were compared by the infinitesimal jackknife; "
        "differences in Brier score and net benefit, with weights for censoring, by {resamples} "
        "bootstrap resamples of patients shared by all models (seed {seed}); agreement by Bland "
        "and Altman's limits.",
        "各模型按原样应用于全部模型均可评分的行。截至该时间点的Harrell一致性指数以无穷小刀切法比较；"
        "Brier评分与净获益之差（以删失加权）由各模型共用的{resamples}次患者自助抽样得出（种子{seed}）；一致性采用Bland-Altman界限。",
    ),
    "compared.limits.winner": (
        "The model that does best here was picked by these patients; on the next ones its lead "
        "will be smaller.",
        "此处表现最佳的模型由本组患者选出；在其他患者中其优势会更小。",
    ),
}
