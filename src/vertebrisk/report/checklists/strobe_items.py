"""Items of STROBE for cohort and case-control studies, in short words of our own.

von Elm et al. 2007, doi:10.1371/journal.pmed.0040296.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

from vertebrisk.report.checklists.content import Item

SOURCE = "von Elm et al. 2007, PLoS Med 4:e296, doi:10.1371/journal.pmed.0040296"

_FIRST = (
    Item("1a", "title_abstract", "Design named in title or abstract", "标题或摘要注明研究设计"),
    Item("1b", "title_abstract", "Informative abstract", "摘要内容充分"),
    Item("2", "introduction", "Background and rationale", "背景与理由"),
    Item("3", "introduction", "Objectives", "研究目的"),
    Item("4", "methods", "Study design", "研究设计"),
    Item("5", "methods", "Setting, places and dates", "场所、地点与日期"),
)
_COHORT_PATIENTS = (
    Item("6a", "methods", "Eligibility, and how patients were followed", "入选标准与随访方式"),
    Item("6b", "methods", "Matching of exposed and unexposed", "暴露与非暴露者的匹配"),
)
_CONTROL_PATIENTS = (
    Item(
        "6a", "methods", "Eligibility, choice of cases and controls", "入选标准、病例与对照的选取"
    ),
    Item("6b", "methods", "Matching, controls per case", "匹配标准与每例对照数"),
)
_METHODS = (
    Item("7", "methods", "Outcomes and predictors defined", "结局与预测因子的定义"),
    Item("8", "methods", "How each was measured", "各变量的测量方法"),
    Item("9", "methods", "Steps against bias", "控制偏倚的措施"),
    Item("10", "methods", "Study size", "样本量"),
    Item("11", "methods", "Handling of numbers, groupings", "定量变量的处理与分组"),
    Item("12a", "methods", "Statistical methods, confounding", "统计方法与混杂控制"),
    Item("12b", "methods", "Subgroups and interactions", "亚组与交互作用"),
    Item("12c", "methods", "Missing data", "缺失数据"),
)
_COHORT_LOSS = Item("12d", "methods", "Loss to follow-up", "失访的处理")
_CONTROL_MATCHING = Item("12d", "methods", "Matching in the analysis", "分析中对匹配的处理")
_RESULTS = (
    Item("12e", "methods", "Sensitivity analyses", "敏感性分析"),
    Item("13a", "results", "Numbers at each stage", "各阶段例数"),
    Item("13b", "results", "Reasons for leaving", "退出原因"),
    Item("13c", "results", "Flow diagram", "流程图"),
    Item("14a", "results", "Characteristics of participants", "研究对象特征"),
    Item("14b", "results", "Missing values by variable", "各变量缺失数"),
)
_COHORT_TIME = Item("14c", "results", "Follow-up time", "随访时间")
_COHORT_EVENTS = Item("15", "results", "Outcome events", "结局事件数")
_CONTROL_EXPOSURE = Item(
    "15", "results", "Predictors among cases and controls", "病例与对照的因素分布"
)
_LAST = (
    Item("16a", "results", "Unadjusted and adjusted estimates", "未校正与校正估计"),
    Item("16b", "results", "Boundaries of categories", "分类界值"),
    Item("16c", "results", "Absolute risks", "绝对风险"),
    Item("17", "results", "Other analyses", "其他分析"),
    Item("18", "discussion", "Key results", "主要结果"),
    Item("19", "discussion", "Limitations", "局限性"),
    Item("20", "discussion", "Interpretation", "结果解释"),
    Item("21", "discussion", "Generalisability", "外推性"),
    Item("22", "other", "Funding", "资助"),
)

COHORT_ITEMS = (
    *_FIRST,
    *_COHORT_PATIENTS,
    *_METHODS,
    _COHORT_LOSS,
    *_RESULTS,
    _COHORT_TIME,
    _COHORT_EVENTS,
    *_LAST,
)
CASE_CONTROL_ITEMS = (
    *_FIRST,
    *_CONTROL_PATIENTS,
    *_METHODS,
    _CONTROL_MATCHING,
    *_RESULTS,
    _CONTROL_EXPOSURE,
    *_LAST,
)
