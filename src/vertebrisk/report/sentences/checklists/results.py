"""What a run says to items on results, on what is open to others, and on use."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "fill.protocol": (
        "The run followed the file {name}, whose SHA-256 the manifest holds. Where it can be "
        "read: for the authors.",
        "按文件{name}执行，其SHA-256见清单文件。何处可查阅由作者说明。",
    ),
    "fill.sharing": (
        "Data file {file}, known by its SHA-256. Whether and where it can be had: for the authors.",
        "数据文件{file}，以SHA-256标识。能否及何处获取由作者说明。",
    ),
    "fill.code": (
        "vertebrisk {version} with the protocol repeats every number, reproduce.R the main ones "
        "in R. Where they can be had: for the authors.",
        "vertebrisk {version}依方案可重复全部数字，reproduce.R可在R中重复主要数字。"
        "何处获取由作者说明。",
    ),
    "fill.code_pieces": (
        "vertebrisk {version} with the protocol repeats every number. Where they can be had: for "
        "the authors.",
        "vertebrisk {version}依方案可重复全部数字。何处获取由作者说明。",
    ),
    "fill.flow": (
        "Read {n_read}, analysed {n}: {events} with and {without} without the event. {followed}",
        "读入{n_read}，分析{n}：发生事件{events}，未发生{without}。{followed}",
    ),
    "fill.median_follow_up": (
        "Median follow-up {median} {unit}.",
        "中位随访{median}{unit}。",
    ),
    "fill.ended": ("Censored {censored}.", "删失{censored}。"),
    "fill.ended_competing": (
        "Censored {censored}, with a competing event {competing}.",
        "删失{censored}，竞争事件{competing}。",
    ),
    "fill.followed_scores": (
        "{labels}: visits and numbers at each. How long patients were followed: for the authors.",
        "{labels}：各随访时点及例数。随访时长由作者说明。",
    ),
    "fill.fixed_time": (
        "The outcome is judged at one time ({time_point}); how long patients were followed: for "
        "the authors.",
        "结局于单一时间点（{time_point}）判定；随访时长由作者说明。",
    ),
    "fill.characteristics": (
        "Variables {n}, by outcome group ({first} and {second}), with missing values counted. "
        "Treatments, dates and differences between groups of people: for the authors.",
        "按结局分组（{first}与{second}）列出{n}个变量并计缺失。治疗、日期及不同人群的差异由作者补充。",
    ),
    "fill.none_lacking": (
        "No compared variable lacks a value.",
        "所比较的变量均无缺失。",
    ),
    "fill.lacking": ("Values missing: {variables}.", "缺失数：{variables}。"),
    "fill.analysed": (
        "Model and univariable analyses: {n} with {events} events.",
        "模型与单因素分析：{n}例，事件{events}。",
    ),
    "fill.analysed_complete": (
        "Complete cases beside: {n} with {events}.",
        "并列的完整病例分析：{n}例，事件{events}。",
    ),
    "fill.analysed_split": (
        "Split by time: {early} with {early_events} made the model, {late} with {late_events} "
        "tried it.",
        "按时间拆分：{early}例（事件{early_events}）建模，{late}例（事件{late_events}）检验。",
    ),
    "fill.analysed_validation": (
        "Validation: {resamples} models.",
        "验证：{resamples}个模型。",
    ),
    "fill.analysed_failed": (
        "{n} further ones could not be used.",
        "另有{n}个无法使用。",
    ),
    "fill.specified": (
        "The equation in full; model.json has coefficients, knots, levels and "
        "ranges.{baseline}{calculator} Restrictions on its use: for the authors.",
        "给出完整方程；model.json含系数、节点、水平与取值范围。{baseline}{calculator}使用限制由作者说明。",
    ),
    "fill.baseline": (
        " So is the baseline hazard there.",
        "基线风险亦在其中。",
    ),
    "fill.calculator": (
        " calculator.html computes it for one patient.",
        "calculator.html可计算单个患者。",
    ),
    "fill.specified_sets": (
        "Log odds ratios in full, and in model.json; matched sets have no intercept, so no risk "
        "can be computed. Restrictions on its use: for the authors.",
        "给出全部对数比值比，并存于model.json；匹配设计无截距，故不能计算风险。使用限制由作者说明。",
    ),
    "fill.mean_only": (
        "No predictor is in the model; it gives everyone the mean risk.",
        "模型无预测因子，对所有人给出平均风险。",
    ),
    "fill.final": ("In the final model: {names}.", "最终模型包含：{names}。"),
    "fill.c_apparent": ("C-index, apparent: {value}.", "C指数（表观）：{value}。"),
    "fill.c_corrected": ("Corrected: {value}.", "校正：{value}。"),
    "fill.slope": (
        "Calibration slope, corrected: {value}.",
        "校准斜率（校正）：{value}。",
    ),
    "fill.no_subgroups": (
        "No subgroup of patients was examined; whether one ought to be: for the authors.",
        "未分析患者亚组；是否需要由作者决定。",
    ),
    "fill.no_centres": (
        "Differences between centres were not examined.",
        "未分析中心间差异。",
    ),
    "fill.by_centre": (
        "Of each of {n} centres, pooled, with the prediction interval of a further one.",
        "给出{n}个中心各自及合并的结果，并给出新中心的预测区间。",
    ),
    "fill.raised": (
        "Errors {errors}, warnings {warnings}: {titles}. What they mean for the results: for the "
        "authors.",
        "错误{errors}项，警告{warnings}项：{titles}。其对结果的影响由作者讨论。",
    ),
    "fill.nothing_raised": (
        "The run raises no error and no warning; limits of the study itself: for the authors.",
        "本次运行未提出错误或警告；研究本身的局限由作者讨论。",
    ),
    "fill.inputs_ask": (
        "The model asks for every input and marks values beyond those it was made from. How their "
        "quality is to be judged: for the authors.",
        "模型要求全部输入，并标出超出建模范围的值。输入质量如何评估由作者说明。",
    ),
    "fill.inputs_average": (
        "The model averages over a missing input and marks values beyond those it was made from. "
        "How their quality is to be judged: for the authors.",
        "模型对缺失输入取平均，并标出超出建模范围的值。输入质量如何评估由作者说明。",
    ),
    "fill.inputs": (
        "Inputs entered in the calculator, {n}: {names}. Which expertise that takes: for the "
        "authors.",
        "在计算器中输入{n}项：{names}。所需专长由作者说明。",
    ),
    "fill.next": (
        "Validation in other patients, before the model is used elsewhere; more: for the authors.",
        "在其他机构使用前须于其他患者中验证；其余由作者说明。",
    ),
}
