"""What is said of how models were fitted: Firth, powers, matched sets, time to event."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # conditional/checking.py
    "{text} cases from controls inside every set of '{sets}', so no finite maximum-likelihood "
    "estimate exists; the model was estimated by Firth's penalised likelihood.": (
        "在“{sets}”的每个匹配组内，{text}病例与对照，因此不存在有限的最大似然估计；模型采用"
        "Firth惩罚似然估计。"
    ),
    "Read the profile intervals: the data say that an effect is large, not how large.": (
        "阅读轮廓似然区间：数据表明关联较强，但未表明有多强。"
    ),
    "Firth's penalty keeps estimates finite and removes their first-order bias (Heinze and "
    "Puhr 2010, doi:10.1002/sim.3794).": (
        "Firth惩罚使估计值有限，并消除其一阶偏倚（Heinze与Puhr 2010，doi:10.1002/sim.3794）。"
    ),
    # firth/objections.py
    "Read the profile intervals, which may be very wide; merge levels, or leave the predictor "
    "out, where that makes sense clinically.": (
        "阅读轮廓似然区间，其可能很宽；若临床上合理，可合并水平或剔除该预测因子。"
    ),
    " The intercept was estimated anew, so that the mean risk is the prevalence (FLIC).": (
        "截距已重新估计，使平均风险等于患病率（FLIC）。"
    ),
    " An added covariate makes the mean risk the prevalence (FLAC).": (
        "通过增加一个协变量使平均风险等于患病率（FLAC）。"
    ),
    " The mean risk is drawn towards one half; it is not the prevalence.": (
        "平均风险被拉向二分之一，并不等于患病率。"
    ),
    "all {tables} completed tables": "全部{tables}个填补数据集",
    "{found} of {tables} completed tables": "{tables}个填补数据集中的{found}个",
    "complete": "完全",
    "quasi-complete": "准完全",
    "In {text} ": "在{text}中，",
    "{place}{text} the patients with and without '{outcome}' ({kind} separation), so no "
    "finite maximum-likelihood estimate exists; the model was estimated by Firth's penalised "
    "likelihood{everywhere}.": (
        "{place}{text}发生与未发生“{outcome}”的患者（{kind}分离），因此不存在有限的最大似然估"
        "计；模型{everywhere}采用Firth惩罚似然估计。"
    ),
    "Firth's penalty keeps estimates finite and removes their first-order bias (Heinze and "
    "Schemper 2002, doi:10.1002/sim.1047).{mean_risk}": (
        "Firth惩罚使估计值有限，并消除其一阶偏倚（Heinze与Schemper 2002，doi:10.1002/sim.1047"
        "）。{mean_risk}"
    ),
    "{monotone}: {monotone_cause}; the model was estimated by Firth's penalised "
    "likelihood{everywhere}.": (
        "{monotone}：{monotone_cause}；模型{everywhere}采用Firth惩罚似然估计。"
    ),
    "Firth's penalty keeps estimates finite and removes their first-order bias (Heinze and "
    "Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x).": (
        "Firth惩罚使估计值有限，并消除其一阶偏倚（Heinze与Schemper 2001，"
        "doi:10.1111/j.0006-341X.2001.00114.x）。"
    ),
    " in {text}": "（{text}）",
    " in every table": "在每个数据集中均",
    "No finite maximum-likelihood estimate exists{where} (monotone likelihood)": (
        "不存在有限的最大似然估计（单调似然）{where}"
    ),
    "{names} each": "{names}各自",
    "{names} together": "{names}合在一起",
    "at every event of '{outcome}', whoever has it has the most extreme value of {parts} "
    "among those at risk, as when events occur in one group only": (
        "在“{outcome}”的每个事件处，发生者的{parts}取值在风险集中均为极端值，例如事件仅发生于某一组"
    ),
    # fractional/reporting.py
    "The data chose the shape of {variables}: {described}.": (
        "{variables}的函数形状由数据选定：{described}。"
    ),
    "Read the intervals of the repeated procedure and how often each shape was chosen; write "
    "known powers, such as powers(x, -1), where earlier studies give them.": (
        "阅读重复全流程所得的区间及各形状入选的比例；若既往研究给出了幂次，可直接写明，如"
        "powers(x, -1)。"
    ),
    "Standard errors and P values of the coefficients take the powers for known, so they are "
    "too small; the validation finds the powers anew in each resample (Royston and Sauerbrei "
    "2008, doi:10.1002/9780470770771).": (
        "系数的标准误与P值将幂次视为已知，因而过小；验证时每次抽样均重新选择幂次（Royston与"
        "Sauerbrei 2008，doi:10.1002/9780470770771）。"
    ),
    "The powers of {variables} still changed after {cycles} cycles over the variables; the "
    "last of them stand.": (
        "对各变量循环{cycles}次后，{variables}的幂次仍在变化；采用最后一次的结果。"
    ),
    "Choose the shape of some of the variables beforehand.": "预先指定部分变量的函数形状。",
    "that one": "该值",
    "them": "这些值",
    "without {them} the shapes are others: {described}": ("去掉{them}后形状不同：{described}"),
    "without {them} the shapes are the same": "去掉{them}后形状不变",
    "{patients} with extreme values of {variables} {decide} a large part of the curve; {then}.": (
        "{variables}取极端值的{patients}在很大程度上决定了曲线；{then}。"
    ),
    "Check these values; where they are right, enter the logarithm, or a spline, whose ends "
    "are straight.": ("核对这些取值；若无误，可取对数，或改用两端为直线的样条。"),
    "Powers far from 1 follow the smallest or the largest values. A patient is named who "
    "decides {large_share:g} % of his own fitted value or more (Royston and Sauerbrei 2007, "
    "Computational Statistics and Data Analysis 51:4240-4253).": (
        "远离1的幂次易受最小值或最大值左右。凡决定其自身拟合值{large_share:g}%及以上者予以指出"
        "（Royston与Sauerbrei 2007，Computational Statistics and Data Analysis 51:4240-4253）"
        "。"
    ),
    "'{variable}' has values that are not positive; {shift:g} was added to all of them before "
    "taking powers.": ("“{variable}”含有非正值；取幂前所有值均加上{shift:g}。"),
    "Where zero means that there is none of it, enter that as a category of its own beside "
    "the amount.": ("若零表示“没有”，应将其作为单独类别与数量一并纳入。"),
    "Powers and logarithms need positive numbers, and the shape near the smallest value "
    "depends on what is added.": ("幂与对数要求正数，最小值附近的形状取决于所加常数。"),
    "{name} left out": "{name}被剔除",
    "{name} a straight line": "{name}为直线",
    "{name} with powers {powers}": "{name}的幂次为{powers}",
    # statuses.py
    "No patient has the competing event '{competing}', so the Fine-Gray model is a Cox model "
    "with Breslow's ties.": (
        "没有患者发生竞争事件“{competing}”，因此Fine-Gray模型等同于以Breslow法处理同时事件的Cox模型。"
    ),
    "Check the values given as competing against those in the data; if nobody had it, fit a "
    "Cox model.": ("将作为竞争事件给出的取值与数据核对；若确无人发生，请拟合Cox模型。"),
    # survival/objections.py
    "{tied} of {events} share their time with another; the largest group has {largest}.": (
        "{events}中有{tied}与其他事件时间相同；最大一组有{largest}个。"
    ),
    "Use Efron's approximation, or record times more finely.": (
        "使用Efron近似，或更精细地记录时间。"
    ),
    "Record times more finely where that is possible.": "若有可能，更精细地记录时间。",
    "Times are treated as continuous. With many ties Breslow's approximation draws "
    "coefficients towards zero, Efron's far less (Efron 1977, "
    "doi:10.1080/01621459.1977.10480613).": (
        "时间视为连续。同时事件较多时，Breslow近似使系数偏向零，Efron近似的影响小得多（Efron 1977"
        "，doi:10.1080/01621459.1977.10480613）。"
    ),
    "{strata} of {size}, with {patients}, {says} nothing about the coefficients: no event, or "
    "no other patient at risk at one.": (
        "{size}中有{strata}（{patients}）对系数不提供信息：层内无事件，或事件发生时无其他患者"
        "处于风险中。"
    ),
    "Merge small strata, or enter the variable as a predictor.": (
        "合并较小的层，或将该变量作为预测因子纳入。"
    ),
    "A Cox model compares patients within a stratum only.": "Cox模型仅在层内比较患者。",
    # survival/reading.py
    "{patients} {have} time 0, {events} of them with the event.": (
        "{patients}时间为0，其中{events}例发生事件。"
    ),
    "Compare the times with the source; an event that happens at the beginning itself is a "
    "binary outcome, for fit_logistic.": (
        "将时间与原始资料核对；起点即发生的事件属于二分类结局，应使用fit_logistic。"
    ),
    "A Cox model keeps time 0: an event there counts among all patients, and a patient "
    "censored there adds nothing.": (
        "Cox模型保留时间0：该处的事件在全体患者中计算，该处删失的患者不提供信息。"
    ),
    "{times} {differs} from another by rounding alone and were taken as equal to it.": (
        "出现{times}：某时间与另一时间仅有舍入之差，已视为相等。"
    ),
    "Nothing; or round the times in the file.": "无需处理；或在文件中对时间取整。",
}
