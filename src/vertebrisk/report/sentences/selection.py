"""Sentences about repeated selection: models, competing candidates, and what choosing cost."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "caption.stability": ("Stability selection", "稳定性选择"),
    "stability.share": ("Halves (%)", "半样本占比（%）"),
    "stability.chosen": ("Chosen", "入选"),
    "note.stability": (
        "Share of {halves} random halves of the patients in which a candidate was among the "
        "{per_half} chosen; {threshold} is needed. Of candidates no better than chance, at most "
        "{bound} are expected among the chosen (Shah and Samworth 2013). In each resample of the "
        "validation {resampled} halves were drawn.",
        "候选因子在{halves}个随机半样本中位列前{per_half}个的占比，达{threshold}者入选。与随机无异的候选因子中，预期误入者至多{bound}个"
        "（Shah与Samworth 2013）。验证的每次抽样中取{resampled}个半样本。",
    ),
    "caption.models": ("Models chosen most often", "最常入选的模型"),
    "caption.selection_cost": ("Optimism that selection costs", "变量选择带来的乐观偏差"),
    "models.predictors": ("Predictors", "预测因子"),
    "models.size": ("Number", "个数"),
    "models.share": ("Resamples (%)", "抽样占比（%）"),
    "models.final": ("Final model", "最终模型"),
    "models.none": ("none", "无"),
    "caption.moved": (
        "Coefficients under repeated selection",
        "重复选择下的系数",
    ),
    "moved.full": ("Model of all candidates", "全部候选因子模型"),
    "moved.resamples": ("Resamples", "自助抽样"),
    "moved.rmsd_ratio": ("RMSD ratio", "RMSD比"),
    "moved.relative_bias": ("Relative conditional bias (%)", "相对条件偏差（%）"),
    "moved.median": ("Median (2.5th, 97.5th percentile)", "中位数（2.5、97.5百分位数）"),
    "note.moved": (
        "RMSD ratio: root mean squared difference of a coefficient over the resamples (0 where it "
        "was not chosen) from that of the model of all candidates, in its standard errors; above "
        "1, selection adds to the variance. Relative conditional bias: how far the coefficient, "
        "where it was chosen, lies on average beyond that of all candidates (Heinze, Wallisch and "
        "Dunkler 2018). Resamples without a finite estimate are left out.",
        "RMSD比：各次抽样系数（未入选者为0）与全部候选因子模型系数之差的均方根，以后者标准误计；大于1表示选择增加了方差。"
        "相对条件偏差：入选时系数平均超出全部候选因子模型系数的程度（Heinze、Wallisch与Dunkler "
        "2018）。不含无有限估计的抽样。",
    ),
    "selection.moved": (
        "Where it was chosen, the coefficient of {name} lay on average {bias} % beyond that of the "
        "model of all candidates (RMSD ratio {ratio}; Table {table}).",
        "{name}入选时，其系数平均较全部候选因子模型偏离{bias}%（RMSD比{ratio}；表{table}）。",
    ),
    "cost.difference": ("Cost of selection", "选择的代价"),
    "note.models": (
        "Different models over all resamples: {distinct}.",
        "全部抽样中共出现{distinct}种不同模型。",
    ),
    "note.selection_cost": (
        "Optimism of the procedure repeated with its selection, of the chosen model held fixed, "
        "and their difference. Optimism of the Brier score is negative, since a lower score is "
        "better.",
        "依次为重复选择时整个流程的乐观偏差、固定所选模型时的乐观偏差及两者之差。Brier评分越低越好，故其乐观偏差为负。",
    ),
    "selection.models": (
        "The final model was itself chosen in {final} of the resamples, among {distinct} different "
        "models (Table {table}).",
        "在各次抽样出现的{distinct}种不同模型中，最终模型的入选比例为{final}（表{table}）。",
    ),
    "selection.often": (
        "The model chosen most often ({share}) was another one: {model}.",
        "最常入选的是另一模型（{share}）：{model}。",
    ),
    "selection.competing": (
        "{first} and {second} took each other's place: they were chosen together in {together} of "
        "the resamples, where {expected} would be expected of candidates chosen independently.",
        "{first}与{second}相互替代：同时入选的比例为{together}，若相互独立则预期为{expected}。",
    ),
    "selection.cost": (
        "Of the C-index's optimism of {whole}, choosing by the data accounts for {cost} "
        "(Table {table}).",
        "C指数的乐观偏差为{whole}，其中{cost}来自由数据作出的选择（表{table}）。",
    ),
}
