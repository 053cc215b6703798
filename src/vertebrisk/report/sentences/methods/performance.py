"""Methods of performance: discrimination, validation, calibration, decisions, stability."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # discrimination
    "methods.discrimination": (
        "Discrimination is the C-index, the area under the ROC curve, with DeLong's interval "
        "[@delong1988].",
        "区分度以C指数（即ROC曲线下面积）及DeLong区间[@delong1988]表示。",
    ),
    "methods.discrimination_clustered": (
        "Discrimination is the C-index, the area under the ROC curve.",
        "区分度以C指数（即ROC曲线下面积）表示。",
    ),
    "methods.discrimination@survival": (
        "Discrimination is Harrell's C-index with its jackknife interval, and the "
        "cumulative/dynamic AUC at the horizons, weighted by the inverse probability of censoring "
        "[@harrell1996,blanche2013].",
        "区分度以Harrell C指数（刀切法区间）及各时间点的累积/动态AUC（逆删失概率加权）"
        "表示[@harrell1996,blanche2013]。",
    ),
    "methods.discrimination@fine-gray": (
        "Discrimination is the C-index of Wolbers, in which a patient with the competing event "
        "never has the event [@wolbers2009], and the cumulative/dynamic AUC at the horizons, "
        "weighted by the inverse probability of censoring [@blanche2013].",
        "区分度以Wolbers C指数（发生竞争事件者视为永不发生研究事件）"
        "[@wolbers2009]及各时间点的累积/动态AUC"
        "（逆删失概率加权）[@blanche2013]表示。",
    ),
    "methods.discrimination@conditional": (
        "The C-index is that of pairs of a case and a control of one set, its interval Wald's with "
        "the sets as what is sampled.",
        "C指数按同组病例与对照的配对计算，区间为Wald法，以匹配组为抽样单位。",
    ),
    "methods.discrimination_entered": (
        "Discrimination is Harrell's C-index with its jackknife interval [@harrell1996], among "
        "patients under observation together.",
        "区分度以Harrell C指数（刀切法区间）[@harrell1996]表示，仅在同时处于观察中的患者之间比较。",
    ),
    "methods.uno": (
        "Uno's C-index, which does not depend on the censoring, stands beside it [@uno2011].",
        "并列给出不依赖删失分布的Uno C指数[@uno2011]。",
    ),
    "methods.thresholds": (
        "Sensitivity, specificity and predictive values at thresholds of {thresholds} carry "
        "Wilson's intervals [@wilson1927].",
        "阈值{thresholds}处的灵敏度、特异度与预测值给出Wilson区间[@wilson1927]。",
    ),
    "methods.thresholds_sampled": (
        "Sensitivity, specificity and predictive values are told at thresholds of {thresholds}.",
        "给出阈值{thresholds}处的灵敏度、特异度与预测值。",
    ),
    # validation
    "methods.by.optimism-bootstrap": (
        "Optimism was estimated by Harrell's bootstrap [@harrell1996] with {resamples} resamples "
        "(seed {seed}), {procedure}, and subtracted from the apparent value.",
        "以Harrell自助法[@harrell1996]（抽样{resamples}次，随机种子{seed}，{procedure}）"
        "估计乐观度，"
        "并从表观值中扣除。",
    ),
    "methods.by.optimism-bootstrap@conditional": (
        "Optimism was estimated by Harrell's bootstrap [@harrell1996] with {resamples} resamples "
        "of whole sets (seed {seed}), {procedure}, and subtracted from the apparent value.",
        "以匹配组为单位作Harrell自助抽样[@harrell1996]{resamples}次（随机种子{seed}，{procedure}）"
        "，"
        "估计乐观度并从表观值中扣除。",
    ),
    "methods.by.simple-bootstrap": (
        "What to expect in new patients was estimated by the simple bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: their models were measured on all patients of the "
        "study and the results averaged [@steyerberg2001]. Since a resample holds some 63\u00a0% "
        "of these patients, the estimate still flatters.",
        "新患者中的表现以简单自助法估计（抽样{resamples}次，随机种子{seed}，{procedure}）："
        "各次抽样的模型用于全部研究患者并取平均[@steyerberg2001]。"
        "因每次抽样约含其中63%的患者，该估计仍偏乐观。",
    ),
    "methods.by.632": (
        "What to expect in new patients was estimated by the .632 bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: 0.368 of the apparent value and 0.632 of the mean "
        "on the patients whom the resamples left out [@efron1997].",
        "新患者中的表现以.632自助法估计（抽样{resamples}次，随机种子{seed}，{procedure}）："
        "表观值的0.368加上各次未抽中患者中均值的0.632[@efron1997]。",
    ),
    "methods.by.632+": (
        "What to expect in new patients was estimated by the .632+ bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: the apparent value and the mean on the patients "
        "whom the resamples left out, the latter weighing 0.632 or, the more the model overfits, "
        "up to 1 [@efron1997]. It corrects single measures and no curve.",
        "新患者中的表现以.632+自助法估计（抽样{resamples}次，随机种子{seed}，{procedure}）："
        "将表观值与各次未抽中患者中的均值加权合并，后者权重为0.632，过拟合越重越接近1[@efron1997]。"
        "该法仅校正单项指标，不校正曲线。",
    ),
    "methods.by.cross-validation": (
        "What to expect in new patients was estimated by cross-validation in {folds} folds "
        "(rounds: {repeats}; seed {seed}; events spread evenly over the folds), with {resamples} "
        "models, {procedure} [@steyerberg2001]: every patient was scored by a model made without "
        "that patient's fold. Measures are those of all patients in one round of folds, averaged "
        "over the rounds; the C-index compares patients inside their fold. Models share their "
        "patients, so that the spread between them gives no interval.",
        "新患者中的表现以{folds}折交叉验证估计，共{repeats}轮（随机种子{seed}，"
        "事件均匀分入各折），"
        "共{resamples}个模型，{procedure}[@steyerberg2001]：每例患者由未使用其所在折的模型评分。"
        "各指标按一轮中的全部患者计算，再对各轮取平均；C指数仅在同一折内比较。"
        "各模型所用患者相互重叠，其间的差异不能给出区间。",
    ),
    "methods.by.leave-one-out": (
        "What to expect in new patients was estimated by leaving one patient out at a time, with "
        "{resamples} models, {procedure} [@steyerberg2001]: each patient was scored by the model "
        "of all others, and measures are those of all patients together, without intervals. The "
        "C-index compares scores of different models, which is too low where predictors are weak.",
        "新患者中的表现以留一法估计，共{resamples}个模型，{procedure}[@steyerberg2001]："
        "每例患者由其余患者的模型评分，各指标按全部患者计算，不给出区间。"
        "C指数比较的是不同模型的评分，预测因子较弱时偏低。",
    ),
    "methods.resampled_apart": (
        "Cases and controls were resampled apart.",
        "病例与对照分别重抽样。",
    ),
    "methods.not_finite": (
        "Of these {resamples} models {n} had no finite maximum-likelihood estimate.",
        "这{resamples}个模型中，{n}个不存在有限的极大似然估计。",
    ),
    "methods.not_fitted": (
        "Of these {resamples} models {n} could not be fitted and are left out.",
        "这{resamples}个模型中，{n}个无法拟合，已剔除。",
    ),
    "methods.limits_shifted": (
        "The interval of a validated measure is Noma's location-shifted one [@noma2021]: the "
        "percentile interval of the measure in the resamples, moved by as much as the estimate "
        "lies from the apparent value.",
        "验证后指标的区间为Noma的位置平移区间[@noma2021]：该指标在各次抽样中的百分位区间，"
        "按估计值与表观值之差平移。",
    ),
    "methods.limits": (
        "The interval of a validated measure is the percentile interval of the measure in the "
        "resamples, moved so that its mean is the estimate (after Noma [@noma2021]); it tends to "
        "be too narrow after selection.",
        "验证后指标的区间为该指标在各次抽样中的百分位区间，"
        "平移至以估计值为均值（参照Noma[@noma2021]）"
        "；"
        "选择变量后往往偏窄。",
    ),
    "methods.limits_range": (
        "For slope and intercept it is the range over the resamples' models on the original "
        "patients.",
        "斜率与截距给出的是各次抽样模型用于原患者时的范围。",
    ),
    "methods.limits_range@survival": (
        "For the slope it is the range over the resamples' models on the original patients.",
        "斜率给出的是各次抽样模型用于原患者时的范围。",
    ),
    "methods.limits_range@conditional": (
        "For the slope it is the range over the resamples' models on the original sets.",
        "斜率给出的是各次抽样模型用于原匹配组时的范围。",
    ),
    "methods.pieces": (
        "The patients were read in pieces ({engine}), and sums over them were added in a fixed "
        "order, so that the numbers do not depend on how many processors or machines shared the "
        "work. A resample gave every patient a Poisson weight of mean 1. In the optimism of "
        "C-index, Dxy, ICI, E50, E90, Emax and the calibration curve linear predictors are put "
        "into 1,024 classes of about equal size, since an exact order by the model of every "
        "resample would need a sort for each; apparent values and net benefit are exact.",
        "患者数据分块读取（{engine}），求和按固定次序进行，故结果与参与计算的处理器或机器数量无关。"
        "每次抽样赋予每例患者均值为1的泊松权重。估计C指数、Dxy、ICI、E50、E90、Emax"
        "与校准曲线的乐观度时，线性预测值分为大小相近的1024类，"
        "因为按每次抽样的模型精确排序须逐一排序；表观值与净获益为精确值。",
    ),
    "methods.pieces@survival": (
        "The patients were read in pieces ({engine}), and sums over them were added in a fixed "
        "order, so that the numbers do not depend on how many processors or machines shared the "
        "work. A resample gave every patient a Poisson weight of mean 1. In the optimism of "
        "C-index, Dxy, g, AUC, ICI, E50, E90, Emax and the calibration curve linear predictors "
        "are put into 1,024 classes of about equal size, since an exact order by the model of "
        "every resample would need a sort for each; apparent values and net benefit are exact.",
        "患者数据分块读取（{engine}），求和按固定次序进行，故结果与参与计算的处理器或机器数量无关。"
        "每次抽样赋予每例患者均值为1的泊松权重。估计C指数、Dxy、g、AUC、ICI、E50、E90、Emax"
        "与校准曲线的乐观度时，线性预测值分为大小相近的1024类，"
        "因为按每次抽样的模型精确排序须逐一排序；表观值与净获益为精确值。",
    ),
    # calibration
    "methods.smoothed": (
        "Calibration is told by intercept, slope and a smooth curve; ICI, E50, E90 and Emax "
        "[@austin2019] are read from {smoother}.",
        "校准度以截距、斜率与平滑曲线表示；ICI、E50、E90与Emax[@austin2019]由{smoother}读取。",
    ),
    "methods.smoothed@survival": (
        "The calibration curve at a horizon is a flexible hazard regression [@austin2020].",
        "各时间点校准曲线采用灵活风险回归[@austin2020]。",
    ),
    "methods.smoothed@fine-gray": (
        "The calibration curve at a horizon is a flexible Fine-Gray regression [@austin2022].",
        "各时间点校准曲线采用灵活Fine-Gray回归[@austin2022]。",
    ),
    "methods.one_risk_wald": (
        "The interval of one patient's risk is Wald's for the average risk of such patients.",
        "单个患者风险的区间为此类患者平均风险的Wald区间。",
    ),
    "methods.one_risk_drawn": (
        "The interval of one patient's risk is that of the average risk of such patients: the "
        "percentile interval over the models of the resamples, each expressed in the final "
        "predictors.",
        "单个患者风险的区间为此类患者平均风险的区间，取各次抽样模型（以最终预测因子表达）"
        "的百分位区间。",
    ),
    "methods.one_risk_none": (
        "The risk of one patient carries no interval.",
        "单个患者的风险不给出区间。",
    ),
    # decision
    "methods.decision": (
        "Net benefit [@vickers2006] was computed for thresholds from {low} to {high}, for the "
        "model, for treating everyone and for treating no one.",
        "在{low}至{high}的阈值范围内计算模型、全部干预与均不干预的净获益[@vickers2006]。",
    ),
    "methods.decision@survival": (
        "Net benefit for censored data [@vickers2008] was computed for thresholds from {low} to "
        "{high}, for the model, for treating everyone and for treating no one.",
        "在{low}至{high}的阈值范围内，按针对删失数据的方法[@vickers2008]计算模型、"
        "全部干预与均不干预的净获益。",
    ),
    "methods.nomogram": (
        "The nomogram assigns points as rms::nomogram does.",
        "列线图得分与rms::nomogram一致。",
    ),
    # stability, centres, periods
    "methods.instability": (
        "The stability of the predictions was judged by the risks that the models of the first "
        "{models} resamples give to the patients of the study [@riley2023].",
        "预测的稳定性以前{models}次抽样的模型给出的本研究患者风险评估[@riley2023]。",
    ),
    "methods.centres": (
        "In an internal-external validation each of the {k} centres ({by}) was left out in turn "
        "and the model of the others measured on it [@steyerberg2016]; measures were pooled by "
        "REML with the errors of Hartung and Knapp [@knapp2003], C as a logit and observed over "
        "expected as a logarithm.",
        "内部-外部验证：依次留出{k}个中心（{by}）中的一个，以其余中心的模型检验[@steyerberg2016]；"
        "各指标以REML及Hartung-Knapp标准误[@knapp2003]合并，C指数取logit，观察/预期比取对数。",
    ),
    "methods.split": (
        "The study was also split by time: a model of the patients before {since} ({by}) was "
        "measured on those from then on.",
        "并按时间划分：以{by}在{since}之前的患者建模，在其后的患者中检验。",
    ),
    # closing
    "methods.significance": (
        "Tests were two-sided; the text speaks of a difference or an association where {below}, "
        "and intervals are 95\u00a0% intervals. P values were not adjusted for the number of "
        "tests{holm}.",
        "检验均为双侧；正文中的“差异”或“相关”指{below}，区间均为95%区间。"
        "P值未作多重检验校正{holm}。",
    ),
    "methods.but_holm": (
        ", those between visits apart",
        "（随访时点间的比较除外）",
    ),
    "methods.software": (
        "Analyses were done with vertebrisk {vertebrisk} on Python {python}, NumPy {numpy}, "
        "SciPy {scipy} and Polars {polars}; protocol, data (SHA-256 {sha}…) and seed {seed} "
        "give every number again.",
        "统计分析采用vertebrisk {vertebrisk}（Python {python}、NumPy {numpy}、SciPy {scipy}、"
        "Polars {polars}）；"
        "由方案、数据（SHA-256 {sha}…）与随机种子{seed}可复现全部数字。",
    ),
}
