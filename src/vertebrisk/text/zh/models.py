"""What is said of models that were fitted: objections, separation, penalties."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    "They are kept for C, Dxy, R2, Brier and the curves, whose limits exist, and left out of "
    "slope, intercept and the linear Emax, which are therefore too favourable. The limit of R2 "
    "describes the separating level alone and is low.": (
        "它们在C指数、Dxy、R2、Brier评分与曲线中保留（其极限存在），在校准斜率、截距与线性Emax中剔除，"
        "因此后者过于乐观。R2的极限只反映造成分离的水平，偏低。"
    ),
    "They are kept for C, Dxy and the measures at the horizons, whose limits exist, and left out "
    "of R2, slope, observed/expected, D, U, Q and g, which are therefore too favourable.": (
        "它们在C指数、Dxy与各预测时点的指标中保留（其极限存在），在R2、校准斜率、观察/预期比、D、U、Q"
        "与g中剔除，因此后者过于乐观。"
    ),
    "They are kept for C and Dxy, whose limits exist, and left out of the slope.": (
        "它们在C指数与Dxy中保留（其极限存在），在校准斜率中剔除。"
    ),
    " Patients with a missing value are imputed for this without their outcome, as new patients "
    "would be: a part of the fall is what is lost by not knowing the value, and is regained where "
    "it is recorded.": (
        "为此，有缺失值的患者与新患者一样在不使用结局的情况下插补：下降的一部分源于该值未知，"
        "记录该值后即可恢复。"
    ),
    "They are left out, so that the corrected performance is too favourable.": (
        "它们被剔除，因此校正后的表现过于乐观。"
    ),
    # objections.py
    "{events} for {candidate_parameters}: {ratio:.1f} a parameter.": (
        "{events}，{candidate_parameters}：每个参数{ratio:.1f}个事件。"
    ),
    "Prespecify fewer candidates, collect more patients, or shrink the coefficients; read the "
    "optimism-corrected performance, not the apparent one.": (
        "预先指定更少的候选因子，收集更多患者，或收缩系数；请看乐观度校正后的性能，而非表观性能。"
    ),
    "With few events a parameter, coefficients are unstable and too extreme, and performance "
    "on the same patients flatters (Riley et al. 2020, doi:10.1136/bmj.m441).": (
        "每个参数的事件过少时，系数不稳定且过于极端，在同一批患者中的性能偏乐观（Riley等 2020"
        "，doi:10.1136/bmj.m441）。"
    ),
    "{chosen} of {candidates} candidates were chosen by their univariable p values.": (
        "{candidates}个候选因子中有{chosen}个依据单因素P值入选。"
    ),
    "Prespecify predictors from clinical knowledge; where the screen is kept, repeat it "
    "inside the validation, as is done here.": (
        "依据临床知识预先指定预测因子；若保留单因素筛选，应像此处一样在验证中重复筛选。"
    ),
    "Screening one variable at a time misses confounded predictors, keeps chance findings, "
    "and makes Wald intervals and p values of the final model too optimistic (Sun et al. "
    "1996, doi:10.1016/0895-4356(96)00025-X; PROBAST).": (
        "逐个变量筛选会漏掉受混杂的预测因子，保留偶然的发现，并使最终模型的Wald区间与P值过于乐"
        "观（Sun等 1996，doi:10.1016/0895-4356(96)00025-X；PROBAST）。"
    ),
    "{chosen} of {candidates} candidates were chosen by the lasso and fitted anew without a "
    "penalty.": ("{candidates}个候选因子中有{chosen}个由lasso选出，并在无惩罚下重新拟合。"),
    "For a model that predicts, keep the shrunken coefficients (estimator = lasso); where the "
    "refit is kept, read the intervals of the repeated procedure and shrink by its slope.": (
        "若模型用于预测，应保留收缩后的系数（estimator = lasso）；若保留重新拟合，应看重复全流"
        "程所得的区间，并按其斜率收缩。"
    ),
    "The refit gives back the shrinkage that the lasso paid for its choice, so its "
    "coefficients lie too far from zero, and its Wald intervals and P values take the "
    "predictors for prespecified (Taylor and Tibshirani 2015, doi:10.1073/pnas.1507583112; "
    "Heinze et al. 2018, doi:10.1002/bimj.201700067).": (
        "重新拟合抵消了lasso为选择所付出的收缩，系数因而偏离零过远，其Wald区间与P值将预测因子"
        "视为预先指定（Taylor与Tibshirani 2015，doi:10.1073/pnas.1507583112；Heinze等 2018，"
        "doi:10.1002/bimj.201700067）。"
    ),
    " (or {sharper:.2g} if their shares have one mode)": (
        "（若入选比例呈单峰分布，则为{sharper:.2g}个）"
    ),
    "{chosen} of {candidates} candidates were chosen in at least {threshold:g} % of {pairs} "
    "halves of the patients, each of which chose {chosen_per_half}; of candidates no better "
    "than chance at most {bound:.2g} are expected among them{also}.": (
        "{candidates}个候选因子中有{chosen}个在{pairs}个半样本中至少{threshold:g}%入选，每个半"
        "样本选出{chosen_per_half}个；其中不优于随机的候选因子预期至多{bound:.2g}个{also}。"
    ),
    "Read which candidates were chosen, not that others do not matter; read the intervals of "
    "the repeated procedure.": (
        "请看哪些候选因子入选，而不要认为其余因子无关紧要；请看重复全流程所得的区间。"
    ),
    "The bound is on candidates chosen in a half no more often than the average one (Shah and "
    "Samworth 2013, doi:10.1111/j.1467-9868.2011.01034.x). It is cautious, so weak predictors "
    "are left out, and the coefficients of the others are fitted as if they had been "
    "prespecified.": (
        "该上限针对半样本入选频率不高于平均水平的候选因子（Shah与Samworth 2013，"
        "doi:10.1111/j.1467-9868.2011.01034.x）。该方法较为谨慎，弱预测因子会被剔除，其余系数"
        "则按预先指定拟合。"
    ),
    "{chosen} of {candidates} candidates were chosen by {method} selection.": (
        "{candidates}个候选因子中有{chosen}个由{method}法选出。"
    ),
    "Prespecify predictors, or read the intervals of the repeated procedure.": (
        "预先指定预测因子，或阅读重复全流程所得的区间。"
    ),
    "Coefficients of selected predictors are biased away from zero and their Wald intervals "
    "are too narrow (Heinze et al. 2018, doi:10.1002/bimj.201700067).": (
        "经选择的预测因子，其系数偏离零，Wald区间过窄（Heinze等 2018，"
        "doi:10.1002/bimj.201700067）。"
    ),
    "cases and controls of a set cannot be told apart": "无法区分组内病例与对照",
    "the model is the mean risk, the same for everyone": "模型即为平均风险，人人相同",
    "No candidate was chosen: {left}.": "无候选因子入选：{left}。",
    "Report that no predictor was found; do not relax the rule after the fact.": (
        "如实报告未发现预测因子；不要事后放宽规则。"
    ),
    "{count} of {resamples} {made} ({share:.1%}) have no finite maximum-likelihood estimate.": (
        "{resamples}个{made}中有{count}个（{share:.1%}）不存在有限的最大似然估计。"
    ),
    "Merge rare levels, or shrink the coefficients.": "合并罕见水平，或收缩系数。",
    "models of the validation": "验证模型",
    "resamples": "抽样",
    "In {count} of {resamples} {made} a level was held by no patient, or two columns said the "
    "same.": ("{resamples}个{made}中有{count}个出现某水平无患者，或两列含义相同。"),
    "Merge rare levels.": "合并罕见水平。",
    "There, patients with such a level are scored as if they had the reference level.": (
        "此时该水平的患者按参照水平评分。"
    ),
    ", or no value of some variable,": "（或某变量全无取值）",
    "{count} of {resamples} {made} held patients of one outcome only{unknown} and were left out.": (
        "{resamples}个{made}中有{count}个仅含一种结局的患者{unknown}，已剔除。"
    ),
    "Collect more events; a validation that loses {lost} flatters the model.": (
        "收集更多事件；剔除部分{lost}的验证会偏乐观。"
    ),
    "models": "模型",
    "The calibration curve rests on {smaller} patients in the smaller outcome group; "
    "{curve_limit} are wanted.": (
        "较少结局组仅{smaller}例患者，校准曲线以此为依据；宜有{curve_limit}例。"
    ),
    "Read calibration from intercept and slope; the curve is drawn with its band.": (
        "校准请看截距与斜率；曲线附带置信带。"
    ),
    "when the development is repeated on resamples": "在重抽样中重复建模流程后",
    "in patients whom the model was made without": "在未参与建模的患者中",
    "The apparent C-index of {apparent:.3f} falls to {corrected:.3f} {where}.": (
        "{where}，表观C指数由{apparent:.3f}降至{corrected:.3f}。"
    ),
    "Quote the corrected value as the performance to be expected.": "预期性能应引用校正后的值。",
    "Apparent performance is measured on the patients that shaped the model.{lacking}": (
        "表观性能在建立模型的同一批患者中测得。{lacking}"
    ),
    "The expected calibration slope in new patients is {slope:.2f}: high risks are predicted "
    "too high and low risks too low.": (
        "新患者中预期的校准斜率为{slope:.2f}：高风险被高估，低风险被低估。"
    ),
    "Shrink the coefficients, or prespecify fewer candidates, before the model is used on "
    "patients.": ("用于患者之前应收缩系数，或预先指定更少的候选因子。"),
    "Steyerberg 2019, doi:10.1007/978-3-030-16399-0, chapter 13.{lacking}": (
        "Steyerberg 2019，doi:10.1007/978-3-030-16399-0，第13章。{lacking}"
    ),
    "The variance of {terms} is inflated more than {inflation_limit:g} times by the other "
    "predictors.": ("{terms}的方差因其他预测因子而膨胀超过{inflation_limit:g}倍。"),
    "Keep one of the predictors that say the same, or combine them.": (
        "含义相同的预测因子保留一个，或将其合并。"
    ),
    "{variables} {are} cut into groups.": "{variables}被切分为组。",
    "Enter the measured value, with a spline where the effect may bend.": (
        "纳入实测值；若关系可能弯曲，使用样条。"
    ),
    "Cutting loses information and invents a step at the cut-point (Royston et al. 2006, "
    "doi:10.1002/sim.2331).": (
        "切分会丢失信息，并在切点处人为制造阶跃（Royston等 2006，doi:10.1002/sim.2331）。"
    ),
    "Controls were sampled, so predicted risks, calibration, predictive values and the "
    "decision curve hold for the sample only.": (
        "对照为抽样所得，因此预测风险、校准、预测值与决策曲线仅适用于该样本。"
    ),
    "Use odds ratios and discrimination, not risks, or state the prevalence of the population "
    "in [sampling].": ("使用比值比与区分度而非风险，或在[sampling]中写明人群患病率。"),
    "King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868.": (
        "King与Zeng 2001，doi:10.1093/oxfordjournals.pan.a004868。"
    ),
    "Controls were matched on {names}: neither the effects of these variables nor the "
    "intercept can be recovered, so there is no risk, no nomogram and no predictive value; "
    "calibration and net benefit hold for the sample only.": (
        "对照按{names}匹配：这些变量的关联与截距均无法恢复，因此无风险、无列线图、无预测值；校"
        "准与净获益仅适用于该样本。"
    ),
    "Use the odds ratios of the other variables. If each control belongs to one case, name "
    "the column of the sets as 'set' in [sampling]: the analysis is then conditional.": (
        "使用其他变量的比值比。若每个对照对应一个病例，在[sampling]中以“set”写明匹配组所在列："
        "分析将以匹配组为条件。"
    ),
    "Matching makes controls like cases in the matched variables, whatever the population is "
    "like (Breslow and Day 1980, IARC Scientific Publications 32).": (
        "匹配使对照在匹配变量上与病例相似，与人群如何无关（Breslow与Day 1980，IARC Scientific "
        "Publications 32）。"
    ),
    "Controls were matched to their cases, so this study gives odds ratios and ranks inside "
    "the sets, but no absolute risk, calibration, net benefit or calculator.": (
        "对照与病例匹配，因此本研究给出比值比与组内排序，不给出绝对风险、校准、净获益或计算器。"
    ),
    "For risks, fit the model in a cohort, or validate its linear predictor there and "
    "estimate the intercept.": (
        "若需风险，应在队列中拟合模型，或在队列中验证其线性预测值并估计截距。"
    ),
    "How many patients have the event, and the effects of what was matched, were fixed by the "
    "choice of the controls (Breslow and Day 1980, IARC Scientific Publications 32).": (
        "发生事件的患者数目以及匹配因素的关联，已由对照的选取方式决定（Breslow与Day 1980，"
        "IARC Scientific Publications 32）。"
    ),
    "Controls were sampled; risks and performance hold for a population with a prevalence of "
    "{prevalence:.1%}.": ("对照为抽样所得；风险与性能适用于患病率为{prevalence:.1%}的人群。"),
    "Use the model where the outcome is about as frequent, or recalibrate it.": (
        "用于结局发生率相近的人群，或重新校准。"
    ),
    "The prevalence is taken for known, so the intervals of risks do not include its "
    "uncertainty.": ("患病率视为已知，因此风险的区间不包含其不确定性。"),
    "State in [sampling] how many patients it was estimated from ('population').": (
        "在[sampling]中写明患病率由多少患者估计得出（“population”）。"
    ),
    ", the choice of predictors": "、预测因子的选择",
    "The tests of the group comparison, the intervals of sensitivity, specificity and "
    "predictive values{selection} take the vertebrae of one patient for independent.": (
        "组间比较的检验、灵敏度、特异度及预测值的区间{selection}均将同一患者的椎体视为独立。"
    ),
    "Prespecify the predictors and read the regression tables, or analyse one vertebra a "
    "patient.": ("预先指定预测因子并阅读回归表，或每例患者仅分析一个椎体。"),
    "Vertebrae of one patient resemble each other; tests that ignore it find too much. The "
    "errors of the regressions and the interval of the AUC are clustered, and whole patients "
    "are resampled.": (
        "同一患者的椎体彼此相似；忽略这一点的检验会发现过多差异。回归的标准误与AUC的区间已按患"
        "者聚类，重抽样以患者为单位。"
    ),
    # penalised/made.py
    "given": "指定值",
    "corrected AIC": "校正AIC",
    "largest AUC": "AUC最大",
    "least deviance": "偏差最小",
    "within one standard error of the {best}": "{best}的一个标准误之内",
    "{folds}-fold cross-validation, {best}": "{folds}折交叉验证，{best}",
    # penalised/objections.py
    "ridge": "岭回归",
    "the elastic net": "弹性网",
    "the lasso": "lasso",
    " and kept {kept} of {candidates}": "，并保留{candidates}个中的{kept}个",
    "Estimation by {name} with a penalty of {value:.4g} ({explained}) shrank the "
    "coefficients{chose}.": (
        "以{name}估计，惩罚参数为{value:.4g}（{explained}），系数被收缩{chose}。"
    ),
    "Read risks and their intervals from the repeated procedure; do not quote P values or "
    "Wald intervals of these coefficients, or of a plain refit of the chosen predictors.": (
        "风险及其区间请看重复全流程的结果；不要引用这些系数、或对入选预测因子直接重新拟合所得"
        "的P值与Wald区间。"
    ),
    "Shrunken coefficients are biased on purpose, so no standard error describes them. What a "
    "penalty keeps out may matter all the same: of predictors that say much the same it keeps "
    "one, and another sample would often keep another (Taylor and Tibshirani 2015, "
    "doi:10.1073/pnas.1507583112).": (
        "收缩后的系数有意偏倚，标准误无法描述它们。被惩罚排除的变量仍可能重要：对含义相近的预"
        "测因子只保留其一，换一个样本往往保留另一个（Taylor与Tibshirani 2015，"
        "doi:10.1073/pnas.1507583112）。"
    ),
    "{variables} the patients with and without '{outcome}' ({kind} separation)": (
        "{variables}发生与未发生“{outcome}”的患者（{kind}分离）"
    ),
    "The likelihood is monotone: {cause}": "似然单调：{cause}",
    "{cause}. Without a penalty there is no finite estimate.": (
        "{cause}。无惩罚时不存在有限估计。"
    ),
    "Merge levels, or leave the predictor out, where that makes sense clinically; Firth's "
    "penalised likelihood (estimator 'firth') has intervals that say how little is known.": (
        "若临床上合理，可合并水平或剔除该预测因子；Firth惩罚似然（estimator 'firth'）的区间能"
        "反映所知之少。"
    ),
    "How large the coefficient is follows from the penalty, not from the patients (Heinze and "
    "Schemper 2002, doi:10.1002/sim.1047).": (
        "系数的大小取决于惩罚，而非患者（Heinze与Schemper 2002，doi:10.1002/sim.1047）。"
    ),
    "The penalty was found by {by_folds} on {events}.": ("惩罚参数由{by_folds}在{events}上确定。"),
    "a criterion": "信息准则",
    "cross-validation": "交叉验证",
    "Read the spread of penalties and slopes over the resamples; prefer few prespecified "
    "predictors to a penalty that is asked to make up for too few patients.": (
        "查看各次抽样中惩罚参数与斜率的离散程度；与其要求惩罚弥补患者之不足，不如采用少数预先"
        "指定的预测因子。"
    ),
    "The amount of shrinkage is itself estimated, and badly where patients are few: some "
    "samples are shrunken too much and some not at all (Van Calster et al. 2020, "
    "doi:10.1177/0962280220921415; Riley et al. 2021, doi:10.1016/j.jclinepi.2020.12.005).": (
        "收缩程度本身也是估计值，患者少时估计不佳：有的样本收缩过度，有的完全没有收缩（Van "
        "Calster等 2020，doi:10.1177/0962280220921415；Riley等 2021，"
        "doi:10.1016/j.jclinepi.2020.12.005）。"
    ),
    "no other predictor": "其他预测因子均无",
    "no predictor": "预测因子均无",
    "The largest penalty was preferred: {others} helped.": ("最大的惩罚最优：{others}帮助。"),
    "Report that {others} was found; do not choose a smaller penalty by eye.": (
        "如实报告：{others}帮助；不要凭目测选择更小的惩罚。"
    ),
    "The smallest penalty that was tried was preferred.": "所尝试的最小惩罚最优。",
    "The patients are separated, which any smaller penalty fits better still; look at what "
    "separates them.": ("患者出现分离，惩罚越小拟合越好；请查明是什么造成分离。"),
    "There is little to shrink here; maximum likelihood will be much the same.": (
        "此处几乎无需收缩；最大似然的结果大致相同。"
    ),
    "Of '{name}' the penalty left {levels} at zero: together with the reference '{reference}'.": (
        "“{name}”中，惩罚使{levels}为零：与参照水平“{reference}”合在一起。"
    ),
    "Choose a reference level that makes this sensible, or merge the levels beforehand.": (
        "选择使其合理的参照水平，或事先合并水平。"
    ),
    "As in glmnet every level is a column of its own, so the model depends on which level is "
    "the reference.": ("与glmnet相同，每个水平为单独一列，因此模型取决于以哪个水平为参照。"),
    "Candidate '{name}' has a column that is the same in all patients analysed; its "
    "coefficient is zero.": ("候选因子“{name}”有一列在所有纳入分析的患者中相同；其系数为零。"),
    "Take it out of the candidates, or merge its levels.": ("将其从候选因子中剔除，或合并其水平。"),
    # separation.py
    "{names} {separate}": "{names}可区分",
    "{names} together separate": "{names}合在一起可区分",
}
