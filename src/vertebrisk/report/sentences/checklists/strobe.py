"""What a run says to items that STROBE alone has."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "fill.design_named": (
        "Design: {design}. To name it in title or abstract: for the authors.",
        "研究设计：{design}。由作者在标题或摘要中注明。",
    ),
    "fill.design": ("Design: {design}.", "研究设计：{design}。"),
    "fill.how_followed": (
        "How patients were followed: for the authors.",
        "随访方式由作者说明。",
    ),
    "fill.controls": (
        "Cases {cases}, controls {controls}. Where and how they were found: for the authors.",
        "病例{cases}，对照{controls}。其来源与选取方式由作者说明。",
    ),
    "fill.not_matched_cohort": ("Nobody was matched.", "未作匹配。"),
    "fill.not_matched": ("Controls were not matched to cases.", "对照未与病例匹配。"),
    "fill.not_named": ("what the protocol does not name", "方案未注明的因素"),
    "fill.matched_on": (
        "{n} sets, matched on {on}; how many cases and controls each has stands in the table. "
        "How they were matched: for the authors.",
        "共{n}组，按{on}匹配；各组病例与对照数见表。匹配方法由作者说明。",
    ),
    "fill.matched_unset": (
        "Matched on {on}; the protocol names no sets. How they were matched: for the authors.",
        "按{on}匹配；方案未注明匹配组。匹配方法由作者说明。",
    ),
    "fill.interactions": (
        "Prespecified interactions: {names}. No subgroup was examined.",
        "预先规定的交互作用：{names}。未分析亚组。",
    ),
    "fill.no_interactions": (
        "No subgroup and no interaction was examined.",
        "未分析亚组或交互作用。",
    ),
    "fill.loss_censored": (
        "{n} whose follow-up ended without an event count until then (censored).",
        "{n}例随访结束时无事件，计入至该时点（删失）。",
    ),
    "fill.loss_left_out": (
        "{n} whose outcome is not known were left out.",
        "结局不明的{n}例被剔除。",
    ),
    "fill.no_loss": (
        "The outcome is known of all who met the criteria.",
        "符合标准者的结局全部已知。",
    ),
    "fill.conditional": (
        "Conditional on the sets: each case is compared with the controls of its own set.",
        "以匹配组为条件：各病例仅与同组对照比较。",
    ),
    "fill.matching_ignored": (
        "The analysis takes cases and controls for independent; see the finding.",
        "分析将病例与对照视为独立，见所列问题。",
    ),
    "fill.beside_complete": (
        "Complete cases beside the imputed analysis.",
        "插补分析旁列完整病例分析。",
    ),
    "fill.beside_logistic": (
        "A logistic model of the same events.",
        "同一事件的logistic模型。",
    ),
    "fill.beside_weighted": (
        "Weighting beside the correction of the intercept.",
        "截距校正旁列加权分析。",
    ),
    "fill.beside_instability": (
        "Stability of each patient's risk over the resamples.",
        "各次抽样中患者风险的稳定性。",
    ),
    "fill.no_sensitivity": ("None was made.", "未作敏感性分析。"),
    "fill.nobody_left": ("Nobody left.", "无人退出。"),
    "fill.left": ("{steps}.", "{steps}。"),
    "fill.diagram": ("Drawn from the counts of the run.", "由本次运行的计数绘制。"),
    "fill.events": (
        "Analysed {n}, with the event {events}.",
        "分析{n}，发生事件{events}。",
    ),
    "fill.exposure": (
        "Each of {n} variables among cases and controls.",
        "病例与对照中{n}个变量的分布。",
    ),
    "fill.estimates": (
        "Each factor alone, and together with the others, with 95 % intervals. Which of them were "
        "adjusted for as confounders, and why: for the authors.",
        "各因素的单因素及多因素估计与95%区间。哪些作为混杂因素校正及理由由作者说明。",
    ),
    "fill.estimates_penalised": (
        "Each factor alone with its interval, and together under a penalty, where the spread over "
        "resamples takes the place of an interval.",
        "各因素的单因素估计与区间；多因素为惩罚估计，以各次抽样的离散程度代替区间。",
    ),
    "fill.boundaries": (
        "Variables with levels: {n}, as the protocol lists them. Where they were cut: for the "
        "authors.",
        "{n}个分类变量，水平见方案。分界值由作者说明。",
    ),
    "fill.boundaries_cut": (
        "Variables with levels: {n}, as the protocol lists them; a number was cut, see the "
        "finding. Why there: for the authors.",
        "{n}个分类变量，水平见方案；其中有由连续变量分组者，见所列问题。分界理由由作者说明。",
    ),
    "fill.no_categories": ("No candidate has levels.", "候选因子均非分类变量。"),
    "fill.absolute": (
        "Risks for every total of points, and in the calculator.",
        "给出各总分对应的风险，并可由计算器得出。",
    ),
    "fill.no_absolute": (
        "Matched sets tell of odds ratios, not of risks.",
        "匹配设计只给出比值比，不给出风险。",
    ),
    "fill.others": ("In the sections named.", "见所列各节。"),
    "fill.no_others": ("None was made.", "未作其他分析。"),
    "fill.key_results": (
        "Numbers stand in the summary; what they mean for the objectives: for the authors.",
        "数字见摘要；其对研究目的的意义由作者说明。",
    ),
}
