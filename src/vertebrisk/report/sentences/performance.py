"""Sentences about how well the model predicts: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # discrimination
    "discrimination.auc": (
        "In the patients from whom the model was made, the area under the ROC curve, which is "
        "the C-index, was {auc}. This apparent value flatters the model.",
        "在建模人群中，ROC曲线下面积（即C指数）为{auc}。该表观值会高估模型表现。",
    ),
    "discrimination.thresholds": (
        "Classification at the thresholds fixed by the protocol is in Table {table}. "
        "The threshold of Youden's index, where shown, was picked by these data and is not a "
        "recommendation.",
        "方案预设阈值下的分类结果见表{table}。若列出Youden指数阈值，则其由本数据选出，不作为推荐。",
    ),
    # calibration
    "calibration.slope": (
        "After correction for optimism the calibration slope was {slope} and the intercept "
        "{intercept}, with their 95 % range over the resamples; a slope below 1 means that "
        "predicted risks are too extreme.",
        "乐观校正后校准斜率为{slope}，截距为{intercept}（括号内为各次抽样的95%范围）；斜率小于1说明预测风险过于极端。",
    ),
    "calibration.error": (
        "The mean absolute difference between predicted and bias-corrected observed risk was "
        "{error}.",
        "预测风险与偏倚校正后观察风险的平均绝对差为{error}。",
    ),
    "calibration.smoother": (
        "The curve was drawn by {smoother}.",
        "曲线平滑方法：{smoother}。",
    ),
    "calibration.band": (
        "It rests on {events} events; where the band is wide the curve should not be read.",
        "曲线仅基于{events}个事件；区间带较宽处不宜解读。",
    ),
    # validation
    "validation.c": (
        "With {resamples} bootstrap resamples, {procedure}, the C-index went from {apparent} to "
        "{corrected}, an optimism of {optimism}.",
        "{procedure}，自助抽样{resamples}次，C指数由{apparent}校正为{corrected}（乐观度{optimism}）。",
    ),
    "validation.whole": (
        "each of which repeated the whole modelling procedure",
        "每次重复完整建模流程",
    ),
    "validation.held": (
        "each of which re-estimated the same model",
        "每次重新估计同一模型",
    ),
    "validation.fixed": (
        "With the model held fixed, as papers commonly do, it would have been {corrected}; that "
        "value leaves out the optimism of having chosen predictors or shapes by the data.",
        "若如多数论文那样固定模型，则为{corrected}；该值未扣除由数据选择预测因子或函数形状带来的乐观度。",
    ),
    "validation.nothing_selected": (
        "No predictor was selected, so every patient has the same apparent risk. Measures that "
        "compare patients or follow the slope do not exist for such a model, and what cannot be "
        "compared with the resamples has no corrected value.",
        "没有预测因子入选，所有患者的表观风险相同；对此类模型，比较患者的指标或斜率不存在，"
        "因而没有相应的校正值。",
    ),
    "validation.separated_pieces": (
        "{n} of the resamples had no finite maximum-likelihood estimate. They are left out, so "
        "that the corrected performance is too favourable.",
        "{n}次抽样不存在有限的极大似然估计，已剔除，故校正后的性能偏于乐观。",
    ),
    "validation.separated": (
        "{n} of the resamples had no finite maximum-likelihood estimate. They are kept for "
        "the C-index, Dxy, R² and the Brier score, whose limits exist (that of R² describes the "
        "separating level alone and is low); slope, intercept and the linear Emax are summarised "
        "over the others and are therefore too favourable.",
        "{n}次抽样不存在有限的极大似然估计。C指数、Dxy、R²与Brier评分的极限存在，故予保留"
        "（其中R²的极限仅反映造成分离的水平，数值偏低）；斜率、截距与线性Emax仅对其余抽样汇总，因而偏于乐观。",
    ),
    "validation.failed": (
        "{n} of the resamples could not be fitted and are left out.",
        "{n}次抽样无法拟合，已剔除。",
    ),
    "validation.selected": (
        "Table {table} shows how often each candidate was selected: predictors chosen in few "
        "resamples are an unstable part of the model.",
        "表{table}列出各候选因子的入选频率：入选次数少的因子是模型中不稳定的部分。",
    ),
    # decision
    "decision.at": (
        "At a threshold of {threshold}, the optimism-corrected net benefit of the model was "
        "{net_benefit}, where the apparent one was {apparent}, against {all} for treating everyone "
        "and 0 for treating no one.",
        "阈值为{threshold}时，模型乐观校正后的净获益为{net_benefit}，表观值为{apparent}，全部干预为{all}，均不干预为0。",
    ),
    "decision.range": (
        "The range of thresholds is the one that the protocol states. A curve above both "
        "reference strategies supports, but does not prove, usefulness in practice.",
        "阈值范围由方案规定。曲线高于两种参照策略提示但不能证明其实际价值。",
    ),
}
