"""What a run says to items on the analysis."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "fill.of_events": ("events", "个事件"),
    "fill.of_non_events": ("patients without the event", "例未发生事件者"),
    "fill.size": (
        "Analysed {n}, with the event {events}; {parameters} candidate parameters, {each} {of} for "
        "each.",
        "分析{n}，发生事件{events}；候选参数{parameters}个，每个{each}{of}。",
    ),
    "fill.size_met": (
        "The criteria of Riley ask for {needed}, which is met.",
        "Riley标准要求{needed}例，已满足。",
    ),
    "fill.size_unmet": (
        "The criteria of Riley ask for {needed}, which is not met ({unmet}).",
        "Riley标准要求{needed}例，未满足（{unmet}）。",
    ),
    "fill.size_sampled": (
        "The criteria of Riley do not hold for sampled controls.",
        "Riley标准不适用于抽样的对照。",
    ),
    "fill.size_none": (
        "The criteria of Riley could not be computed.",
        "无法计算Riley标准。",
    ),
    "fill.size_authors": (
        "How the size was arrived at: for the authors.",
        "样本量如何确定由作者说明。",
    ),
    "fill.missing_outcome": (
        "Left for want of the outcome: {n}.",
        "因结局缺失退出：{n}。",
    ),
    "fill.missing_none": (
        "No candidate was missing among the {n} analysed.",
        "分析的{n}例中候选因子均无缺失。",
    ),
    "fill.missing_complete": (
        "Complete cases: {k} of {n} left for want of a candidate, {analysed} were analysed; "
        "nothing was imputed.",
        "完整病例分析：{n}例中{k}例因候选因子缺失退出，分析{analysed}例；未作插补。",
    ),
    "fill.missing_imputed": (
        "{k} of {n} lacked a candidate, {events} of them with the event; multiple imputation by "
        "chained equations, {tables} tables of {rounds} rounds, pooled by Rubin's rules.",
        "{n}例中{k}例缺候选因子，其中{events}例发生事件；以链式方程多重插补，共{tables}份、每份{rounds}轮，按Rubin规则合并。",
    ),
    "fill.all_used": (
        "All {n} analysed made the model; none were held back.",
        "分析的{n}例全部用于建模，无预留。",
    ),
    "fill.validated_drawn": (
        "Performance was estimated by {scheme} with {resamples} resamples, {repeated}.",
        "以{scheme}（{resamples}次）估计性能，{repeated}。",
    ),
    "fill.validated_left_out": (
        "Performance was estimated by {scheme} with {resamples} models, {repeated}.",
        "以{scheme}（{resamples}个模型）估计性能，{repeated}。",
    ),
    "fill.whole": ("the whole procedure repeated in each", "每次重复完整建模流程"),
    "fill.whole_imputed": (
        "the whole procedure repeated in each, imputation included",
        "每次重复完整建模流程（包括插补）",
    ),
    "fill.refitted_imputed": (
        "imputation and fit repeated in each; nothing else was left to the data",
        "每次重复插补与拟合；除此之外无由数据决定的步骤",
    ),
    "fill.refitted": (
        "the model fitted anew in each; nothing else was left to the data",
        "每次重新拟合模型；除此之外无由数据决定的步骤",
    ),
    "fill.used_centres": (
        "Each of {n} centres was left out in turn.",
        "依次留出{n}个中心。",
    ),
    "fill.used_split": (
        "Apart from that, {earlier} earlier patients made a model that was tried on {later} later "
        "ones.",
        "另以较早的{earlier}例建模，在较晚的{later}例中检验。",
    ),
    "fill.straight": ("As they are, in a straight line: {names}.", "按原值线性进入：{names}。"),
    "fill.shaped": ("In another shape: {shapes}.", "以其他形式进入：{shapes}。"),
    "fill.shape_rcs": (
        "{label} as a restricted cubic spline with {knots} knots",
        "{label}（限制性立方样条，{knots}个节点）",
    ),
    "fill.shape_powers": (
        "{label} as a fractional polynomial (powers {powers})",
        "{label}（分数多项式，幂为{powers}）",
    ),
    "fill.shape_fp": (
        "{label} as a fractional polynomial",
        "{label}（分数多项式）",
    ),
    "fill.shape_transformed": ("{label} as {name}", "{label}（{name}）"),
    "fill.leveled": (
        "By level, against the first as reference: {names}.",
        "按水平进入，以第一水平为参照：{names}。",
    ),
    "fill.crossed": ("Interactions: {names}.", "交互作用：{names}。"),
    "fill.cut": (
        "A number was cut into groups; see the finding.",
        "有连续变量被分组，见所列问题。",
    ),
    "fill.model": ("{kind}, {estimator}.", "{kind}，{estimator}。"),
    "fill.why_model": (
        "Why a model of this kind: for the authors.",
        "选用此类模型的理由由作者说明。",
    ),
    "fill.kind_logistic": ("Logistic regression", "logistic回归"),
    "fill.kind_cox": ("Cox regression", "Cox回归"),
    "fill.kind_fine-gray": (
        "Regression of the subdistribution hazard (Fine and Gray)",
        "次分布风险回归（Fine-Gray）",
    ),
    "fill.kind_conditional": ("Conditional logistic regression", "条件logistic回归"),
    "fill.estimator_ml": ("maximum likelihood", "极大似然"),
    "fill.estimator_ml@survival": ("maximum partial likelihood", "极大偏似然"),
    "fill.estimator_ml@fine-gray": ("maximum weighted partial likelihood", "极大加权偏似然"),
    "fill.estimator_ml@conditional": ("maximum conditional likelihood", "极大条件似然"),
    "fill.estimator_firth": ("Firth's penalised likelihood", "Firth惩罚似然"),
    "fill.estimator_firth@survival": (
        "Firth's penalised partial likelihood",
        "Firth惩罚偏似然",
    ),
    "fill.estimator_ridge": ("ridge penalty", "岭惩罚"),
    "fill.estimator_lasso": ("lasso penalty", "lasso惩罚"),
    "fill.estimator_elastic_net": ("elastic net penalty", "弹性网惩罚"),
    "fill.tuned": (
        "The penalty was found from the data, in each model of the validation anew.",
        "惩罚参数由数据确定，并在验证的每个模型中重新确定。",
    ),
    "fill.tuned_given": ("The penalty was given by the protocol.", "惩罚参数由方案给定。"),
    "fill.shrunken": (
        "All coefficients were shrunken by the factor {factor}.",
        "全部系数按{factor}收缩。",
    ),
    "fill.centres_apart": (
        "{n} centres: each scored by a model of the others, estimates pooled with random effects.",
        "{n}个中心：各由其余中心的模型评分，以随机效应合并。",
    ),
    "fill.vertebrae": (
        "{n} vertebrae of {patients} patients: errors allow for patients, and resamples draw "
        "whole patients.",
        "{patients}例患者的{n}个椎体：误差考虑患者聚类，抽样以患者为单位。",
    ),
    "fill.strata": (
        "{names}: a baseline hazard for each level.",
        "{names}：各水平有各自的基线风险。",
    ),
    "fill.sets": (
        "{n} matched sets, compared inside each.",
        "{n}个匹配组，均在组内比较。",
    ),
    "fill.no_clusters": (
        "The protocol names no centre, and every row is a patient.",
        "方案未注明中心，且每行即一例患者。",
    ),
    "fill.measures": (
        "Discrimination: C-index. Calibration: intercept, slope, curve, ICI, E50, E90, Emax. "
        "Overall: Brier score. Usefulness: net benefit over thresholds. Each apparent, and "
        "corrected where the method corrects it. Why these: for the authors.",
        "区分度：C指数。校准度：截距、斜率、曲线、ICI、E50、E90、Emax。总体：Brier评分。实用性：各阈值净获益。"
        "均给出表观值，方法可校正者另给校正值。选用理由由作者说明。",
    ),
    "fill.measures_timed": (
        "Discrimination: C-index, and AUC at the horizons. Calibration: slope, curve at the "
        "horizons, ICI, E50, E90, Emax. Overall: Brier score. Usefulness: net benefit. AUC and "
        "Brier score are weighted for censoring. Why these: for the authors.",
        "区分度：C指数及各时间点AUC。校准度：斜率、各时间点曲线、ICI、E50、E90、Emax。总体：Brier评分。"
        "实用性：净获益。AUC与Brier评分对删失加权。选用理由由作者说明。",
    ),
    "fill.measures_entered": (
        "Discrimination: C-index; slope. With late entry nothing is measured at horizons; more: "
        "for the authors.",
        "区分度：C指数；斜率。存在延迟进入时不在时间点处评估；其余由作者说明。",
    ),
    "fill.measures_matched": (
        "Discrimination: C-index inside the sets; slope. There is no risk, so no calibration "
        "curve and no net benefit. Why these: for the authors.",
        "区分度：组内C指数；斜率。因无风险估计，故无校准曲线与净获益。选用理由由作者说明。",
    ),
    "fill.no_updating": (
        "A development: no earlier model was updated.",
        "本研究为模型开发，未更新已有模型。",
    ),
    "fill.no_evaluation": (
        "A development: no earlier model was evaluated.",
        "本研究为模型开发，未评价已有模型。",
    ),
    "fill.predictions": (
        "By the equation of the model that those left out had no part in.",
        "由被留出者未参与的模型方程计算。",
    ),
    "fill.no_balance": (
        "No method against class imbalance was used: nobody was drawn twice, left out or weighed "
        "to even out the outcome groups.",
        "未使用处理类别不平衡的方法：未为平衡结局组而重复抽取、剔除或加权。",
    ),
    "fill.no_balance_sampled": (
        "No method against class imbalance was used; that controls were sampled belongs to the "
        "design.",
        "未使用处理类别不平衡的方法；对照抽样属研究设计。",
    ),
    "fill.output": (
        "The probability of {outcome} ({time_point}), and points on a nomogram. {thresholds}",
        "“{outcome}”（{time_point}）的概率及列线图得分。{thresholds}",
    ),
    "fill.thresholds": (
        "Thresholds fixed by the protocol: {cuts}. Why these: for the authors.",
        "方案预先规定的阈值：{cuts}。理由由作者说明。",
    ),
    "fill.no_thresholds": (
        "No threshold of decision was fixed.",
        "未规定决策阈值。",
    ),
    "fill.output_matched": (
        "Odds ratios inside the matched sets; no risk and no class.",
        "匹配组内的比值比；无风险，亦无分类。",
    ),
    "fill.same_patients": (
        "Development and internal validation used the same patients.",
        "开发与内部验证使用同一批患者。",
    ),
    "fill.differ_centres": (
        "{n} centres by one protocol: criteria, outcome and predictors are the same; their "
        "settings: for the authors.",
        "{n}个中心采用同一方案：标准、结局与预测因子相同；场所差异由作者说明。",
    ),
    "fill.differ_split": (
        "Earlier {earlier} with {earlier_events} events, later {later} with {later_events}; the "
        "linear predictor's SD is {earlier_spread} and {later_spread}. Criteria, outcome and "
        "predictors are the same; what else had changed: for the authors.",
        "较早{earlier}例（事件{earlier_events}），较晚{later}例（事件{later_events}）；"
        "线性预测值的标准差为{earlier_spread}与{later_spread}。标准、结局与预测因子相同；"
        "其他变化由作者说明。",
    ),
}
