"""Sentences about appraisals of published studies: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "appraisal": ("Appraisal", "评价"),
    "appraisal.title": ("Appraisal of published studies", "已发表研究的评价"),
    "appraisal.one": ("How far a published study may be trusted", "一项已发表研究可信到何种程度"),
    "appraisal.several": ("How far published studies may be trusted", "已发表研究可信到何种程度"),
    "appraisal.intro": (
        "PROBAST, answered from what the file of each study says, with the reason for each answer. "
        "Where a file is silent there is no information, which is not the same as a fault.",
        "按各研究文件所载内容回答PROBAST，并附每个答案的理由。文件未说明之处即为无信息，无信息不等于缺陷。",
    ),
    "appraisal.contents": ("Contents", "目录"),
    "appraisal.beside": ("Beside each other", "并列比较"),
    "appraisal.studies_beside": ("Studies beside each other", "各研究并列比较"),
    "appraisal.sources": ("Sources", "来源"),
    "appraisal.ratings": ("Risk of bias by PROBAST", "按PROBAST评价的偏倚风险"),
    "appraisal.answers": ("Answers to the 20 questions", "20个问题的答案"),
    "appraisal.whole": ("Risk of bias: {risk}. {reason}", "偏倚风险：{risk}。{reason}"),
    "appraisal.by_probast": (
        "Risk of bias by PROBAST: {risk}. {reason}",
        "按PROBAST评价的偏倚风险：{risk}。{reason}",
    ),
    "appraisal.study": ("Study", "研究"),
    "appraisal.events": ("events", "事件"),
    "appraisal.overall": ("Overall", "总体"),
    "appraisal.question": ("Question", "问题"),
    "appraisal.answer": ("Answer", "答案"),
    "appraisal.reason": ("Reason", "理由"),
    "appraisal.place": ("Place", "出处"),
    "appraisal.domain": ("{domain}: {risk}", "{domain}：{risk}"),
    "appraisal.reply": ("{reply}: {words}", "{reply}：{words}"),
    "appraisal.legend": ("{replies}.", "{replies}。"),
    "appraisal.rule": (
        "Low if every answer of the domain is yes or probably yes, high if any is no or probably "
        "no, else unclear.",
        "领域内答案均为是或可能是则为低，有否或可能否则为高，否则为不清楚。",
    ),
    "appraisal.applicability": (
        "Applicability is not rated: whether these patients, predictors and this outcome are those "
        "of your question is for you to say.",
        "不评价适用性：这些患者、预测因子与结局是否符合您的问题，由您判断。",
    ),
}
