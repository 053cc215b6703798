"""What validation gives rise to say, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    # centres
    "{n} centre": "{n}个中心",
    "slope": "校准斜率",
    "calibration in the large": "整体校准",
    "observed over expected": "观察/预期比",
    "no events": "无事件",
    "events only": "全部为事件",
    "one event": "仅一个事件",
    "one non-event": "仅一个非事件",
    "less than one event expected": "预期事件不足一个",
    "one risk": "风险全部相同",
    "scores part the outcomes": "评分将结局完全分开",
    "a risk of 0 or 1": "风险为0或1",
    "the others have one outcome": "其余中心只有一种结局",
    "the others give no finite estimate": "其余中心得不出有限估计值",
    "the others lack a variable": "其余中心缺少某一变量",
    "a stratum is in no other centre": "有的层不见于其他中心",
    "followed for too short a time": "随访时间过短",
    "the others were followed for too short a time": "其余中心随访时间过短",
    "no two can be compared": "没有可以比较的两例",
    "{name} ({reasons})": "{name}（{reasons}）",
    "{centres} can be pooled. The variance between centres is hardly known from fewer than "
    "{few_centres}, and the prediction interval is weak: very wide, or too narrow where they "
    "happen to agree.": (
        "可合并的仅{centres}。不足{few_centres}个时几乎无法得知中心间方差，预测区间不可靠：可能很宽，"
        "或在各中心碰巧一致时过窄。"
    ),
    "Show the centres one by one; the pooled number adds little.": (
        "请逐一列出各中心；合并值意义不大。"
    ),
    "Debray et al. 2019, doi:10.1177/0962280218785504.": (
        "Debray等 2019，doi:10.1177/0962280218785504。"
    ),
    "events by the horizon": "至预测时点的事件",
    "events or non-events": "事件或非事件",
    "their numbers and limits are hardly more than chance": "其数值与界限几乎只反映机遇",
    "on their own they say little": "单独来看说明不了什么",
    "{centres} of {n} {have} fewer than {least} {of_either} ({names}); {meaning}.": (
        "{n}个中心中有{centres}的{of_either}不足{least}个（{names}）；{meaning}。"
    ),
    "Read the pooled values with their intervals; join small centres that are alike only if that "
    "was planned.": "请结合区间解读合并值；仅在事先计划时才可合并相似的小中心。",
    "Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787.": (
        "Collins、Ogundimu和Altman 2016，doi:10.1002/sim.6787。"
    ),
    "{centres} {lacks} numbers, or {have} some that cannot be pooled: {lacking}.": (
        "{centres}缺少部分指标，或有无法合并的指标：{lacking}。"
    ),
    "Say so wherever the pooled values are shown: they leave these out.": (
        "凡展示合并值处均应说明：合并值未包括这些中心。"
    ),
    "Centres with a C of 1 are left out of the pooled C, which is too low for that, and centres "
    "whose patients all have the event of observed over expected.": (
        "C指数为1的中心未纳入合并C指数，合并值因而偏低；患者全部发生事件的中心未纳入观察/预期比。"
    ),
    " The pooled calibration in the large leaves {them} out, and is too high for that.": (
        "合并的整体校准未包括这些中心，因而偏高。"
    ),
    "{centres} without events ({names}) {enters} the pooled observed over expected with half an "
    "event added to either.{large}": (
        "{centres}无事件（{names}），观察数与预期数各加半个事件后纳入合并的观察/预期比。{large}"
    ),
    "Read observed over expected.": "请解读观察/预期比。",
    "In {names} the centres agree more closely than chance would have it, so the error of "
    "Hartung and Knapp is below that of one common value, and the prediction interval is no "
    "wider than the confidence interval.": (
        "各中心在{names}上比机遇所致更为一致，因此Hartung-Knapp标准误小于共同值的标准误，预测区间"
        "不宽于置信区间。"
    ),
    "Do not read it as proof that centres are alike.": "不可据此认为各中心相同。",
    "Wiksten, Ruecker and Schwarzer 2016, doi:10.1002/sim.6879.": (
        "Wiksten、Rücker和Schwarzer 2016，doi:10.1002/sim.6879。"
    ),
    "Without {names} a predictor, or a level of one, does not vary: its coefficient is 0 for the "
    "patients there.": ("去除{names}后，某个预测因子或其某一水平不再变化：该处患者所用的系数为0。"),
    "Merge levels that a single centre has, or leave such a predictor out.": (
        "请合并仅见于单个中心的水平，或去除该预测因子。"
    ),
    "All limits": "所有界限",
    "The limits of C allow for it; those of slope, calibration in the large and observed over "
    "expected": "C指数的界限已考虑这一点；校准斜率、整体校准与观察/预期比的界限",
    "Patients have several rows. {told} take rows for independent and are too narrow.": (
        "同一患者有多行。{told}将各行视为独立，因而过窄。"
    ),
    "Read them with that in mind.": "解读时请注意这一点。",
    # goodness of fit
    "Hosmer and Lemeshow's test says neither how far risks are off nor in which direction, and a "
    "large P is no evidence of calibration.": (
        "Hosmer-Lemeshow检验既不说明风险偏离多少，也不说明偏离方向；P值大并不证明校准良好。"
    ),
    "Read calibration in the large, slope and the curve.": "请解读整体校准、校准斜率与校准曲线。",
    "Little power in few patients, certain rejection in many, and another answer for other "
    "groups: Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7.": (
        "患者少时检验效能低，患者多时必然拒绝，且分组不同结论不同："
        "Van Calster等 2019，doi:10.1186/s12916-019-1466-7。"
    ),
    # learning curve
    "The C-index in the patients left out grew by {gain:.3f} from half to all of the largest "
    "part ({n:.0f} rows): it has not levelled off.": (
        "由最大部分（{n:.0f}行）的一半增至全部时，留出患者中的C指数上升{gain:.3f}：尚未趋于平稳。"
    ),
    "More patients would make a better model; fewer candidates may do the same.": (
        "更多患者可改进模型；减少候选因子也可能有同样效果。"
    ),
    "Models of the largest part ({n:.0f} rows) have a slope of {slope:.2f} in the patients left "
    "out: their risks are too extreme.": (
        "以最大部分（{n:.0f}行）建立的模型在留出患者中的校准斜率为{slope:.2f}：其风险过于极端。"
    ),
    "Shrink the coefficients, prespecify fewer candidates, or collect more patients.": (
        "请收缩系数、预先指定更少的候选因子或收集更多患者。"
    ),
    # reclassification
    "Compare net benefit at the thresholds, the Brier score and calibration of both models, and "
    "test the new predictor in its model.": (
        "请比较两个模型在各阈值的净获益、Brier评分与校准，并在模型中检验新的预测因子。"
    ),
    "NRI and IDI are not proper measures: a worse model can have both above 0.": (
        "NRI与IDI并非恰当的评价指标：较差的模型也可能两者均大于0。"
    ),
    "A miscalibrated model, or one with a predictor of pure noise, gains by them, in new patients "
    "too: Hilden and Gerds 2014, doi:10.1002/sim.5804; Pepe et al. 2015, "
    "doi:10.1007/s12561-014-9118-0. Moves between categories are all counted alike: Kerr et al. "
    "2014, doi:10.1097/EDE.0000000000000018.": (
        "校准不良的模型，或含纯噪声预测因子的模型，即使在新患者中也会因此获益："
        "Hilden和Gerds 2014，doi:10.1002/sim.5804；Pepe等 2015，doi:10.1007/s12561-014-9118-0。"
        "类别之间的移动一律等同计算：Kerr等 2014，doi:10.1097/EDE.0000000000000018。"
    ),
    "The two models give every patient the same risk: nothing is reclassified.": (
        "两个模型对每位患者给出的风险相同：没有重分类。"
    ),
    "Check that the risks are of two models.": "请核对这些风险是否来自两个模型。",
    "{patients} of {n} {have} the event and {n_without} not; under {few} of either a comparison "
    "says little.": (
        "{n}例中{patients}发生事件、{n_without}例未发生；任一类不足{few}例时，比较意义有限。"
    ),
    "Read the intervals, not the estimates.": "请解读区间，而非估计值。",
    "The NRI is above 0 ({nri:.3f}) and yet the net benefit of the new risks is not higher at "
    "{at}.": "NRI大于0（{nri:.3f}），但新风险在阈值{at}处的净获益并未提高。",
    "Go by the net benefit: it weighs needless against needed treatment, the NRI weighs them by "
    "how frequent the event is.": (
        "请以净获益为准：净获益权衡不必要的与必要的治疗，而NRI按事件发生的频率加权。"
    ),
    "{better} {are} above 0 and yet the new risks are further from the outcomes: Brier score "
    "{new:.4f}, of the old {old:.4f}.": (
        "{better}大于0，但新风险与结局的偏离更大：Brier评分为{new:.4f}，原模型为{old:.4f}。"
    ),
    "Go by the Brier score, which is best for the right risks and no others.": (
        "请以Brier评分为准：只有正确的风险才使其达到最优。"
    ),
    "old": "原模型",
    "new": "新模型",
    "The {which} risks are {mean:.3f} on average where {observed:.3f} have the event: NRI and "
    "IDI rise or fall by that alone, whatever the predictors tell.": (
        "{which}的平均风险为{mean:.3f}，而实际发生事件者为{observed:.3f}：仅此一点即可使NRI与IDI"
        "升降，与预测因子无关。"
    ),
    "Recalibrate both models to these patients before any comparison of moves "
    "(vertebrisk.update_model).": (
        "请先将两个模型按这些患者再校准，再比较重分类（vertebrisk.update_model）。"
    ),
}
