"""Names, headings and notes of the checklists; statuses, replies and ratings."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "reply.Y": ("yes", "是"),
    "reply.PY": ("probably yes", "可能是"),
    "reply.PN": ("probably no", "可能否"),
    "reply.N": ("no", "否"),
    "reply.NI": ("no information", "无信息"),
    "reply.NA": ("not applicable", "不适用"),
    "risk_of_bias.low": ("low", "低"),
    "risk_of_bias.high": ("high", "高"),
    "risk_of_bias.unclear": ("unclear", "不清楚"),
    "checklist.bias": ("risk of bias {risk}", "偏倚风险：{risk}"),
    "checklist.quality": ("concern about quality {risk}", "质量方面的担忧：{risk}"),
    "checklist.overall": (
        "Risk of bias of the whole: {risk} ({domains}).",
        "总体偏倚风险：{risk}（{domains}）。",
    ),
    "checklist.overall_ai": (
        "Of the whole: {told} ({domains}).",
        "总体：{told}（{domains}）。",
    ),
    "checklist.overall_internal": (
        "Every domain is low, but the model was developed without an external validation, which "
        "makes the whole high; PROBAST excepts very large developments with internal validation, "
        "which is for the reader to judge.",
        "各领域均为低，但模型未经外部验证，总体应为高；PROBAST对样本量很大且经内部验证者予以例外，由读者判断。",
    ),
    "checklist.domains": (
        "A domain is low if every answer is yes or probably yes, high if any is no or probably "
        "no, else unclear. Applicability depends on the reader's question and is not rated.",
        "各领域：答案均为是或可能是则为低，有否或可能否则为高，否则为不清楚。适用性取决于读者的问题，不予评价。",
    ),
    "checklist.probast_development": (
        "Domains as in PROBAST: low if every answer is yes or probably yes, high if any is no or "
        "probably no, else unclear; an assessor may judge otherwise, with reasons. Applicability "
        "is not rated.",
        "各领域按PROBAST规则：答案均为是或可能是则为低，有否或可能否则为高，否则为不清楚；评估者可说明理由另作判断。不评价适用性。",
    ),
    "checklist.probast_evaluation": (
        "What is evaluated is the internal validation of this run. Domains are rated as above; "
        "applicability is not rated.",
        "所评价者为本次运行的内部验证。各领域的判定同上；不评价适用性。",
    ),
    "checklists": ("Reporting checklists", "报告清单"),
    "checklists.intro": (
        "Filled with what this run knows and where it stands in this report. What is marked "
        "“for the authors” the run cannot know: a manuscript is complete when these lines are.",
        "以下由本次运行所知内容填写，并注明在本报告中的位置。标为“由作者填写”者运行无从得知，补齐后稿件方为完整。",
    ),
    "checklists.count": ("{title}: {counts}.", "{title}：{counts}。"),
    "checklists.between": (", ", "，"),
    "checklists.counted": ("{verdict} {n}", "{verdict}{n}"),
    "checklist.item": ("Item", "条目"),
    "checklist.question": ("Question", "问题"),
    "checklist.verdict": ("Status", "状态"),
    "checklist.answer": ("Answer", "回答"),
    "checklist.told": ("What the run says", "本次运行的内容"),
    "checklist.reason": ("Reason", "理由"),
    "checklist.where": ("Where", "位置"),
    "checklist.source": ("Source: {source}.", "来源：{source}。"),
    "checklist.wording": (
        "Items are named in short words of our own; the statement's wording is binding.",
        "条目名称为本程序的简短表述，以原声明文字为准。",
    ),
    "checklist.statuses": (
        "Reported: said in full by this report. Partly: the rest is for the authors. A finding "
        "named beside an item touches it.",
        "已报告：本报告已完整说明。部分：其余由作者补充。条目旁所列问题与该条目有关。",
    ),
    "checklist.touches": ("Touches {items}.", "涉及：{items}。"),
    "checklist.reconstructed": (
        "The data were reconstructed from a paper's numbers: this describes the run, not the "
        "paper's study.",
        "数据由论文数字重建：此表描述本次运行，而非论文中的研究。",
    ),
    "checklist.simulated": (
        "The data were simulated: this describes the run, not a study of patients.",
        "数据为模拟生成：此表描述本次运行，而非患者研究。",
    ),
    "status.reported": ("reported", "已报告"),
    "status.partly": ("partly", "部分"),
    "status.authors": ("for the authors", "由作者填写"),
    "status.none": ("does not apply", "不适用"),
    "checklist.name.tripod": ("TRIPOD+AI", "TRIPOD+AI"),
    "checklist.name.abstract": ("TRIPOD+AI for Abstracts", "TRIPOD+AI摘要清单"),
    "checklist.name.probast": ("PROBAST", "PROBAST"),
    "checklist.name.probast_development": ("PROBAST+AI development", "PROBAST+AI开发"),
    "checklist.name.probast_evaluation": ("PROBAST+AI evaluation", "PROBAST+AI评价"),
    "checklist.name.strobe": ("STROBE", "STROBE"),
    "checklist.title.tripod": (
        "TRIPOD+AI: reporting of a prediction model",
        "TRIPOD+AI：预测模型研究的报告",
    ),
    "checklist.title.abstract": (
        "TRIPOD+AI for Abstracts",
        "TRIPOD+AI：摘要",
    ),
    "checklist.title.probast": (
        "PROBAST: risk of bias of this run",
        "PROBAST：本次运行的偏倚风险",
    ),
    "checklist.title.probast_development": (
        "PROBAST+AI: quality of the development",
        "PROBAST+AI：模型开发的质量",
    ),
    "checklist.title.probast_evaluation": (
        "PROBAST+AI: risk of bias of the evaluation",
        "PROBAST+AI：模型评价的偏倚风险",
    ),
    "checklist.title.strobe": (
        "STROBE: reporting of the factors, cohort study",
        "STROBE：危险因素的报告（队列研究）",
    ),
    "checklist.title.strobe_controls": (
        "STROBE: reporting of the factors, case-control study",
        "STROBE：危险因素的报告（病例对照研究）",
    ),
    "checklist.part.title": ("Title", "标题"),
    "checklist.part.abstract": ("Abstract", "摘要"),
    "checklist.part.title_abstract": ("Title and abstract", "标题与摘要"),
    "checklist.part.introduction": ("Introduction", "引言"),
    "checklist.part.background": ("Background", "背景"),
    "checklist.part.objectives": ("Objectives", "目的"),
    "checklist.part.methods": ("Methods", "方法"),
    "checklist.part.open": ("Open science", "开放科学"),
    "checklist.part.involvement": ("Patient and public involvement", "患者与公众参与"),
    "checklist.part.results": ("Results", "结果"),
    "checklist.part.discussion": ("Discussion", "讨论"),
    "checklist.part.registration": ("Registration", "注册"),
    "checklist.part.other": ("Other information", "其他信息"),
}
