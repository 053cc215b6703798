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
}
