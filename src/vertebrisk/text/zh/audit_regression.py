"""What an audit says of regression tables, nomograms and fits, in Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # regression/directions.py
    "Patients with the event have more of it than the others (z = {crude:.2f})": (
        "发生事件的患者该项高于其他患者（z = {crude:.2f}）"
    ),
    "Patients with the event have less of it than the others (z = {crude:.2f})": (
        "发生事件的患者该项低于其他患者（z = {crude:.2f}）"
    ),
    "{said}, and the coefficient has that sign.": "{said}，系数符号与此一致。",
    "{said}, but the coefficient says the opposite.": "{said}，但系数方向相反。",
    "{message} Adjustment turns so strong an association into so strong an opposite one only "
    "where other terms nearly determine it.": (
        "{message}只有当其他项几乎决定该变量时，校正才会把如此强的关联变成同样强的反向关联。"
    ),
    "Used as printed, {name} moves the risk of a patient in the wrong direction.": (
        "按印刷值使用时，{name}会使患者风险朝错误方向变化。"
    ),
    "Ask how the variable was coded in the regression.": "请作者说明该变量在回归中的编码。",
    "Adjustment for the other terms may turn a sign.": "校正其他项后符号可能改变。",
    "{name}, {group}": "{name}，{group}",
    "in words": "正文表述",
    "The text and the coefficient agree.": "正文与系数一致。",
    "The text says the opposite of a coefficient that is not significant.": (
        "正文所述与系数方向相反，但该系数无统计学意义。"
    ),
    "The text may speak of the unadjusted comparison.": "正文所述可能是未校正的比较。",
    "The text says the opposite of this coefficient, and another number agrees.": (
        "正文所述与该系数方向相反，但与另一数字一致。"
    ),
    "The text may speak of the unadjusted comparison, or of another table.": (
        "正文所述可能是未校正的比较，或另一张表。"
    ),
    "rises": "升高",
    "falls": "降低",
    "The text says that the risk {said} with it; by {shown} it {does}.": (
        "正文称风险随之{said}；而按{shown}，风险{does}。"
    ),
    "Which way {name} moves the risk of a patient is not known.": (
        "无法确定{name}使患者风险朝哪个方向变化。"
    ),
    "Ask how the variable was coded: per unit of what, or which level against which.": (
        "请作者说明该变量的编码：以何为单位，或以哪一水平与哪一水平相比。"
    ),
    # regression/limits.py
    "Look the number up in the analysis that the table was made from.": (
        "到生成该表的分析结果中核对该数字。"
    ),
    "cannot be negative": "不可能为负",
    "a probability lies between 0 and 1": "概率须在0与1之间",
    "{label} {number}: {wrong}.": "{label} {number}：{wrong}。",
    "The limits enclose what they are limits of.": "区间包含其所对应的估计值。",
    "{shown} is greater than {shown_2}.": "{shown}大于{shown_2}。",
    "The limits are reversed.": "上下限颠倒。",
    "Wald {wald} on {factor_df} degrees of freedom has P {ends:.4g} to {ends_2:.4g}.": (
        "自由度为{factor_df}的Wald {wald}对应P {ends:.4g}至{ends_2:.4g}。"
    ),
    "{name}, all levels": "{name}，全部水平",
    "{ends:.4g} to {ends_2:.4g}": "{ends:.4g}至{ends_2:.4g}",
    "The P printed is {p_value}.": "印刷的P值为{p_value}。",
    "{interval:.4g} to {interval_2:.4g}": "{interval:.4g}至{interval_2:.4g}",
    "The row cannot be quoted as it stands.": "该行不能照原样引用。",
    # regression/methods.py
    "the other numbers of the row contradict it": "该行其他数字与之矛盾",
    "The interval is not symmetric about {shown} on the log scale, as one from the profile "
    "likelihood or the bootstrap need not be.": (
        "该区间在对数尺度上并非以{shown}为中心对称；由剖面似然或bootstrap得到的区间本不必对称。"
    ),
    "It is not B +- 1.96 SE; an interval from the profile likelihood or the bootstrap need not "
    "be.": "它不等于B±1.96 SE；由剖面似然或bootstrap得到的区间本不必如此。",
    "It is not Wald's; a likelihood-ratio or score test need not agree with it.": (
        "它不是Wald检验的结果；似然比检验或得分检验不必与之一致。"
    ),
    "The ratio fits B taken per {per:g} units.": "该比值与每{per:g}个单位的B相符。",
    "SE is that of the {name} itself: {name} times the standard error of ln {name}.": (
        "SE是{name}本身的标准误：{name}乘以ln {name}的标准误。"
    ),
    # regression/nomograms.py
    "No two points of one variable with a printed coefficient are given.": (
        "没有任何一个印有系数的变量给出两个以上的分值。"
    ),
    "{named} and {named_2} are {points} and {points_2} points, at most {ends:.4g} times their "
    "coefficients, where another variable has at least {low:.4g}.": (
        "{named}与{named_2}分别为{points}分和{points_2}分，至多为其系数的{ends:.4g}倍，"
        "而另一变量至少为{low:.4g}倍。"
    ),
    "All points are {low:.4g} to {high:.4g} times their coefficients.": (
        "各分值均为其系数的{low:.4g}至{high:.4g}倍。"
    ),
    "nomogram of model '{id}'": "模型“{id}”的列线图",
    "A risk read off the nomogram is not that of the model.": (
        "由列线图读出的风险不是该模型的风险。"
    ),
    "Draw the nomogram anew from the coefficients.": "按系数重新绘制列线图。",
    "net benefit up to": "净获益上限",
    "decision curve": "决策曲线",
    "The highest risk that the model can give does not follow from the print.": (
        "由印刷内容无法得出模型所能给出的最高风险。"
    ),
    "The highest risk that the coefficients give is {highest:.3f}; net benefit is claimed up to "
    "a threshold of {value}.": (
        "系数所能给出的最高风险为{highest:.3f}；而论文称净获益直至阈值{value}。"
    ),
    "at most {highest:.3f}": "至多{highest:.3f}",
    "Beyond the highest risk nobody would be treated, so there is no net benefit; the curve is "
    "of another model.": "超过最高风险后不会有人接受治疗，因而没有净获益；该曲线属于另一模型。",
    "Ask which model the curve is of.": "请作者说明该曲线属于哪个模型。",
    # regression/numbers.py
    "lower limit": "下限",
    "upper limit": "上限",
    "lower limit of B": "B的下限",
    "upper limit of B": "B的上限",
    # regression/possible_fit.py
    "No table compares patients with and without the event.": (
        "没有比较发生与未发生事件患者的表格。"
    ),
    "Tables compare different samples; which the model was fitted to is not known.": (
        "各表比较的样本不同；无法确定模型由哪一样本拟合。"
    ),
    "An abstract may leave out terms of its model.": "摘要可能略去模型的部分项。",
    "The rows are models of their own, one a variable, not one fit.": (
        "各行是各自的单变量模型，而非同一次拟合。"
    ),
    "Whether the rows are one model is not printed.": "论文未说明各行是否属于同一模型。",
    "The coefficients are not plain maximum likelihood, but {told}.": (
        "系数并非普通最大似然估计，而是{told}。"
    ),
    "Numbers were not taken linear; terms that are not printed may be in the model.": (
        "数值变量未按线性处理；模型中可能有未印出的项。"
    ),
    "Coefficients that were pooled after imputation are not the fit to one sample.": (
        "插补后合并的系数不是对单一样本的拟合。"
    ),
    "the counts and means of {places}": "{places}中的例数和均值",
    "Taken for granted: {each}.": "默认前提：{each}。",
    "Patients with {source} can have these coefficients as their fit.": (
        "符合{source}的患者可以拟合出这些系数。"
    ),
    "No": "没有任何",
    "{read} patients with {source} have these coefficients as their maximum-likelihood fit: "
    "expected and observed events, which then are equal for every term, cannot be for {named}.": (
        "{read}符合{source}的患者能以这些系数作为最大似然拟合：此时每一项的预期事件数应等于"
        "观察事件数，而{named}不可能如此。"
    ),
    "{told} By Firth's penalised likelihood, which the table alone does not rule out, they "
    "could.": ("{told}若采用Firth惩罚似然（仅凭该表无法排除），则有可能。"),
    "model '{id}'": "模型“{id}”",
    "Used as printed, the table gives patients risks that no fit to the paper's own patients "
    "gives.": "按印刷值使用时，该表给出的患者风险不可能来自对该论文自身患者的任何拟合。",
    "Ask for the sign and the reference level of each coefficient, and to which patients the "
    "constant belongs.": "请作者说明每个系数的符号和参照水平，以及常数项对应哪些患者。",
    "{listed} and {names} together": "{listed}与{names}同时",
    "With the coefficients that the other numbers of their rows say ({shown}), no": (
        "即使采用该行其他数字所示的系数（{shown}），也没有任何"
    ),
    "{least:.0f} to {most:.0f}": "{least:.0f}至{most:.0f}",
    "It predicts {low:.1f} to {high:.1f} events where {seen} were seen.": (
        "该表预测{low:.1f}至{high:.1f}例事件，而实际观察到{seen}例。"
    ),
    "{len} readings ({tried})": "{len}种读法（{tried}）",
    "Of {tried}, none is possible.": "{tried}中，没有一种可能。",
    "Of {tried}, one alone is possible: {possible}.": "{tried}中，仅一种可能：{possible}。",
    "; and {value} more": "；另有{value}种",
    "Of {tried}, {len} are possible: {shown}{more}.": "{tried}中，{len}种可能：{shown}{more}。",
    "All of them have {words}.": "它们都有{words}。",
    "The one possible reading, for the printed reference levels: {shown}.": (
        "按印刷的参照水平，唯一可能的读法：{shown}。"
    ),
    # regression/rows.py
    "the column headed Wald": "标为Wald的一列",
    "It holds B over SE.": "该列实为B除以SE。",
    "The column headed Wald holds z, not its square, and is read so.": (
        "标为Wald的一列实为z而非其平方，并按此读取。"
    ),
    # regression/texts.py
    "{formula}, which is {ends}; {shown} is printed.": "{formula}，即{ends}；印刷值为{shown}。",
    "{formula}: {note}.": "{formula}：{note}。",
    "{label} is exp(B)": "{label}等于exp(B)",
    "Wald is the square of {log} over SE": "Wald等于{log}除以SE的平方",
    "z is {log} over SE": "z等于{log}除以SE",
    "Wald is the square of z": "Wald等于z的平方",
    "P is that of the Wald statistic on one degree of freedom": "P值由自由度为1的Wald统计量得出",
    "P is that of z": "P值由z得出",
    "P is that of {log} over SE": "P值由{log}除以SE得出",
    "P is that of the coefficient and error that the interval implies": (
        "P值由区间所示的系数和标准误得出"
    ),
    "the {label} is {log} {value} {quantile:.2f} SE{value_2}": (
        "{label}等于{log} {value} {quantile:.2f} SE{value_2}"
    ),
    ", exponentiated": "再取指数",
    "{label} is the middle of its limits": "{label}位于其上下限的正中",
    "{texts} to {texts_2}": "{texts}至{texts_2}",
    "ln {b}": "ln {b}",
    "below": "小于",
    "above": "大于",
    "B {b} is {value} 0, but {label} {ratio} is {value_2} 1. Everything agrees once one of the "
    "two is read as of the inverse coding.": (
        "B {b}{value}0，而{label} {ratio}{value_2}1。若将二者之一按相反编码理解，则全部吻合。"
    ),
    "no number can be": "没有任何数字能满足",
    "{ends} is recomputed": "重算为{ends}",
    "{formula}: {told}, {printed} is printed": "{formula}：{told}，印刷值为{printed}",
    "{told}.": "{told}。",
    "The other numbers of the row agree on {label} {repaired}; {printed} is off.": (
        "该行其他数字一致支持{label} {repaired}；{printed}有误。"
    ),
    "Either {names} is off; the row does not say which.": (
        "{names}之一有误；仅凭该行无法判定是哪一个。"
    ),
    "Used as printed, {who} moves the risk of a patient in the wrong direction.": (
        "按印刷值使用时，{who}会使患者风险朝错误方向变化。"
    ),
    "A risk computed with {who} as printed is wrong.": "按印刷的{who}计算的风险是错误的。",
    "The size or the significance of {who} is not what the row says elsewhere.": (
        "{who}的大小或显著性与该行其他数字不符。"
    ),
    "Neither the coefficient nor its significance changes.": "系数及其显著性均不变。",
    "Find out which level is the reference: in the table of the groups, in the text, or from "
    "the authors.": "查明哪一水平为参照：查分组表、正文，或询问作者。",
    "Read {label} as {repaired}, or ask the authors.": "将{label}读作{repaired}，或询问作者。",
    "Ask the authors for the row as their program printed it.": (
        "请作者提供其软件输出的该行原始结果。"
    ),
}
