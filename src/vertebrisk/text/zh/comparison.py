"""What repeated scores and two readers give rise to say, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "{n} visit": "{n}个随访时点",
    "{n} infinite value": "{n}个无穷大的值",
    "{n} group": "{n}个组",
    # tests of Table 1
    "{n} expected count": "{n}个格子的期望频数",
    "{groups} without values {are} left out": "{groups}没有值，未纳入检验",
    "the values do not vary within the groups": "各组内的值没有变化",
    "{expected_counts} {are} below 5": "{expected_counts}小于5",
    "Fisher's exact test is too large to compute here; Pearson instead, {caution}": (
        "Fisher精确检验计算量过大，改用Pearson卡方检验，{caution}"
    ),
    "Not computed: {reason}": "未计算：{reason}",
    "no matched set has a case and a control with a value": (
        "没有匹配组同时含有值已知的病例与对照"
    ),
    "the same in all members of each matched set": "各匹配组内成员取值相同",
    "the table does not allow it": "该表无法检验",
    "there are infinite values": "存在无穷大的值",
    "fewer than two groups have values": "有值的组不足两个",
    "all values are equal": "所有值相等",
    "a group has a single value": "有一组只有一个值",
    "only one level occurs": "只出现一个分类水平",
    # agreement
    "Only one of the readers '{first}' and '{second}' used the {level} {levels}.": (
        "阅片者“{first}”与“{second}”中仅一人使用了水平{levels}。"
    ),
    "Look whether both used one coding; if they did, this is disagreement and counts.": (
        "请核对两人是否使用同一编码；如是，则属判读不一致，应计入。"
    ),
    "Readers '{first}' and '{second}' gave every patient the same level, so kappa does not "
    "exist.": "阅片者“{first}”与“{second}”对每位患者的判读均为同一水平，因此kappa无定义。",
    "Quote the share of agreement; agreement on a sign needs patients with and without it.": (
        "请报告一致率；评价某一征象的一致性须同时有阳性与阴性患者。"
    ),
    "{rows} without both readings ('{first}', '{second}') {takes} no part in the agreement.": (
        "{rows}缺少两次判读之一（“{first}”“{second}”），未纳入一致性分析。"
    ),
    "Say how many were read by both, and how they were chosen.": (
        "请说明两人均判读的例数及其选取方式。"
    ),
    "No reading differs from patient to patient in '{first}' and in '{second}', so the "
    "intraclass correlation does not exist.": (
        "“{first}”与“{second}”的读数在患者之间均无差别，因此组内相关系数无定义。"
    ),
    "Quote the limits of agreement; the correlation needs patients who differ.": (
        "请报告一致性界限；相关系数要求患者之间存在差异。"
    ),
    # repeated scores
    "There is no repeated-measures ANOVA: {note}.": "未作重复测量方差分析：{note}。",
    "fewer than two visits have scores": "有评分的时点不足两个",
    "fewer than two patients have every score": "各时点评分齐全的患者不足两例",
    "no patient's score changed": "所有患者的评分均无变化",
    "a group has fewer than two patients with every score": "有一组评分齐全的患者不足两例",
    "every patient's score changed by the same amount": "所有患者的评分变化量相同",
    "Compare the cells with the source; quote the description of the visits only.": (
        "请将这些单元格与原始记录核对；仅报告各时点的描述统计。"
    ),
    "{patients} {have} a score at every visit; tests and intervals rest on them alone.": (
        "{patients}各时点评分齐全；检验与区间仅以此为据。"
    ),
    "Read the intervals rather than the p values, and say how few they are.": (
        "请解读区间而非P值，并说明例数之少。"
    ),
    "{patients} without a group {are} left out of the repeated scores.": (
        "{patients}没有分组，未纳入重复评分的分析。"
    ),
    "Complete the group from the records.": "请查阅病历补全分组。",
    "Visit '{name}' has no score of any patient; it is left out of every test.": (
        "时点“{name}”没有任何患者的评分；未纳入任何检验。"
    ),
    "Take the visit out, or correct its column.": "请删除该时点，或更正其列名。",
    "Quote the mixed model, which uses every score that was taken.": (
        "请报告混合模型，它使用了全部已有评分。"
    ),
    "Complete the scores from the records; no mixed model can be fitted to these.": (
        "请查阅病历补全评分；这些数据无法拟合混合模型。"
    ),
    "{left_out} of {patients} {lacks} a score at some visit; ANOVA and Friedman's test use the "
    "{n} who were seen at every visit.": (
        "{patients}中有{left_out}例缺少某一时点的评分；方差分析与Friedman检验使用各时点均有评分的"
        "{n}例。"
    ),
    "Patients who come back may differ from those who do not. A mixed model is right where "
    "absence depends on scores that were seen (missing at random), complete cases only where it "
    "depends on nothing (Laird and Ware 1982, doi:10.2307/2529876).": (
        "按时复诊的患者可能与未复诊者不同。若缺失取决于已观察到的评分（随机缺失），混合模型适用；"
        "完整病例分析仅在缺失与任何因素无关时适用（Laird和Ware 1982，doi:10.2307/2529876）。"
    ),
    "The variances of the differences between visits are not equal (Mauchly's test); the "
    "uncorrected p value of the ANOVA is too small.": (
        "各时点差值的方差不相等（Mauchly检验）；方差分析未校正的P值偏小。"
    ),
    "Quote the Greenhouse-Geisser p value.": "请报告Greenhouse-Geisser校正的P值。",
    "Sphericity is what the F distribution of a repeated-measures ANOVA supposes (Greenhouse and "
    "Geisser 1959, doi:10.1007/BF02289823).": (
        "球形性是重复测量方差分析F分布的前提（Greenhouse和Geisser 1959，doi:10.1007/BF02289823）。"
    ),
}
