"""Sentences about models by Firth's penalised likelihood: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "note.firth": (
        "Estimated by Firth's penalised likelihood. Unless rows are clustered or Wald's intervals "
        "were asked for, statistics of single coefficients and P values are those of penalised "
        "likelihood ratios, and intervals those of the profile penalised likelihood.",
        "采用Firth惩罚似然估计。除聚类数据或另行指定Wald区间外，单个系数的统计量与P值来自惩罚似然比，"
        "区间来自剖面惩罚似然。",
    ),
    "methods.firth": (
        "A logistic regression model was fitted by Firth's penalised likelihood, which keeps "
        "estimates finite where patients are separated and removes their first-order bias. "
        "{mean_risk}",
        "采用Firth惩罚似然拟合logistic回归模型：存在分离时估计仍有限，并消除一阶偏倚。{mean_risk}",
    ),
    "methods.firth@cox": (
        "A Cox model (ties after {ties}) was fitted by Firth's penalised partial likelihood, which "
        "keeps estimates finite where the likelihood is monotone and removes their first-order "
        "bias.",
        "采用Firth惩罚偏似然拟合Cox模型（结点处理：{ties}）：似然单调时估计仍有限，并消除一阶偏倚。",
    ),
    "methods.firth_pooled": (
        "This was done in each imputed table. Unless Wald's intervals were asked for, intervals "
        "and P values of single coefficients are those of the tables' profile penalised "
        "likelihoods combined (CLIP; Heinze, Ploner and Beyea 2013), which does not take the "
        "estimates for normally distributed.",
        "以上在每个插补表中进行。除另行指定Wald区间外，单个系数的区间与P值由各表剖面惩罚似然合并求得"
        "（CLIP；Heinze、Ploner与Beyea，2013），不假定估计量服从正态分布。",
    ),
    "methods.mean_risk_flic": (
        "The intercept was then estimated anew, so that the mean risk is the prevalence (FLIC).",
        "随后重新估计截距，使平均风险等于患病率（FLIC）。",
    ),
    "methods.mean_risk_flac": (
        "An added covariate makes the mean risk the prevalence (FLAC).",
        "通过附加协变量使平均风险等于患病率（FLAC）。",
    ),
    "methods.mean_risk_uncorrected": (
        "The mean risk is not corrected, and lies nearer to one half than the prevalence.",
        "未校正平均风险，其比患病率更接近二分之一。",
    ),
}
