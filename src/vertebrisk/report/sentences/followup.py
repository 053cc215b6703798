"""Texts on scores over follow-up and on two readers: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # headings and columns
    "followup": ("Scores over follow-up", "随访评分"),
    "agreement": ("Agreement of readers", "阅片者一致性"),
    "estimate_ci": ("Estimate (95 % CI)", "估计值（95% CI）"),
    "followup.points": ("points", "分"),
    "followup.visit": ("Visit", "随访时点"),
    "followup.everyone": ("All patients", "全部患者"),
    "followup.mean_limits": ("95 % CI of the mean", "均数95% CI"),
    "followup.n_missing": ("n/missing", "例数/缺失"),
    "followup.change_ci": ("Change (95 % CI)", "变化（95% CI）"),
    "followup.responders": ("Responders", "达标例数"),
    "followup.share": ("% (95 % CI)", "%（95% CI）"),
    "followup.pair": ("Comparison", "比较"),
    "followup.from_to": ("{later} − {earlier}", "{later} − {earlier}"),
    "followup.statistic.t": ("t", "t"),
    "followup.statistic.wilcoxon": ("V", "V"),
    "followup.dz": ("dz (95 % CI)", "dz（95% CI）"),
    "followup.d_av": ("d-av (95 % CI)", "d-av（95% CI）"),
    "followup.biserial": ("r", "r"),
    "followup.test.t": ("Paired t test", "配对t检验"),
    "followup.test.wilcoxon": ("Wilcoxon signed rank", "Wilcoxon符号秩检验"),
    "followup.test.anova": ("Repeated-measures ANOVA", "重复测量方差分析"),
    "followup.test.friedman": ("Friedman", "Friedman检验"),
    "followup.test.mixed": ("Mixed model", "混合效应模型"),
    "followup.effect": ("Effect", "效应"),
    "followup.p_gg": ("P (G-G)", "P（G-G）"),
    "followup.p_hf": ("P (H-F)", "P（H-F）"),
    "followup.size": ("Effect size", "效应量"),
    "followup.eta": ("η²p / η²G {values}", "η²p / η²G {values}"),
    "followup.kendall": ("Kendall's W {values}", "Kendall W {values}"),
    "followup.marginal": ("Marginal mean (95 % CI)", "边际均数（95% CI）"),
    "followup.difference": ("Difference of change (95 % CI)", "变化之差（95% CI）"),
    "agreement.share": ("Read alike", "一致比例"),
    "agreement.kappa": ("Cohen's kappa", "Cohen kappa"),
    "agreement.kappa_linear": ("Weighted kappa, linear", "线性加权kappa"),
    "agreement.kappa_quadratic": ("Weighted kappa, quadratic", "二次加权kappa"),
    "agreement.ac1": ("Gwet's AC1", "Gwet AC1"),
    "agreement.ac2_linear": ("Gwet's AC2, linear", "Gwet AC2（线性）"),
    "agreement.ac2_quadratic": ("Gwet's AC2, quadratic", "Gwet AC2（二次）"),
    "agreement.bias": ("Bias (first − second)", "偏倚（第一 − 第二）"),
    "agreement.lower": ("Lower limit of agreement", "一致性下限"),
    "agreement.upper": ("Upper limit of agreement", "一致性上限"),
    "agreement.slope": ("Slope of the difference on the mean", "差值对均值的斜率"),
    "agreement.sem": ("Standard error of measurement", "测量标准误"),
    "agreement.change": ("Smallest detectable change", "最小可检测变化"),
    # captions
    "caption.followup_visits": ("{label}: scores by visit", "{label}：各时点评分"),
    "caption.followup_changes": ("{label}: change between visits", "{label}：时点间变化"),
    "caption.followup_tests": ("{label}: tests over all visits", "{label}：全部时点的检验"),
    "caption.followup_mixed": ("{label}: mixed model", "{label}：混合效应模型"),
    "caption.followup_groups": (
        "{label}: change since the first visit, by group",
        "{label}：各组自首次时点的变化",
    ),
    "caption.agreement_categorical": ("Agreement on signs and grades", "征象与分级的一致性"),
    "caption.agreement_continuous": ("Agreement on measurements", "测量值的一致性"),
    "figure.followup": (
        "{label} over follow-up: means with 95 % intervals; pale bars span the quartiles.",
        "{label}随访变化：均数及95%区间；浅色条为四分位距。",
    ),
    "figure.followup_mixed": (
        "{label} over follow-up: means with 95 % intervals; pale bars span the quartiles, diamonds "
        "are the means of the mixed model.",
        "{label}随访变化：均数及95%区间；浅色条为四分位距，菱形为混合效应模型的边际均数。",
    ),
    "figure.agreement": (
        "{label}: difference of the two readers against their mean, with bias and limits of "
        "agreement and their 95 % intervals. Circles count patients on a grid.",
        "{label}：两位阅片者差值与均值（Bland-Altman图），附偏倚、一致性界限及其95%区间。"
        "圆圈为网格内的例数。",
    ),
    # footnotes
    "note.followup": (
        "n, patients with a score. The change since the first visit is of those with both scores.",
        "例数为有评分的患者。自首次时点的变化仅计算两次均有评分者。",
    ),
    "note.responders": (
        "Responders improved by at least {mcid} {unit} (minimal clinically important difference); "
        "Wilson interval in percent.",
        "达标：改善达到或超过{mcid}{unit}（最小临床重要差异）；区间为Wilson法（%）。",
    ),
    "note.followup_changes": (
        "P after Holm's correction over the pairs of each test and group. dz, mean change over "
        "its SD (standardised response mean); d-av, over the mean spread of the two visits; r, "
        "matched-pairs rank-biserial correlation.",
        "P值经Holm法校正，针对同一检验同一组内的全部比较。dz：平均变化/变化的标准差（标准化反应均数）；"
        "d-av：以两时点平均标准差为尺度；r：配对秩双列相关。",
    ),
    "note.complete": (
        "ANOVA and Friedman's test: {n} patients with every score; {left_out} left out. G-G, "
        "Greenhouse-Geisser; H-F, Huynh-Feldt.",
        "方差分析与Friedman检验：{n}例各时点评分完整，{left_out}例因缺失未纳入。"
        "G-G：Greenhouse-Geisser校正；H-F：Huynh-Feldt校正。",
    ),
    "note.sphericity": (
        "Mauchly's W {w}, {p}; epsilon {gg} (Greenhouse-Geisser), {hf} (Huynh-Feldt).",
        "Mauchly W {w}，{p}；ε {gg}（Greenhouse-Geisser），{hf}（Huynh-Feldt）。",
    ),
    "note.mixed": (
        "Random intercept of patients, visit as a factor, restricted maximum likelihood; {values} "
        "scores of {n} patients.",
        "患者随机截距，时点为分类变量，限制性极大似然；共{n}例{values}个评分。",
    ),
    "note.followup_groups": (
        "Change in {second} less change in {first}; Welch's interval and test. n in the same "
        "order.",
        "{second}的变化减{first}的变化（例数顺序相同）；Welch法区间与检验。",
    ),
    "note.kappa": (
        "Intervals of kappa: large-sample normal; of AC1 and AC2: t over patients; of the share: "
        "Wilson. Weights are linear or quadratic in the distance of levels.",
        "kappa区间为大样本正态法，AC1与AC2为t分布，一致比例为Wilson法。权重按分级间距的线性或二次计算。",
    ),
    "note.icc": (
        "ICC(2,·) asks for absolute agreement, ICC(3,·) for consistency; P tests a correlation of "
        "zero. Limits of agreement hold 95 % of differences.",
        "ICC(2,·)为绝对一致性，ICC(3,·)为相对一致性；P为相关系数等于零的检验。一致性界限包含95%的差值。",
    ),
    # sentences
    "followup.who": (
        "{label} was recorded at {visits} visits (n = {n}{chosen}).",
        "{label}在{visits}个时点有记录（n = {n}{chosen}）。",
    ),
    "followup.chosen": ("; those with {where}", "；{where}"),
    "followup.from": (
        "Its mean was {first} at the first visit ({first_label}) and {last} at the last "
        "({last_label}): a mean change of {change}, {p} (paired t test, Holm), dz {dz}.",
        "首次（{first_label}）均数为{first}，末次（{last_label}）为{last}，平均变化{change}"
        "（配对t检验，Holm校正，{p}），dz为{dz}。",
    ),
    "followup.anova": (
        "Over all visits, repeated-measures ANOVA with the Greenhouse-Geisser correction gave "
        "F = {f}, {p}.",
        "全部时点比较：重复测量方差分析（Greenhouse-Geisser校正）F = {f}，{p}。",
    ),
    "followup.friedman": (
        "Friedman's chi-square was {chi2} ({p}; Kendall's W {w}).",
        "Friedman卡方为{chi2}（{p}；Kendall W为{w}）。",
    ),
    "followup.interaction": (
        "No difference in course between the groups was found ({p} for group × visit).",
        "未发现各组随访变化趋势的差异（组别×时点，{p}）。",
    ),
    "followup.interaction_found": (
        "The course differed between groups ({p} for group × visit).",
        "各组随访变化趋势不同（组别×时点，{p}）。",
    ),
    "followup.response": (
        "By the last visit {count} of {n} ({share}) had improved by at least {mcid} {unit}.",
        "至末次时点，{n}例中{count}例（{share}）改善达到或超过{mcid}{unit}。",
    ),
    "followup.missing": (
        "Scores are missing at some visit in {left_out} patients; the mixed model, which uses "
        "every score, gave a change of {change} by the last visit.",
        "{left_out}例有时点缺失；混合效应模型利用全部评分，末次变化为{change}。",
    ),
    "followup.tables": ("Tables {tables} give the details.", "详见表{tables}。"),
    "followup.caution": (
        "Change after treatment without a comparison group is not the effect of the treatment: "
        "pain that led to treatment tends to fall by itself (natural course, regression to the "
        "mean).",
        "无对照组的治疗前后变化不等于治疗效果：促使患者就诊的疼痛本身有自然缓解与向均数回归的趋势。",
    ),
    "agreement.categorical": (
        "{first} and {second} read {label} alike in {share} (n = {n}){kappa}.",
        "{first}与{second}对{label}的判读一致率为{share}（n = {n}）{kappa}。",
    ),
    "agreement.with_kappa": ("; {name} was {kappa}", "，{name}为{kappa}"),
    "agreement.text.kappa": ("Cohen's kappa", "Cohen kappa"),
    "agreement.text.kappa_quadratic": ("quadratically weighted kappa", "二次加权kappa"),
    "agreement.icc": (
        "For {label} the intraclass correlation of single readings, ICC(2,1), was {icc} (n = {n}).",
        "{label}单次判读的组内相关系数ICC(2,1)为{icc}（n = {n}）。",
    ),
    "agreement.differ": (
        "{first} read {label} {bias} {more} than {second} on average, with limits of agreement "
        "from {lower} to {upper}.",
        "{label}：{first}平均比{second}{more}{bias}，一致性界限为{lower}至{upper}。",
    ),
    "agreement.more": ("more", "高"),
    "agreement.less": ("less", "低"),
    "agreement.proportional": (
        "The difference grew or fell with the size of the measurement ({p}), so one bias does not "
        "hold over the whole range.",
        "差值随测量值大小而变化（{p}），单一偏倚不适用于整个范围。",
    ),
    "agreement.limits": (
        "A predictor read with error weakens its association with the outcome, and a model takes "
        "the readings as they were.",
        "预测因子的判读误差会削弱其与结局的关联，模型按实际判读值使用。",
    ),
}
