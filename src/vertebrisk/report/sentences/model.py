"""Sentences about the regression model and its nomogram: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # multivariable
    "multivariable.opening": (
        "In the model of {n} {unit} with {events} events, each predictor adjusted for the others, "
        "the following were associated with {outcome} ({tests}; Table {table}): {terms}.",
        "{n}{unit}（事件{events}个）的模型中，调整其他预测因子后，与“{outcome}”相关的因素如下"
        "（{tests}；表{table}）：{terms}。",
    ),
    "multivariable.not_associated": (
        "The data were compatible with no association for {terms}.",
        "以下因素的数据与“无关联”相容：{terms}。",
    ),
    "multivariable.none_associated": (
        "In the model of {n} {unit} with {events} events, no predictor was associated with "
        "{outcome} at {below} after adjustment for the others ({tests}; Table {table}): {terms}.",
        "{n}{unit}（事件{events}个）的模型中，调整其他因子后，无预测因子与“{outcome}”相关"
        "（{below}；{tests}；表{table}）：{terms}。",
    ),
    "multivariable.tests.wald": ("Wald tests", "Wald检验"),
    "multivariable.tests.profile": (
        "Wald tests, profile-likelihood intervals",
        "Wald检验，剖面似然区间",
    ),
    "multivariable.tests.profile_firth": (
        "penalised likelihood-ratio tests",
        "惩罚似然比检验",
    ),
    "multivariable.tests.profile_pooled": (
        "profile penalised likelihoods of the completed tables combined",
        "各插补表剖面惩罚似然合并",
    ),
    "multivariable.tests.pooled": (
        "tests pooled over the completed tables by Rubin's rules",
        "按Rubin规则合并各插补表的检验",
    ),
    "multivariable.per_unit": ("{label}, per unit", "{label}，每增加1个单位"),
    "multivariable.intercept_only": (
        "No candidate was selected. The model holds a constant only: it gives every patient the "
        "observed proportion of {outcome}, {risk}, and cannot tell patients apart.",
        "没有候选因子入选。模型仅含常数项：对每位患者均给出“{outcome}”的观察比例{risk}，不能区分患者。",
    ),
    "multivariable.equation": (
        "The linear predictor, from which risk = 1 / (1 + exp(-linear predictor)), is:",
        "线性预测值如下，风险 = 1 / (1 + exp(-线性预测值))：",
    ),
    "multivariable.splines": (
        "Restricted cubic splines (Harrell), for a variable x with knots t1 < ... < tk and "
        "(u)+ = max(u, 0); the first column is x itself, and column j + 1, written with j "
        "primes, is for j = 1 to k - 2:",
        "限制性立方样条（Harrell）：变量x，节点t1 < … < tk，(u)+ = max(u, 0)；第一列为x本身，"
        "第j + 1列（带j个撇号，j = 1至k - 2）为：",
    ),
    "multivariable.knots": ("Knots of {label}: {knots}", "{label}的节点：{knots}"),
    "multivariable.after_selection": (
        "The predictors were chosen with the same data. Standard errors, P values and intervals "
        "in Table {table} do not account for that choice and are too optimistic.",
        "预测因子由同一数据选出，表{table}中的标准误、P值和区间未考虑选择过程，因而过于乐观。",
    ),
    "term": ("{label} (OR {ratio}, {p})", "{label}（OR {ratio}，{p}）"),
    "term.ci": (
        "{label} (OR {ratio}, 95\u00a0%\u00a0CI {interval}, {p})",
        "{label}（OR {ratio}，95% CI {interval}，{p}）",
    ),
    "term.joint": ("{label} (all its terms together, {p})", "{label}（各项联合，{p}）"),
    # nomogram
    "nomogram.reading": (
        "For each variable, find the patient's value, go straight up to the scale of points and "
        "note the number. Add the points up. Find the sum on the scale of total points, and go "
        "straight down to read the risk.",
        "对每个变量，找到患者的取值，垂直向上在得分轴上读取分数；将各项分数相加，在总分轴上找到总和，"
        "再垂直向下读取风险。",
    ),
    "nomogram.example": (
        "An invented example: a patient with {values} has {points} points in total and an "
        "estimated risk of {risk}.",
        "虚构示例：某患者{values}，总分{points}分，估计风险为{risk}。",
    ),
    "nomogram.interval": (
        "The 95 % interval of {interval} describes the uncertainty of the average risk of "
        "patients like this one.",
        "95%区间{interval}表示此类患者平均风险的不确定性。",
    ),
    "nomogram.averages": (
        "The calculator and the model file can do without one of several inputs: the risk is then "
        "the average over what patients like this one had, by regressions of each input on the "
        "others, and its interval is wider. The nomogram needs every value.",
        "计算器和模型文件允许缺少部分变量：此时根据各变量对其他变量的回归，对相似患者可能的取值求平均得到风险，"
        "其区间更宽。列线图则需要全部取值。",
    ),
    "nomogram.empty": (
        "A model without predictors has no nomogram.",
        "无预测因子的模型没有列线图。",
    ),
}
