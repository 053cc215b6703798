"""Sentences about matched sets: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "matching": ("Matched sets", "匹配组"),
    "no_risk": ("What matched sets cannot tell", "匹配研究不能回答的问题"),
    "sets": ("Matched sets", "匹配组"),
    "test.conditional": ("Conditional score", "条件计分检验"),
    "left.set-missing": ("matched set missing", "未注明匹配组"),
    "left.set-idle": ("matched sets without a case or a control", "匹配组无病例或无对照"),
    "fit.n_sets": ("Matched sets", "匹配组数"),
    "caption.matched_sets": ("Composition of the matched sets", "匹配组的构成"),
    "caption.varying_sets": (
        "Matched sets in which members differ",
        "组内成员取值不同的匹配组",
    ),
    "matched.cases": ("Cases", "病例"),
    "matched.controls": ("Controls", "对照"),
    "matched.sets": ("Sets", "组数"),
    "matched.other": ("Other compositions", "其他构成"),
    "matched.differing": ("Sets that differ (%)", "存在差异的组（%）"),
    "note.varying_sets": (
        "Sets in which all members have one value of a candidate say nothing of it.",
        "组内成员取值全部相同的匹配组不提供该因子的信息。",
    ),
    "matching.sets": (
        "{cases} cases and {controls} controls make {sets} matched sets (Table {table}){matched}. "
        "Each case is compared with the controls of its own set only, {pairs} pairs in all.",
        "{cases}例病例与{controls}例对照组成{sets}个匹配组（表{table}）{matched}。每例病例仅与本组对照比较，"
        "共{pairs}对。",
    ),
    "matching.on": (", matched on {variables}", "，匹配因素：{variables}"),
    "matching.told": (
        "What the sets were matched on has no estimate of its own. Of every other candidate only "
        "the sets in which members differ say something (Table {table}).",
        "匹配因素本身没有估计值；其他候选因子的信息仅来自组内取值不同的匹配组（表{table}）。",
    ),
    "no_risk.what": (
        "There is no absolute risk here, and nothing that is made of risks: no calibration, no "
        "net benefit, no predictive value, no threshold, no scale of risk under a nomogram and no "
        "calculator. How many patients have the event was fixed by taking controls for each case, "
        "and the effects of what was matched were taken away with it.",
        "本研究不提供绝对风险，也不提供由风险得出的任何结果：没有校准、净获益、预测值、阈值、列线图风险轴与计算器。"
        "病例与对照的比例由抽样设计决定，匹配因素的作用也随之消去。",
    ),
    "no_risk.instead": (
        "What is left is odds ratios, and how well the model ranks cases above the controls of "
        "their set. For risks, fit the model in a cohort of all patients, or estimate an intercept "
        "there.",
        "可以给出的是比值比，以及模型在组内将病例排在对照之前的能力。若需风险，应在全体患者的队列中建模，"
        "或在其中估计截距。",
    ),
    "c_apparent@conditional": ("C-index within sets, apparent", "组内C指数（表观）"),
    "c_corrected@conditional": ("C-index within sets, corrected", "组内C指数（校正）"),
    "slope_corrected@conditional": ("Slope within sets, corrected", "组内斜率（校正）"),
    "measure.c_index@conditional": ("C-index within sets", "组内C指数"),
    "measure.dxy@conditional": ("Somers' Dxy within sets", "组内Somers Dxy"),
    "measure.slope@conditional": ("Slope within sets", "组内斜率"),
    "fit.c_index@conditional": ("C-index within sets, apparent", "组内C指数（表观）"),
    "risk_model_report@conditional": ("Report on matched sets", "匹配研究报告"),
    "events@conditional": ("Cases", "病例"),
    "summary.purpose@conditional": (
        "This report compares cases ({outcome}, {time_point}) with the controls matched to them. "
        "It says which factors, known {use_at}, go with being a case. It gives no risk: matched "
        "sets cannot tell one.",
        "本报告将病例（“{outcome}”，{time_point}）与其匹配对照比较，说明{use_at}已知的哪些因素与成为病例有关。"
        "匹配研究不能给出风险。",
    ),
    "summary.empty@conditional": (
        "No predictor was selected, so cases and controls of a set cannot be told apart.",
        "没有预测因子入选，无法区分组内的病例与对照。",
    ),
    "participants.clustered@conditional": (
        "They came from {n_patients} patients; the sets are taken for independent.",
        "来自{n_patients}例患者；各匹配组视为相互独立。",
    ),
    "univariable.screened@conditional": (
        "Each of {n_candidates} candidates was related to {outcome} by a conditional logistic "
        "model of its own (Table {table}).",
        "对{n_candidates}个候选因子分别与“{outcome}”作单因素条件logistic回归（表{table}）。",
    ),
    "caption.univariable@conditional": (
        "Univariable conditional logistic regression",
        "单因素条件logistic回归",
    ),
    "caption.multivariable@conditional": (
        "Multivariable conditional logistic regression",
        "多因素条件logistic回归",
    ),
    "caption.performance@conditional": (
        "Performance within sets, apparent and corrected for optimism",
        "组内表现：表观与乐观校正",
    ),
    "multivariable.intercept_only@conditional": (
        "No candidate was selected, so there is no model of {outcome}.",
        "没有候选因子入选，因而没有“{outcome}”的模型。",
    ),
    "multivariable.equation@conditional": (
        "The log odds, up to a constant of each matched set, are:",
        "对数比值（各匹配组相差一个常数）为：",
    ),
    "nomogram@conditional": ("Nomogram of odds ratios", "比值比列线图"),
    "nomogram.reading@conditional": (
        "For each variable, find the patient's value, go straight up to the scale of points and "
        "note the number. Add the points up. Find the sum on the scale of total points, and go "
        "straight down to read the odds ratio against the reference patient. It is no risk.",
        "对每个变量，找到患者的取值，垂直向上在得分轴上读取分数；将各项分数相加，在总分轴上找到总和，"
        "再垂直向下读取相对于参照患者的比值比。它不是风险。",
    ),
    "nomogram.reference": (
        "The reference patient: {patient}. The comparison holds between patients who agree in what "
        "the sets were matched on.",
        "参照患者：{patient}。比较仅适用于匹配因素相同的患者。",
    ),
    "figure.nomogram@conditional": (
        "Nomogram of odds ratios against the reference patient; it shows no risk.",
        "相对于参照患者的比值比列线图，不显示风险。",
    ),
    "caption.total@conditional": (
        "Odds ratio against the reference patient by total points",
        "总分与相对于参照患者的比值比",
    ),
    "discrimination.auc@conditional": (
        "The share of pairs of a case and a control of its set in which the model gave the case "
        "the higher odds, ties by half, was {auc}: the C-index within sets. This apparent value "
        "flatters the model.",
        "在病例与本组对照的全部配对中，模型对病例给出较高比值的比例（并列计半）即组内C指数，为{auc}。该表观值会高估模型表现。",
    ),
    "validation.slope@conditional": (
        "The coefficients' slope in new sets is expected to be {slope}, with its 95 % range over "
        "the resamples; below 1 the odds ratios lie too far from 1.",
        "系数在新匹配组中的预期斜率为{slope}（括号内为各次抽样的95%范围）；小于1说明比值比偏离1过远。",
    ),
    "validation.c@conditional": (
        "With {resamples} bootstrap resamples of whole sets, {procedure}, the C-index within sets "
        "went from {apparent} to {corrected}, an optimism of {optimism}.",
        "以匹配组为单位自助抽样{resamples}次，{procedure}，组内C指数由{apparent}校正为{corrected}（乐观度{optimism}）。",
    ),
    "validation.nothing_selected@conditional": (
        "No predictor was selected, so no pair is ranked; what cannot be compared with the "
        "resamples has no corrected value.",
        "没有预测因子入选，配对无法排序；不能与抽样比较的指标没有校正值。",
    ),
    "validation.separated@conditional": (
        "{n} of the resamples had no finite maximum-likelihood estimate. They are kept for the "
        "C-index and Dxy, whose limits exist; the slope is summarised over the others and is "
        "therefore too favourable.",
        "{n}次抽样不存在有限的极大似然估计。C指数与Dxy的极限存在，故予保留；斜率仅对其余抽样汇总，因而偏于乐观。",
    ),
    "note.range@conditional": (
        "Interval of the slope: 2.5 to 97.5 % range over the resamples.",
        "斜率的区间为各次抽样的2.5%至97.5%范围。",
    ),
    "limits.use@conditional": (
        "The odds ratios support research about {outcome} ({time_point}). They give no risk for a "
        "patient, and none can be calculated from them.",
        "比值比用于支持与“{outcome}”（{time_point}）有关的研究；不能给出患者的风险，也不能由其计算风险。",
    ),
    "limits.association@conditional": (
        "Odds ratios describe association inside matched sets. Changing a predictor need not "
        "change the outcome.",
        "比值比描述匹配组内的关联；改变某一预测因子未必改变结局。",
    ),
}
