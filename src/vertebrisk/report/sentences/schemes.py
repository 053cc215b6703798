"""Texts that depend on how the model was validated: key, English, Chinese.

Those of Harrell's optimism bootstrap stand beside what they tell of; here are the others.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "scheme.optimism-bootstrap": (
        "Harrell's optimism bootstrap",
        "Harrell乐观度自助法",
    ),
    "scheme.simple-bootstrap": ("the simple bootstrap", "简单自助法"),
    "scheme.632": ("the .632 bootstrap", ".632自助法"),
    "scheme.632+": ("the .632+ bootstrap", ".632+自助法"),
    "scheme.cross-validation": ("cross-validation", "交叉验证"),
    "scheme.leave-one-out": ("leave-one-out validation", "留一法验证"),
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
