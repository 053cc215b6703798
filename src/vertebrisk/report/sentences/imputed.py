"""Texts of studies with imputed values: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "imputation": ("Missing values", "缺失值"),
    "role.candidate": ("candidate", "候选因子"),
    "role.auxiliary": ("auxiliary", "辅助变量"),
    "role.stratum": ("stratum", "分层变量"),
    "role.source": ("source of a computed variable", "计算变量的来源"),
    "impute.pmm": ("predictive mean matching", "预测均值匹配"),
    "impute.linear": ("linear regression", "线性回归"),
    "impute.logistic": ("logistic regression", "logistic回归"),
    "impute.polytomous": ("polytomous regression", "多分类logistic回归"),
    "impute.ordered": ("ordered regression", "有序logistic回归"),
    "impute.passive": ("computed from others", "由其他变量计算"),
    "imputed.role": ("Part", "角色"),
    "imputed.method": ("Drawn by", "插补方法"),
    "imputed.all": ("All", "全部"),
    "imputed.event": ("With the event", "发生事件者"),
    "imputed.none": ("Without", "未发生者"),
    "imputed.event@survival": ("Event seen", "观察到事件者"),
    "imputed.none@survival": ("Event not seen", "未观察到事件者"),
    "imputed.follow_up": ("Median follow-up", "中位随访"),
    "imputed.value_missing": ("value missing", "缺失者"),
    "imputed.value_known": ("value known", "未缺失者"),
    "imputed.pattern": ("Missing together", "共同缺失的变量"),
    "imputed.nothing": ("nothing missing", "无缺失"),
    "imputed.rare": ("patterns of fewer than 5 patients", "不足5例的模式"),
    "imputed.patients": ("Patients", "患者数"),
    "imputed.information": ("Missing information (%)", "缺失信息比例（%）"),
    "imputed.pooled": ("Imputed", "插补后"),
    "imputed.complete": ("Complete cases", "完整病例"),
    "fit.imputations": ("Imputations", "插补次数"),
    "fit.c_index_low": ("C-index, lower limit", "C指数下限"),
    "fit.c_index_high": ("C-index, upper limit", "C指数上限"),
    "fit.missing_information": (
        "Largest fraction of missing information",
        "缺失信息比例最大值",
    ),
    # methods and results
    "imputation.opening": (
        "{n_incomplete} of {n} patients, {events} of them with the event, lacked at least one "
        "candidate (Table {table}). They were kept, and what was missing was imputed "
        "{imputations} times.",
        "{n}例中{n_incomplete}例至少缺失一个候选因子，其中{events}例发生事件（表{table}）。"
        "这些患者均予保留，缺失值插补{imputations}次。",
    ),
    "imputation.by_outcome": (
        "How often each variable was missing in patients with and without the event is in Table "
        "{table}.",
        "各变量在发生与未发生事件者中的缺失情况见表{table}。",
    ),
    "imputation.by_outcome@survival": (
        "Table {table} has how often each variable was missing by whether the event was seen. Who "
        "was not seen to have it may have been followed too briefly, so the tests compare how soon "
        "the event came in patients with and without the value.",
        "表{table}按是否观察到事件列出各变量的缺失情况。未观察到事件者可能随访过短，故检验比较的是缺失者与未缺失者事件发生的快慢。",
    ),
    "imputation.check": (
        "Means and standard deviations of the imputed values should mix freely and show no trend "
        "over the rounds. Imputed values may differ from the known ones where other data explain "
        "it; a difference that nothing explains calls for another look.",
        "插补值的均值与标准差应随轮次自由混合且无趋势。插补值与已知值的分布可以不同，但应能由其他数据解释；无法解释的差异需要复查。",
    ),
    "imputation.beside": (
        "Table {table} has the same model in the {n} patients ({events} with the event) whose "
        "data are complete, beside the imputed one. Its apparent C-index was {c_index}.",
        "表{table}将数据完整的{n}例（{events}例发生事件）所得的同一模型与插补后的模型并列，其表观C指数为{c_index}。",
    ),
    "imputation.no_beside": (
        "Patients with complete data allow no model that could stand beside the imputed one.",
        "数据完整的患者不足以拟合可作对照的模型。",
    ),
    "validation.separated_imputed": (
        "{n} of the resamples had no finite maximum-likelihood estimate in one of their tables. "
        "They are left out, so that the corrected performance is too favourable.",
        "{n}次抽样的某个插补表不存在有限的极大似然估计，已剔除，故校正后的性能偏于乐观。",
    ),
    # tables
    "caption.missing_patterns": ("What is missing together", "缺失模式"),
    "caption.missingness": ("Missing values by outcome", "按结局分组的缺失情况"),
    "caption.imputed_model": (
        "Multivariable logistic regression, pooled over imputations",
        "多因素logistic回归（多重插补合并）",
    ),
    "caption.imputed_model@cox": (
        "Multivariable Cox regression, pooled over imputations",
        "多因素Cox回归（多重插补合并）",
    ),
    "caption.missingness@survival": (
        "Missing values by event and length of follow-up",
        "按事件与随访时间的缺失情况",
    ),
    "caption.complete_cases": ("Imputed and complete-case model", "插补模型与完整病例模型"),
    "note.imputed": (
        "t² in place of Wald's statistic, F (D1) for variables of several levels; P from t and F. "
        "Missing information: the fraction of what is to be known of a coefficient that is lost "
        "to missing values.",
        "以t²代替Wald统计量，多水平变量为F（D1）；P值由t和F分布求得。缺失信息比例：系数信息中因缺失而丧失的部分。",
    ),
    "note.imputed_firth": (
        "Estimated by Firth's penalised likelihood in every imputed table. Unless Wald's intervals "
        "were asked for, single coefficients have the squared normal deviate in place of Wald's "
        "statistic, with P and intervals from the tables' profile penalised likelihoods combined "
        "(CLIP); the intercept after FLIC has t² and Rubin's interval. Variables of several levels "
        "have F (D1). Missing information: the fraction of what is to be known of a coefficient "
        "that is lost to missing values.",
        "每个插补表均采用Firth惩罚似然估计。除另行指定Wald区间外，单个系数以正态离差的平方代替Wald统计量，"
        "P值与区间由各表剖面惩罚似然合并（CLIP）求得；FLIC后的截距用t²与Rubin区间。多水平变量为F（D1）。"
        "缺失信息比例：系数信息中因缺失而丧失的部分。",
    ),
    "note.imputed_alone": (
        "t² in place of Wald's statistic, F (D1) for variables of several levels; pooled over "
        "imputations.",
        "以t²代替Wald统计量，多水平变量为F（D1）；跨插补表合并。",
    ),
    "note.missingness": (
        "P of Pearson's chi-square test, or of Fisher's where an expected count is below 5.",
        "P值为Pearson卡方检验，期望频数小于5时用Fisher检验。",
    ),
    "note.missingness@survival": (
        "P of the log-rank test between patients in whom the value is missing and known; "
        "follow-up by reverse Kaplan-Meier.",
        "P值为缺失者与未缺失者之间的对数秩检验；随访时间用反向Kaplan-Meier法。",
    ),
    "note.hazards_pooled": (
        "The tables' statistics are pooled as D2, an F statistic.",
        "各插补表的统计量以D2合并，为F统计量。",
    ),
    "note.complete_cases": (
        "Complete cases: {n} patients, {events} with the event; imputed: {all} and {all_events}. "
        "The predictors are those of the imputed model.",
        "完整病例：{n}例，{events}例发生事件；插补：{all}例，{all_events}例。预测因子取自插补模型。",
    ),
    # figures
    "figure.missing_patterns": (
        "What is missing together: a column for each pattern with its number of patients; filled, "
        "missing. Patterns of fewer than 5 patients are left out.",
        "缺失模式：每列一种模式及其患者数，实心为缺失。不足5例的模式未列出。",
    ),
    "figure.convergence": (
        "Convergence: mean and standard deviation of the imputed values over the rounds, a line "
        "for each imputation.",
        "收敛情况：各轮插补值的均值与标准差，每条线为一次插补。",
    ),
    "figure.imputed_values": (
        "Known and imputed values: densities of numbers, shares of levels.",
        "已知值与插补值：数值变量为密度，分类变量为构成比。",
    ),
}
