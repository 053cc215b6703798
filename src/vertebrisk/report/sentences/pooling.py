"""Sentences about pooled studies: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # headings
    "pool": ("Pooled studies", "合并分析"),
    "pool.result": ("Result", "结果"),
    "pool.studies": ("Studies", "研究"),
    "pool.groups": ("Subgroups", "亚组"),
    "pool.regression": ("Meta-regression", "Meta回归"),
    "pool.leave_one_out": ("Leaving out each study", "逐一剔除"),
    "pool.funnel": ("Small studies", "小样本研究效应"),
    "pool.unused": ("Studies that give no number", "未能提供数值的研究"),
    "pool.readings": ("How each number was read", "各数值的读取方式"),
    "pool.how": ("Methods", "方法"),
    # measures
    "pool.incidence": ("Incidence", "发生率"),
    "pool.odds-ratio": ("Odds ratio", "比值比"),
    "pool.c-statistic": ("C-statistic", "C统计量"),
    "pool.oe": ("Observed/expected ratio", "观察/预期比"),
    "pool.slope": ("Calibration slope", "校准斜率"),
    "pool.incidence_ci": ("Incidence (95 % CI)", "发生率（95% CI）"),
    "pool.odds-ratio_ci": ("OR (95 % CI)", "OR（95% CI）"),
    "pool.c-statistic_ci": ("C-statistic (95 % CI)", "C统计量（95% CI）"),
    "pool.oe_ci": ("O/E (95 % CI)", "O/E（95% CI）"),
    "pool.slope_ci": ("Slope (95 % CI)", "斜率（95% CI）"),
    "pool.title": ("{measure}: {title}", "{measure}：{title}"),
    "pool.title_compared": ("{measure}: {title}, {compares}", "{measure}：{title}（{compares}）"),
    # columns
    "pool.study": ("Study", "研究"),
    "pool.kind": ("Kind", "类型"),
    "pool.definition": ("Outcome", "结局定义"),
    "pool.weight": ("Weight", "权重"),
    "pool.omitted": ("Left out", "剔除的研究"),
    "pool.group": ("Group", "组"),
    "pool.k": ("Studies", "研究数"),
    "pool.i2": ("I²", "I²"),
    "pool.tau2": ("τ²", "τ²"),
    "pool.prediction": ("Prediction interval", "预测区间"),
    "pool.term": ("Term", "项"),
    "pool.coefficient_ci": ("Coefficient (95 % CI)", "系数（95% CI）"),
    "pool.basis": ("From", "依据"),
    "pool.reason": ("Reason", "原因"),
    # kinds
    "pool.kind.adjusted": ("adjusted", "校正后"),
    "pool.kind.crude": ("crude", "未校正"),
    "pool.kind.sample": ("sample", "样本"),
    "pool.kind.population": ("population", "源人群"),
    "pool.kind.apparent": ("apparent", "表观"),
    "pool.kind.corrected": ("corrected", "校正乐观"),
    "pool.kind.external": ("external", "外部验证"),
    "pool.kind.table": ("table", "表格"),
    "pool.not_stated": ("not stated", "未说明"),
    # properties of studies
    "pool.name.threshold": ("threshold", "阈值"),
    "pool.name.time_point": ("time point", "时间点"),
    "pool.name.design": ("design", "研究设计"),
    "pool.name.outcome": ("outcome", "结局"),
    "pool.name.source": ("kind of number", "数值类型"),
    "pool.name.text": ("text at hand", "所据文本"),
    "pool.name.year": ("year", "年份"),
    "pool.name.n": ("patients", "例数"),
    "pool.name.n_events": ("events", "事件数"),
    # result
    "pool.pooled": ("Pooled", "合并值"),
    "pool.test": ("Test of no effect", "无效应检验"),
    "pool.heterogeneity": ("Between studies", "研究间异质性"),
    "pool.q": ("Cochran's Q", "Cochran Q检验"),
    "pool.lr": ("Likelihood ratio", "似然比检验"),
    "pool.between": ("Between groups", "组间差异"),
    "pool.asymmetry": ("Egger's test", "Egger检验"),
    "pool.method": ("Method", "方法"),
    "pool.k_studies": ("{k} studies", "{k}项研究"),
    "pool.with_df": ("{name} = {value}, df {df}, {p}", "{name} = {value}，自由度{df}，{p}"),
    "pool.prediction_on": ("Prediction interval ({df} df)", "预测区间（自由度{df}）"),
    "pool.prediction_normal": ("Prediction interval (normal)", "预测区间（正态）"),
    "pool.hartung_knapp": ("Hartung-Knapp", "Hartung-Knapp"),
    "pool.model.normal": ("random effects, {method}", "随机效应，{method}"),
    "pool.model.common": ("one common effect", "固定效应"),
    "pool.model.binomial-normal": (
        "binomial-normal mixed model, maximum likelihood",
        "二项-正态混合模型，极大似然",
    ),
    "pool.caption.studies": ("One number a study", "各研究的数值"),
    "pool.caption.result": ("All studies together", "全部研究合并"),
    "pool.caption.groups": ("Groups by {name}, each pooled apart", "按{name}分组，各自合并"),
    "pool.caption.regression": ("Effects regressed on {name}", "以{name}为协变量的Meta回归"),
    "pool.caption.leave_one_out": ("Pooled without each study", "逐一剔除后的合并值"),
    "pool.caption.unused": ("Studies not pooled, and why", "未纳入合并的研究及原因"),
    "pool.note.scale.logit": (
        "Pooled on the logit scale; intervals are taken back from it.",
        "在logit尺度上合并，区间由该尺度换算而来。",
    ),
    "pool.note.scale.log": (
        "Pooled on the log scale; intervals are taken back from it.",
        "在对数尺度上合并，区间由该尺度换算而来。",
    ),
    "pool.note.scale.identity": ("Pooled as it is.", "按原尺度合并。"),
    "pool.note.wilson": (
        "Intervals of single studies are Wilson's.",
        "单项研究的区间为Wilson区间。",
    ),
    "pool.note.weights": (
        "Weights of this model are shares of the patients, for orientation only.",
        "该模型的权重为患者所占比例，仅供参考。",
    ),
    "pool.note.regression": (
        "Coefficients are on the scale of pooling ({scale}).",
        "系数为合并尺度（{scale}）上的数值。",
    ),
    "pool.note.groups": (
        "Each group has a τ² of its own; a group of one study shows that study.",
        "各组分别估计τ²；仅有一项研究的组显示该研究本身。",
    ),
    # figures
    "figure.forest_pooled": (
        "Forest plot: squares are single studies, their area the weight; the diamond is the pooled "
        "number with its interval, the bar below it the interval for a new study.",
        "森林图：方块为各研究，面积表示权重；菱形为合并值及其置信区间，其下横条为新研究的预测区间。",
    ),
    "figure.funnel": (
        "Funnel plot: effect against its standard error, with the lines between which 95 % of the "
        "studies lie where all have one effect.",
        "漏斗图：效应与其标准误；若各研究效应相同，95%的研究应位于两线之间。",
    ),
    "pool.few_for_funnel": (
        "With {k} studies neither the funnel nor Egger's test can tell asymmetry from chance.",
        "仅有{k}项研究，漏斗图与Egger检验均无法区分不对称与偶然。",
    ),
    "pool.no_egger": (
        "Egger's test needs three studies whose standard errors differ.",
        "Egger检验至少需要三项标准误不同的研究。",
    ),
    "pool.new_study": (
        "A new study would find between {low} and {high} with 95 % probability, if it is like "
        "these.",
        "若与上述研究同类，新研究的结果有95%的概率介于{low}与{high}之间。",
    ),
    "pool.sentence": (
        "{k} studies together give {estimate}.",
        "{k}项研究合并得{estimate}。",
    ),
    "pool.limits": (
        "Published numbers are taken as they stand in print, with the readings that are named "
        "here. Pooling does not mend how the studies were made; what a reviewer would raise stands "
        "above. Supports research, never a diagnosis.",
        "数值均按论文印刷值采用，并采用此处注明的读法。合并不能弥补原研究设计的缺陷；审稿人可能提出的问题见上文。"
        "仅用于支持研究，不作诊断。",
    ),
}
