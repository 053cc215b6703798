"""Methods of scores over follow-up and of two readers."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "methods.scores": (
        "Scores over follow-up ({labels}) were compared between visits by {tests}.",
        "随访评分（{labels}）在各时点间的比较采用{tests}。",
    ),
    "methods.scores.t": (
        "paired t tests with Holm's correction",
        "配对t检验（Holm校正）",
    ),
    "methods.scores.wilcoxon": (
        "Wilcoxon's signed-rank tests with Holm's correction",
        "Wilcoxon符号秩检验（Holm校正）",
    ),
    "methods.scores.anova": (
        "repeated-measures analysis of variance with the Greenhouse-Geisser correction "
        "[@greenhouse1959]",
        "重复测量方差分析（Greenhouse-Geisser校正[@greenhouse1959]）",
    ),
    "methods.scores.friedman": ("Friedman's test", "Friedman检验"),
    "methods.scores.mixed": (
        "A linear mixed model with a random intercept of patients and the visit as a factor, by "
        "restricted maximum likelihood, used every recorded score.",
        "另以患者随机截距、时点为分类变量的线性混合模型（限制性极大似然）利用全部已有评分。",
    ),
    "methods.scores.difference": (
        "The share of patients who improved by the least important difference ({differences}) "
        "carries Wilson's interval [@wilson1927].",
        "改善达到最小临床重要差异（{differences}）者的比例给出Wilson区间[@wilson1927]。",
    ),
    "methods.scores.least": ("{label}: {value}", "{label}：{value}"),
    "methods.readers.categorical": (
        "Agreement of two readers on signs and grades ({labels}) is told by the share read alike, "
        "Cohen's kappa and Gwet's AC1, weighted where levels are ordered.",
        "两位阅片者对征象与分级（{labels}）的一致性以一致比例、Cohen kappa与Gwet AC1表示，"
        "有序分级采用加权。",
    ),
    "methods.readers.continuous": (
        "Agreement of two readers on measurements ({labels}) is told by intraclass correlation "
        "coefficients [@mcgraw1996] and the limits of agreement [@bland1999].",
        "两位阅片者对测量值（{labels}）"
        "的一致性以组内相关系数[@mcgraw1996]与一致性界限[@bland1999]表示。",
    ),
}
