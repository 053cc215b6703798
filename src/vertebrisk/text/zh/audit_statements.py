"""What an audit says of claims, performance and repeated numbers, in Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # statements/across.py
    "{id} and {id_2}": "{id}与{id_2}",
    "all tables": "全部表格",
    "No row of the one repeats a row of the other.": "两篇论文没有重复的行。",
    "{rows} of the one paper {repeat} in the other, number by number.": (
        "一篇论文有{rows}在另一篇中逐个数字地重复出现。"
    ),
    "{shared}, so that patients may be in both; count them once.": (
        "{shared}，患者可能同时出现在两篇论文中；只能计数一次。"
    ),
    "{told} Their dates or sites differ.": "{told}而两者的时间或地点不同。",
    "One of the two may not describe the patients that it names; pooled, they would count "
    "twice.": "其中一篇描述的可能并非其所称的患者；合并时会重复计数。",
    "Ask both groups of authors; pool only one of them until then.": (
        "询问两组作者；在此之前只合并其中一篇。"
    ),
    "One row may repeat by chance.": "单独一行可能是偶然重复。",
    "Site and dates overlap": "地点和时间有重叠",
    # statements/claims.py
    "patients, {name}": "患者，{name}",
    "definition": "定义",
    "{len} variables compared": "比较的{len}个变量",
    "{events} events for {candidates} candidate parameters, {each:.1f} each.": (
        "{events}例事件对{candidates}个候选参数，每个参数{each:.1f}例。"
    ),
    "With fewer than {enough} events a candidate, coefficients are too far from zero and another "
    "sample would choose other predictors; apparent performance is not what is to be expected "
    "elsewhere.": (
        "每个候选参数不足{enough}例事件时，系数偏离零过远，换一个样本会选出其他预测因子；"
        "表观性能不能代表在其他样本中的性能。"
    ),
    "A Cox model needs the time to the event; {lower} happens during the operation, so that "
    "every time is zero, or that of the examination that saw it.": (
        "Cox模型需要事件发生时间；而{lower}发生于手术之中，因此时间均为零，或只是发现它的检查时间。"
    ),
    "The event happens during follow-up, as a Cox model needs.": (
        "事件发生于随访期间，符合Cox模型的要求。"
    ),
    "A hazard ratio here is about when it was looked for, not about whether it happens.": (
        "此处的风险比反映的是何时检查，而非是否发生。"
    ),
    "Model whether it happens: a logistic model.": "应对是否发生建模：采用logistic模型。",
    "{len} comparisons": "{len}项比较",
    "{len} of {len_2} have P < {alpha}; by chance alone {chance:.1f} would.": (
        "{len_2}项中{len}项P < {alpha}；仅凭机遇即预期{chance:.1f}项。"
    ),
    "no difference": "无差异",
    "a difference": "有差异",
    "The text speaks of {said}; the table has P {p_value}.": "正文称{said}；表中P {p_value}。",
    "Whether the groups differ is not known.": "无法确定组间是否有差异。",
    "Recompute P from the numbers of the groups.": "由各组数据重新计算P值。",
    # statements/performance.py
    "AUC and C-index": "AUC与C指数",
    "One number rounds to all of them.": "存在一个数，舍入后与它们全部相符。",
    "For one model and one binary outcome the C-index is the AUC, on the same patients the same "
    "number; no number rounds to all of {shown}.": (
        "对同一模型和同一二分类结局，C指数即AUC，在相同患者上应为同一个数；没有任何数舍入后能同时"
        "得到{shown}。"
    ),
    "How well the model discriminates is not known to the digits that are printed; the numbers "
    "may be of two models or of two sets of patients.": (
        "模型区分度达不到所印的精度；这些数字可能来自两个模型或两组患者。"
    ),
    "Ask which model and which patients each of them is of.": (
        "请作者说明各数字分别来自哪个模型、哪些患者。"
    ),
    "interval of the AUC": "AUC的区间",
    "The interval {value} to {value_2} does not enclose its area.": (
        "区间{value}至{value_2}不包含其对应的AUC。"
    ),
    "How well the model discriminates cannot be told from these numbers.": (
        "由这些数字无法得知模型的区分度。"
    ),
    "Look the numbers up in the output of the program.": "到软件输出中核对这些数字。",
    "The numbers of patients with and without the event are not printed for it.": (
        "未印出其对应的发生与未发生事件的患者数。"
    ),
    "With {events} events and {others} others an area of {value} has a standard error near "
    "{usual:.3f}, an interval near {value_2:.3f} to {min:.3f}.": (
        "{events}例事件与{others}例非事件时，AUC {value}的标准误约为{usual:.3f}，"
        "区间约为{value_2:.3f}至{min:.3f}。"
    ),
    "wider": "更宽",
    "narrower": "更窄",
    "{told} The one printed is {size} than any method gives.": (
        "{told}印刷的区间比任何方法所得的都{size}。"
    ),
    "The uncertainty of the discrimination is misstated.": "区分度的不确定性表述有误。",
    "Ask how the interval was made, and from how many patients.": (
        "请作者说明该区间如何得出、基于多少患者。"
    ),
    "The number of patients it is a share of is not certain: it is not printed, or values are "
    "missing.": "其分母的患者数无法确定：未印出，或有缺失值。",
    "{whole} of {size} is {value:.4g}.": "{size}例中{whole}例为{value:.4g}。",
    "{k} of {size}, {value:.4g}": "{size}例中{k}例（{value:.4g}）",
    "No number of patients of {size} gives {value}: the nearest are {options}.": (
        "{size}例中任何患者数都得不到{value}：最接近的是{options}。"
    ),
    "The cut-off was tried on other patients than those that are described, or the share is a "
    "misprint.": "该截断值所用的患者并非论文所述的患者，或该比例为印刷错误。",
    "Ask for the numbers of true and false positives.": "请作者提供真阳性和假阳性的例数。",
    "Youden's index": "Youden指数",
    "Sensitivity + specificity - 1 is {low:.4g} to {high:.4g}.": (
        "灵敏度 + 特异度 - 1为{low:.4g}至{high:.4g}。"
    ),
    "The cut-off is not the one that its numbers describe.": "该截断值与其数字所描述的不符。",
    "Chi-square {value} on {usual} degrees of freedom has P {ends}.": (
        "自由度为{usual}的卡方值{value}对应P {ends}。"
    ),
    "The P printed goes with {fitting} degrees of freedom.": "印刷的P值对应的自由度为{fitting}。",
    "Hosmer-Lemeshow test": "Hosmer-Lemeshow检验",
    "The test says nothing of calibration either way.": "该检验无论如何都不能说明校准度。",
    "Ask for the calibration slope and intercept instead.": "请作者改为提供校准斜率和截距。",
    # statements/repeated.py
    "{one} and {other} are one number.": "{one}与{other}是同一个数。",
    "One number is printed as {one} and as {other}.": "同一个数先后印作{one}和{other}。",
    "Which of the two is meant is not known.": "无法确定以哪一个为准。",
    "See which of the two the other numbers of the paper go with, or ask the authors.": (
        "看论文中其他数字与哪一个相符，或询问作者。"
    ),
}
