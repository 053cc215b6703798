"""What is said of the numbers that a pooled study prints, and of studies that print none."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "{n_events} of the {n} analysed were chosen by their outcome, so the share is that of the "
    "population": ("分析的{n}中有{n_events}例按结局选入，因此采用人群中的比例"),
    "the numbers of events or patients are printed as bounds": "事件数或患者数以界限形式给出",
    "the number of patients is not printed": "未给出患者数",
    "{n_events} events in {n} patients cannot be": "{n}例患者中不可能有{n_events}个事件",
    "events counted over the follow-up, whoever left before its end": (
        "按随访期间计数事件，不论是否提前退出"
    ),
    "its outcome is {outcome}": "其结局为{outcome}",
    "{place} is {source}, and {kind} is pooled": "{place}为{source}值，而合并的是{kind}值",
    "; it prints an {others} one": "；论文给出的是{others}值",
    "no {kind} {title} is printed{shown}": "未给出{kind}{title}{shown}",
    "the {title} is 1 by construction on the patients that the model was made from": (
        "在建模患者中{title}必然为1"
    ),
    "the {title} {value} ({place}) cannot be used as a number": (
        "{title}{value}（{place}）不能作为数值使用"
    ),
    "the {kind} {title} {value} has neither an interval nor, for its patients, numbers of "
    "events and of all": ("{kind}{title}{value}既无区间，也无相应患者的事件数与总数"),
    "a C-index of time to event, over the pairs that can be ordered": (
        "为生存结局的C指数，按可排序的对子计算"
    ),
    "the printed interval, {low} to {high}, cannot be that of {value}": (
        "所印区间{low}至{high}不可能属于{value}"
    ),
    "{value} is taken; the paper also prints {others}": "采用{value}；论文另给出{others}",
    "on other patients: {patients}": "在其他患者中：{patients}",
    "a study counts once; not taken: {others}": "每项研究只计一次；未采用：{others}",
    "C-statistic": "C统计量",
    "observed/expected ratio": "观察/预期比",
    "calibration slope": "校准斜率",
    "not adjusted: {reason}": "未采用校正值：{reason}",
    "no multivariable regression is printed": "未给出多因素回归",
    "{place} prints hazard ratios, which are not odds ratios": "{place}给出的是风险比而非比值比",
    "'{name}' is not among the terms of the regression ({place})": (
        "“{name}”不在回归的变量中（{place}）"
    ),
    "the regression ({place}) names '{name}' without a number": (
        "回归（{place}）列出“{name}”但未给出数值"
    ),
    "no row of {place} gives '{name}' alone, so it has no standard error": (
        "{place}中没有单独给出“{name}”的行，因此无标准误"
    ),
    "{place} contradicts itself ({doubts})": "{place}自相矛盾（{doubts}）",
    "{place} prints {shown} with no standard error and no usable interval": (
        "{place}给出{shown}，但无标准误，也无可用的区间"
    ),
    "the regression keeps levels of '{name}' apart that the factor joins": (
        "回归将“{name}”中该因素合并的水平分开列出"
    ),
    "the regression does not have the levels of '{name}' that are compared": (
        "回归中没有“{name}”被比较的水平"
    ),
    "the regression compares both levels of '{name}' with a third one, and the error of their "
    "difference is not printed": (
        "回归将“{name}”的两个水平均与第三个水平比较，未给出二者之差的误差"
    ),
    "the standard error {error} and the interval {limits} of this row differ; the standard "
    "error is taken": ("该行的标准误{error}与区间{limits}不符；采用标准误"),
    "the level of the interval is not printed and taken as 95 %": (
        "未给出区间的置信水平，按95%处理"
    ),
    "the odds ratio {ratio}": "比值比{ratio}",
    "no number": "无数值",
    "the group comparison does not have '{name}'": "组间比较中没有“{name}”",
    "the group comparison ({place}) has no odds ratio of a number": (
        "组间比较（{place}）不给出连续变量的比值比"
    ),
    "the groups compared are not those with and without the outcome": (
        "所比较的并非有结局与无结局的两组"
    ),
    "the group comparison ({place}) prints no counts of '{name}'": (
        "组间比较（{place}）未给出“{name}”的计数"
    ),
    "the counts of '{name}' in {place} exceed the sizes of the groups": (
        "{place}中“{name}”的计数超过组的例数"
    ),
    "a margin of the 2 x 2 table of {place} is empty: {a}/{b} against {c}/{d}": (
        "{place}的四格表有一个边际合计为零：{a}/{b}对{c}/{d}"
    ),
    "{levels} in {a} of {with_it} with the outcome and in {c} of {without} without": (
        "{levels}：有结局者{with_it}例中{a}例，无结局者{without}例中{c}例"
    ),
    "a cell of the 2 x 2 table is empty, so half a patient is added to each": (
        "四格表有空格，每格各加0.5例"
    ),
    "{names} could each be the factor; name one in a mapping of your own, with study": (
        "{names}均可能是该因素；请在自备的映射中指定其一（with study）"
    ),
    "'{name}' is not it: {reason}": "“{name}”并非该因素：{reason}",
    "'{name}' is coded in a way that the mapping does not know ({shown})": (
        "“{name}”的编码方式为映射所不知（{shown}）"
    ),
    "numbers": "数值",
    "the paper has no variable that is this factor under any known name": (
        "论文中没有以任何已知名称表示该因素的变量"
    ),
    "not stated": "未说明",
}
