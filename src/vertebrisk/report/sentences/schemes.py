"""Texts that depend on how the model was validated: key, English, Chinese.

Those of Harrell's optimism bootstrap stand beside what they tell of; here are the others.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "scheme.simple-bootstrap": ("the simple bootstrap", "简单自助法"),
    "scheme.632": ("the .632 bootstrap", ".632自助法"),
    "scheme.632+": ("the .632+ bootstrap", ".632+自助法"),
    "scheme.cross-validation": ("cross-validation", "交叉验证"),
    "scheme.leave-one-out": ("leave-one-out validation", "留一法验证"),
    # methods
    "methods.discrimination": (
        "Discrimination is the C-index with DeLong's interval.",
        "区分度以C指数及DeLong区间表示。",
    ),
    "methods.discrimination@survival": (
        "Discrimination is Harrell's C-index with its jackknife interval, and the "
        "cumulative/dynamic AUC at the horizons, weighted by the inverse probability of censoring.",
        "区分度以Harrell C指数（刀切法区间）及各时间点的累积/动态AUC（逆删失概率加权）表示。",
    ),
    "methods.discrimination@fine-gray": (
        "Discrimination is the C-index of Wolbers, in which a patient with the competing event "
        "never has the event, and the cumulative/dynamic AUC at the horizons, weighted by the "
        "inverse probability of censoring.",
        "区分度以Wolbers C指数（发生竞争事件者视为永不发生研究事件）及各时间点的累积/动态AUC"
        "（逆删失概率加权）表示。",
    ),
    "methods.discrimination@conditional": (
        "The C-index is that of pairs of a case and a control of one set, its interval Wald's with "
        "the sets as what is sampled.",
        "C指数按同组病例与对照的配对计算，区间为Wald法，以匹配组为抽样单位。",
    ),
    "methods.discrimination_entered": (
        "Discrimination is Harrell's C-index with its jackknife interval, among patients under "
        "observation together.",
        "区分度以Harrell C指数（刀切法区间）表示，仅在同时处于观察中的患者之间比较。",
    ),
    "methods.by.simple-bootstrap": (
        "What to expect in new patients was estimated by the simple bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: their models were measured on all patients of the "
        "study and the results averaged. Since a resample holds some 63 % of these patients, the "
        "estimate still flatters.",
        "新患者中的表现以简单自助法估计（{resamples}次，种子{seed}），{procedure}：各次抽样的模型用于全部研究患者并取平均。"
        "因每次抽样约含其中63%的患者，该估计仍偏乐观。",
    ),
    "methods.by.632": (
        "What to expect in new patients was estimated by the .632 bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: 0.368 of the apparent value and 0.632 of the mean "
        "on the patients whom the resamples left out.",
        "新患者中的表现以.632自助法估计（{resamples}次，种子{seed}），{procedure}：表观值的0.368加上各次未抽中患者中均值的0.632。",
    ),
    "methods.by.632+": (
        "What to expect in new patients was estimated by the .632+ bootstrap with {resamples} "
        "resamples (seed {seed}), {procedure}: the apparent value and the mean on the patients "
        "whom the resamples left out, the latter weighing 0.632 or, the more the model overfits, "
        "up to 1 (Efron and Tibshirani). It corrects single measures and no curve.",
        "新患者中的表现以.632+自助法估计（{resamples}次，种子{seed}），{procedure}："
        "将表观值与各次未抽中患者中的均值加权合并，后者权重为0.632，过拟合越重越接近1（Efron与Tibshirani）。"
        "该法仅校正单项指标，不校正曲线。",
    ),
    "methods.by.cross-validation": (
        "What to expect in new patients was estimated by cross-validation in {folds} folds, "
        "{repeats} times (seed {seed}, events spread evenly over the folds), with {resamples} "
        "models, {procedure}: every patient was scored by a model made without that patient's "
        "fold. Measures are those of all patients in one round of folds, averaged over the "
        "rounds; the C-index compares patients inside their fold. The rounds share their patients, "
        "so that the spread between them gives no interval.",
        "新患者中的表现以{folds}折交叉验证估计，重复{repeats}轮（种子{seed}，事件均匀分入各折），共{resamples}个模型，{procedure}："
        "每例患者由未使用其所在折的模型评分。各指标按一轮中的全部患者计算，再对各轮取平均；C指数仅在同一折内比较。"
        "各轮患者相同，其间的差异不能给出区间。",
    ),
    "methods.by.leave-one-out": (
        "What to expect in new patients was estimated by leaving one patient out at a time, with "
        "{resamples} models, {procedure}: each patient was scored by the model of all others, and "
        "measures are those of all patients together, without intervals. The C-index compares "
        "scores of different models, which is too low where predictors are weak.",
        "新患者中的表现以留一法估计，共{resamples}个模型，{procedure}：每例患者由其余患者的模型评分，"
        "各指标按全部患者计算，不给出区间。C指数比较的是不同模型的评分，预测因子较弱时偏低。",
    ),
    "methods.by.optimism-bootstrap": (
        "Optimism was estimated by Harrell's bootstrap with {resamples} resamples (seed {seed}), "
        "{procedure}, and subtracted.",
        "以Harrell自助法（{resamples}次，种子{seed}，{procedure}）估计并扣除乐观度。",
    ),
    "methods.limits_shifted": (
        "The interval of such an estimate is Noma's location-shifted one: the percentile interval "
        "of the measure in the resamples, moved by as much as the estimate lies from the apparent "
        "value.",
        "估计值的区间为Noma的位置平移区间：该指标在各次抽样中的百分位区间，按估计值与表观值之差平移。",
    ),
    "methods.limits": (
        "The interval of such an estimate is the percentile interval of the measure in the "
        "resamples, moved so that its mean is the estimate (after Noma); it tends to be too "
        "narrow after selection.",
        "估计值的区间为该指标在各次抽样中的百分位区间，平移至以估计值为均值（参照Noma）；选择变量后往往偏窄。",
    ),
    "methods.limits_range": (
        "For slope and intercept it is the range over the resamples' models on the original "
        "patients.",
        "斜率与截距给出的是各次抽样模型用于原患者时的范围。",
    ),
    "methods.smoothed": (
        "ICI, E50, E90 and Emax are read from {smoother}.",
        "ICI、E50、E90与Emax由{smoother}读取。",
    ),
    "methods.smoothed@survival": (
        "The calibration curve at a horizon is a flexible hazard regression (Austin, Harrell and "
        "van Klaveren).",
        "各时间点校准曲线采用灵活风险回归（Austin、Harrell与van Klaveren）。",
    ),
    "methods.smoothed@fine-gray": (
        "The calibration curve at a horizon is a flexible Fine-Gray regression (Austin and "
        "others).",
        "各时间点校准曲线采用灵活Fine-Gray回归（Austin等）。",
    ),
    "methods.one_risk": (
        "The interval of one patient's risk is that of the average risk of such patients: Wald's, "
        "or, after selection, the percentile interval over the resamples' models, each expressed "
        "in the final predictors.",
        "单个患者风险的区间为此类患者平均风险的区间：Wald法，或在选择变量后取各次抽样模型（以最终预测因子表达）的百分位区间。",
    ),
    "methods.one_risk@folds": (
        "The interval of one patient's risk is that of the average risk of such patients, by "
        "Wald; after selection or shrinkage there is none, since nothing was drawn with "
        "replacement.",
        "单个患者风险的区间为此类患者平均风险的Wald区间；选择或收缩后因未作有放回抽样，不给出区间。",
    ),
    # results
    "validation.c@other": (
        "By {scheme} with {resamples} resamples, {procedure}, the C-index was {corrected}, where "
        "the apparent one was {apparent}.",
        "以{scheme}估计（抽样{resamples}次，{procedure}），C指数为{corrected}，表观值为{apparent}。",
    ),
    "validation.c@folds": (
        "By {scheme} with {resamples} models, {procedure}, the C-index was {corrected}, where "
        "the apparent one was {apparent}.",
        "以{scheme}估计（{resamples}个模型，{procedure}），C指数为{corrected}，表观值为{apparent}。",
    ),
    "validation.c@conditional@other": (
        "By {scheme} with {resamples} resamples of whole sets, {procedure}, the C-index within "
        "sets was {corrected}, where the apparent one was {apparent}.",
        "以{scheme}估计（以匹配组为单位抽样{resamples}次，{procedure}），组内C指数为{corrected}，表观值为{apparent}。",
    ),
    "validation.c@conditional@folds": (
        "By {scheme} over whole sets with {resamples} models, {procedure}, the C-index within sets "
        "was {corrected}, where the apparent one was {apparent}.",
        "以{scheme}估计（以匹配组为单位，{resamples}个模型，{procedure}），组内C指数为{corrected}，表观值为{apparent}。",
    ),
    "validation.whole@folds": (
        "each of which repeated the whole modelling procedure",
        "每个模型均重复完整建模流程",
    ),
    "validation.held@folds": (
        "each of which re-estimated the same model",
        "每个模型均重新估计同一模型",
    ),
    "validation.fixed@other": (
        "With the model held fixed, as papers commonly do, it would have been {corrected}; that "
        "value leaves out what choosing predictors or shapes by the data costs.",
        "若如多数论文那样固定模型，则为{corrected}；该值未计入由数据选择预测因子或函数形状的代价。",
    ),
    "validation.separated@folds": (
        "{n} of the models had no finite maximum-likelihood estimate. Rounds with such a model are "
        "kept for the C-index, Dxy and the Brier score and left out of R², slope and intercept.",
        "{n}个模型不存在有限的极大似然估计。含此类模型的轮次在C指数、Dxy与Brier评分中予以保留，在R²、斜率与截距中剔除。",
    ),
    "validation.failed@folds": (
        "{n} of the models could not be fitted, and their rounds are left out.",
        "{n}个模型无法拟合，所在轮次已剔除。",
    ),
    "validation.selected@folds": (
        "Table {table} shows how often each candidate was selected: predictors chosen in few of "
        "the models are an unstable part of this one.",
        "表{table}列出各候选因子的入选频率：入选次数少的因子是模型中不稳定的部分。",
    ),
    "calibration.slope@other": (
        "By {scheme} the calibration slope was {slope} and the intercept {intercept}; a slope "
        "below 1 means that predicted risks are too extreme.",
        "以{scheme}估计，校准斜率为{slope}，截距为{intercept}；斜率小于1说明预测风险过于极端。",
    ),
    "calibration.slope@simple-bootstrap": (
        "By {scheme} the calibration slope was {slope} and the intercept {intercept}, with their "
        "95 % range over the resamples; a slope below 1 means that predicted risks are too "
        "extreme.",
        "以{scheme}估计，校准斜率为{slope}，截距为{intercept}（括号内为各次抽样的95%范围）；斜率小于1说明预测风险过于极端。",
    ),
    "calibration.slope_only@other": (
        "By {scheme} the calibration slope was {slope}; a slope below 1 means that predicted risks "
        "are too extreme.",
        "以{scheme}估计，校准斜率为{slope}；斜率小于1说明预测风险过于极端。",
    ),
    "calibration.error@other": (
        "The mean absolute difference between predicted risk and the risk observed by {scheme} was "
        "{error}.",
        "预测风险与{scheme}所得观察风险的平均绝对差为{error}。",
    ),
    "decision.at@other": (
        "At a threshold of {threshold}, the net benefit of the model was {net_benefit} by "
        "{scheme}, where the apparent one was {apparent}, against {all} for treating everyone and "
        "0 for treating no one.",
        "阈值为{threshold}时，模型净获益（{scheme}）为{net_benefit}，表观值为{apparent}，全部干预为{all}，均不干预为0。",
    ),
    "decision.apparent": (
        "The net benefit shown is apparent and flatters the model, since the .632+ bootstrap "
        "corrects no curve.",
        "所示净获益为表观值，会高估模型，因.632+自助法不校正曲线。",
    ),
    "replication.optimism@other": (
        "The C-index of {apparent} is that of the patients from whom the model was made; "
        "{corrected} is to be expected in others like them, with a calibration slope of {slope}, "
        "by {scheme}.",
        "C指数{apparent}来自建模患者本身；以{scheme}估计，在同类的其他患者中可预期为{corrected}，校准斜率为{slope}。",
    ),
    "beside.performance@other": (
        "Its C-index was {apparent} apparent and {corrected} by {scheme}.",
        "其C指数表观值为{apparent}，以{scheme}估计为{corrected}。",
    ),
    "selection.cost@other": (
        "Of the {whole} by which the apparent C-index lies above that by {scheme}, choosing by the "
        "data accounts for {cost} (Table {table}).",
        "表观C指数较{scheme}估计值高{whole}，其中{cost}来自由数据作出的选择（表{table}）。",
    ),
    "selection.models@folds": (
        "The final model was itself chosen in {final} of the models of the validation, among "
        "{distinct} different ones (Table {table}).",
        "验证所得模型共有{distinct}种，其中{final}与最终模型相同（表{table}）。",
    ),
    "selection.competing@folds": (
        "{first} and {second} took each other's place: they were chosen together in {together} of "
        "the models, where {expected} would be expected of candidates chosen independently.",
        "{first}与{second}相互替代：同时入选的比例为{together}，若相互独立则预期为{expected}。",
    ),
    "powers.repeated@folds": (
        "The powers of {label} were found again in {share} of the models of the validation (Table "
        "{table}).",
        "{label}的幂在验证所得模型的{share}中再次入选（表{table}）。",
    ),
    "methods.penalty_found@folds": (
        "The penalty was found by {folds}-fold cross-validation of the {measure} ({rule}; seed "
        "{seed}, events spread evenly over the folds), and found anew for every model of the "
        "validation.",
        "惩罚参数由{folds}折交叉验证（{measure}；{rule}；随机种子{seed}，事件均匀分配至各折）确定，"
        "并为验证的每个模型重新确定。",
    ),
    "methods.penalty_criterion@folds": (
        "The penalty is that of the best {rule}, with effective degrees of freedom, as "
        "rms::pentrace chooses it, and was chosen anew for every model of the validation.",
        "惩罚参数按最优{rule}（有效自由度）选取，同rms::pentrace，并为验证的每个模型重新选取。",
    ),
    "penalised.caution@folds": (
        "The coefficients are biased towards zero on purpose. A candidate that was left out may "
        "still matter: of predictors that say much the same, a penalty keeps one, and other "
        "patients would often keep another.",
        "系数被有意向零收缩。被剔除的候选因子仍可能有意义：对信息相近的预测因子，惩罚只保留其一，换一批患者往往保留另一个。",
    ),
    "sampling.resampling@folds": (
        "Cases and controls were spread evenly over the folds; likelihood, AIC and the test of "
        "Hosmer and Lemeshow are those of the sample.",
        "病例与对照均匀分入各折；似然、AIC与Hosmer-Lemeshow检验仍针对样本。",
    ),
    # words of tables
    "c_corrected@other": ("C-index, by {scheme}", "C指数（{scheme}）"),
    "slope_corrected@other": ("Calibration slope, by {scheme}", "校准斜率（{scheme}）"),
    "corrected@simple-bootstrap": ("Simple bootstrap", "简单自助法"),
    "corrected@632": (".632", ".632"),
    "corrected@632+": (".632+", ".632+"),
    "corrected@cross-validation": ("Cross-validated", "交叉验证"),
    "corrected@leave-one-out": ("Leave-one-out", "留一法"),
    "testing@632": ("Left out", "未抽中者"),
    "testing@632+": ("Left out", "未抽中者"),
    "observed_corrected@other": ("Observed, by {scheme}", "观察值（{scheme}）"),
    "resamples@folds": ("Models of the validation", "验证模型数"),
    "validated_by": ("Internal validation", "内部验证"),
    "models.share@folds": ("Models (%)", "模型占比（%）"),
    "moved.resamples@folds": ("Models of the validation", "验证模型"),
    "powers.share@folds": ("Models (%)", "模型占比（%）"),
    "kept_in@folds": ("Kept in models (%)", "模型中保留比例（%）"),
    # captions and footnotes
    "caption.performance@other": (
        "Performance, apparent and by {scheme}",
        "模型表现：表观与{scheme}",
    ),
    "caption.performance@conditional@other": (
        "Performance within sets, apparent and by {scheme}",
        "组内表现：表观与{scheme}",
    ),
    "caption.horizons@other": (
        "Performance at the horizons, apparent and by {scheme}",
        "各时间点的模型表现：表观与{scheme}",
    ),
    "caption.selection_cost@other": ("What selection costs", "变量选择的代价"),
    "figure.calibration@other": (
        "Calibration: observed against predicted risk, apparent and by {scheme}, above the "
        "distribution of predicted risks.",
        "校准曲线：观察风险与预测风险（表观与{scheme}），下方为预测风险分布。",
    ),
    "figure.calibration@632+": (
        "Calibration: observed against predicted risk, apparent, above the distribution of "
        "predicted risks.",
        "校准曲线：观察风险与预测风险（表观），下方为预测风险分布。",
    ),
    "figure.calibration_at@other": (
        "Calibration at {horizon} {unit}: observed against predicted risk, apparent and by "
        "{scheme}, above the distribution of predicted risks.",
        "{horizon}{unit}时的校准曲线：观察风险与预测风险（表观与{scheme}），下方为预测风险分布。",
    ),
    "figure.calibration_at@632+": (
        "Calibration at {horizon} {unit}: observed against predicted risk, apparent, above the "
        "distribution of predicted risks.",
        "{horizon}{unit}时的校准曲线：观察风险与预测风险（表观），下方为预测风险分布。",
    ),
    "figure.decision@other": (
        "Decision curve: net benefit of the model, apparent and by {scheme}, of treating all and "
        "of treating none.",
        "决策曲线：模型（表观与{scheme}）、全部干预与均不干预的净获益。",
    ),
    "figure.decision@632+": (
        "Decision curve: net benefit of the model (apparent), of treating all and of treating "
        "none.",
        "决策曲线：模型（表观）、全部干预与均不干预的净获益。",
    ),
    "figure.decision_at@other": (
        "Decision curve at {horizon} {unit}: net benefit of the model, apparent and by {scheme}, "
        "of treating all and of treating none.",
        "{horizon}{unit}时的决策曲线：模型（表观与{scheme}）、全部干预与均不干预的净获益。",
    ),
    "figure.decision_at@632+": (
        "Decision curve at {horizon} {unit}: net benefit of the model (apparent), of treating all "
        "and of treating none.",
        "{horizon}{unit}时的决策曲线：模型（表观）、全部干预与均不干预的净获益。",
    ),
    "figure.selection@folds": (
        "Share of the models of the validation in which each candidate was selected.",
        "各候选因子在验证模型中的入选比例。",
    ),
    "note.performance@other": (
        "MC error: what another seed would change.",
        "MC误差：更换随机种子带来的变动。",
    ),
    "note.performance@leave-one-out": (
        "Nothing depends on chance here, so there is no MC error.",
        "结果与随机数无关，故无MC误差。",
    ),
    "note.horizons@other": (
        "AUC and Brier weighted by the inverse probability of censoring.",
        "AUC与Brier评分以逆删失概率加权。",
    ),
    "note.finite@cross-validation": (
        "{measure} ({procedure}): summarised over {n} of the rounds of folds.",
        "{measure}（{procedure}）：基于{n}轮汇总。",
    ),
    "note.decision@other": (
        "Net true positives per patient. Interventions avoided, per 100 patients, against treating "
        "all, by {scheme}.",
        "每例患者的净真阳性。“避免”为与全部干预相比每100例避免的干预数（{scheme}）。",
    ),
    "note.decision@632+": (
        "Net true positives per patient, apparent: the .632+ bootstrap corrects no curve.",
        "每例患者的净真阳性（表观）：.632+自助法不校正曲线。",
    ),
    "note.selection_cost@other": (
        "Apparent value less that by {scheme}: of the procedure repeated with its selection, of "
        "the chosen model held fixed, and their difference. That of the Brier score is negative, "
        "since a lower score is better.",
        "依次为重复选择时整个流程、固定所选模型时表观值与{scheme}估计值之差，以及两者之差。Brier评分越低越好，故其差为负。",
    ),
    "note.models@folds": (
        "Different models in the validation: {distinct}.",
        "验证中共出现{distinct}种不同模型。",
    ),
    "note.moved@folds": (
        "RMSD ratio: root mean squared difference of a coefficient over the models of the "
        "validation (0 where it was not chosen) from that of the model of all candidates, in its "
        "standard errors. These models share most of their patients, so that ratio and percentiles "
        "are far narrower than those of resamples. Relative conditional bias: how far the "
        "coefficient, where it was chosen, lies on average beyond that of all candidates (Heinze, "
        "Wallisch and Dunkler 2018). Models without a finite estimate are left out.",
        "RMSD比：验证各模型系数（未入选者为0）与全部候选因子模型系数之差的均方根，以后者标准误计。"
        "这些模型的患者大部分相同，故该比值与百分位数远窄于重抽样所得。"
        "相对条件偏差：入选时系数平均超出全部候选因子模型系数的程度（Heinze、Wallisch与Dunkler "
        "2018）。不含无有限估计的模型。",
    ),
    "note.powers_repeated@folds": (
        "Share of the models of the validation in which the same procedure found these powers. "
        "Standard errors and P values of the coefficients take the powers for known and are too "
        "small; risks have no limits here.",
        "在验证的各模型中，同一流程得出这些幂的比例。系数的标准误与P值视幂为已知，偏小；此处风险没有区间。",
    ),
    "note.penalised@folds": (
        "B on the log scale, shrunken. Patients were left out in turn and none drawn, so there are "
        "no percentiles.",
        "B为对数尺度的收缩系数。患者依次留出而未作有放回抽样，故无百分位数。",
    ),
}
