"""What the cohort says of a protocol, of the patients and of their values, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    # assembly, candidates, checking
    "Variable '{name}' decides the outcome; it is compared, but is no candidate.": (
        "变量“{name}”用于判定结局；该变量参与组间比较，但不作候选因子。"
    ),
    "Take it out of 'compare' if it says nothing beyond the outcome.": (
        "如果它不提供结局以外的信息，请将其从compare中删除。"
    ),
    "The candidates have {parameters}, but only {rows} with a value in each: no model can hold "
    "all of them.": (
        "候选因子共有{parameters}，而各候选因子均有值的仅{rows}：任何模型都无法容纳全部候选因子。"
    ),
    "Choose fewer candidates for clinical reasons, or merge levels.": (
        "请依据临床意义减少候选因子，或合并分类水平。"
    ),
    "Candidate '{name}' is determined exactly by {sources}: their coefficients cannot be told "
    "apart.": "候选因子“{name}”完全由{sources}决定：两者的系数无法区分。",
    "Leave one of them out of the candidates.": "请从候选因子中去除其中之一。",
    "Correct this first.": "请先更正此处。",
    # complete cases
    "Complete the data from the records, or leave out candidates that are often missing.": (
        "请查阅病历补全数据，或去除经常缺失的候选因子。"
    ),
    "Complete the data from the records, leave out candidates that are often missing, or impute: "
    'write method = "imputation" in [missing].': (
        "请查阅病历补全数据，去除经常缺失的候选因子，或进行插补：在[missing]中写入"
        'method = "imputation"。'
    ),
    "stratum": "分层变量",
    "candidate predictor": "候选因子",
    "Complete it from the records, or make it a candidate: a stratum is not imputed, since a "
    "patient has the baseline hazard of one stratum.": (
        "请查阅病历补全，或将其改作候选因子：分层变量不作插补，因为每位患者只对应一个层的基线风险。"
    ),
    "{lost} of {n} rows ({share:.1%}), with {events_lost} of {n_events} events "
    "({share_of_events:.1%}), {leaves} because a {what} is missing; most often {most_missing}.": (
        "{n}行中有{lost}行（{share:.1%}）、{n_events}个事件中有{events_lost}个"
        "（{share_of_events:.1%}）因{what}缺失而被剔除；缺失最多的是{most_missing}。"
    ),
    "Patients with complete records may differ from the others, so that estimates and "
    "performance are biased unless values are missing at random (Sterne 2009, "
    "doi:10.1136/bmj.b2393).": (
        "资料完整的患者可能与其他患者不同；除非随机缺失，否则估计值与模型表现均有偏倚"
        "（Sterne 2009，doi:10.1136/bmj.b2393）。"
    ),
    # why rows leave
    "outcome not known": "结局未知",
    "competing event not known": "竞争事件未知",
    "time not known": "时间未知",
    "time of entry not known": "进入时间未知",
    "matched set missing": "未注明匹配组",
    "matched sets without a case or a control": "匹配组无病例或无对照",
    "controls not sampled": "未抽取的对照",
    "{what} missing": "{what}缺失",
    # consistency
    "{n} {verb} the rule '{rule}' of [[consistency]], {reason} ({rows}); used as in the file.": (
        "{n}违反[[consistency]]中的规则“{rule}”：{reason}（{rows}）；仍按文件中的值使用。"
    ),
    "Compare the cells with the source.": "请将这些单元格与原始记录核对。",
    # outcome, derived variables, limits
    "{n} eligible row": "{n}个符合条件的行",
    "'{key}' of [outcome]": "[outcome]中的{key}",
    "{where} gives no believable number in {n} ({rows}), now missing.": (
        "{where}有{n}得不出合理的数值（{rows}），已作缺失。"
    ),
    "Look for zeros in a denominator, or for logarithms of zero.": (
        "请检查是否有分母为零，或对零取对数。"
    ),
    "The codebook describes '{name}', but '{file}' has no such column.{meant}": (
        "变量说明中有“{name}”，但“{file}”中没有这一列。{meant}"
    ),
    "Correct the name, or take [variables.{name}] out.": (
        "请更正变量名，或删除[variables.{name}]。"
    ),
    "Column '{name}' decides the outcome, but is not described, so its values are not checked "
    "against limits.": "列“{name}”用于判定结局，但未在变量说明中描述，因此其取值未按界限核查。",
    "Describe it in [variables.{name}] with its plausible limits, such as plausible = [0, 10] "
    "for a pain score, and its timing.": (
        "请在[variables.{name}]中描述该变量，给出合理取值界限（如疼痛评分写plausible = [0, 10]）"
        "及其测量时点。"
    ),
    "Column '{name}' decides the outcome, but is not described, so its labels are not checked: a "
    "third label or another spelling is judged by the rule as it stands.": (
        "列“{name}”用于判定结局，但未在变量说明中描述，因此其标签未经核查："
        "第三种标签或不同的写法会直接按规则判定。"
    ),
    "Describe it in [variables.{name}] with levels = [...], all of its labels, and its timing; "
    "cells that hold another are then shown, and missing.": (
        "请在[variables.{name}]中描述该变量，用levels = [...]列出其全部标签，并给出测量时点；"
        "其他内容的单元格随后会被指出，并作缺失。"
    ),
    "'{name}' is derived by the protocol and is a column of the file as well; the derived values "
    "are used.": "“{name}”由方案推导得出，同时又是文件中的一列；采用推导值。",
    "Give the derived variable another name, or take 'derive' out.": (
        "请为推导变量另取名称，或删除derive。"
    ),
    "The derivation of '{name}' gives no finite number in {n} ({listed}), now missing.": (
        "“{name}”的推导公式有{n}得不出有限数值（第{listed}行），已作缺失。"
    ),
    "Column '{name}': {n} {verb} beyond the plausible limits {low:g} to {high:g} ({rows}); used "
    "as in the file.": (
        "列“{name}”：{n}超出合理界限{low:g}至{high:g}（{rows}）；仍按文件中的值使用。"
    ),
    "Column '{name}': {readings} {lies} beyond the plausible limits {low:g} to {high:g} ({rows}); "
    "used as in the file.": (
        "列“{name}”：{readings}超出合理界限{low:g}至{high:g}（{rows}）；仍按文件中的值使用。"
    ),
    "{n} reading": "{n}个读数",
    "Compare the cells with the source, or widen the limits in the codebook.": (
        "请将这些单元格与原始记录核对，或放宽变量说明中的界限。"
    ),
    # levels
    "Variable '{name}' states no levels; those found are used in alphabetical order.": (
        "变量“{name}”未声明分类水平；按字母顺序采用数据中出现的水平。"
    ),
    "Write levels = [...] in [variables.{name}], the reference first.": (
        "请在[variables.{name}]中写入levels = [...]，参照水平列于首位。"
    ),
    "Column '{name}': {n} {verb} not among the levels {levels} ({rows}), now missing.": (
        "列“{name}”：{n}不属于分类水平{levels}（{rows}），已作缺失。"
    ),
    "Correct the cells, or add the value to the levels of [variables.{name}].{meant}": (
        "请更正这些单元格，或将该值加入[variables.{name}]的分类水平。{meant}"
    ),
    "No value of the column is one of the levels. If the file holds codes, give their labels in "
    '[variables.{name}]: codes = {{ 0 = "No", 1 = "Yes" }}.': (
        "该列没有任何值属于所列的分类水平。如果文件中是编码，请在[variables.{name}]中给出其标签："
        'codes = {{ 0 = "否", 1 = "是" }}。'
    ),
    # quality
    "{rows} {repeats} an earlier row in every column ({where}).": (
        "有{rows}与前面某一行的各列完全相同（{where}）。"
    ),
    "Look whether patients were entered twice; take the repetitions out.": (
        "请核对是否有患者被重复录入；删除重复的行。"
    ),
    "Column '{name}' is empty in {rows} ({missing}); whether these patients occur twice cannot "
    "be told.": "列“{name}”有{rows}为空（第{missing}行）；无法判断这些患者是否重复出现。",
    "Column '{name}': {n} rows share their patient with another row (rows {positions}), though "
    "each row should be one patient.": (
        "列“{name}”：有{n}行与其他行属于同一患者（第{positions}行），而每行应为一位患者。"
    ),
    'Keep one row a patient, or set unit = "vertebra" in [study].': (
        '请每位患者只保留一行，或在[study]中设定unit = "vertebra"。'
    ),
    "Rows of one patient are not independent, so standard errors come out too small.": (
        "同一患者的各行并不独立，标准误会偏小。"
    ),
    "Variable '{name}' has no value that can be used among the {total} eligible rows.": (
        "变量“{name}”在{total}个符合条件的行中没有可用的值。"
    ),
    "Take it out of 'compare', or correct the column.": "请将其从compare中删除，或更正该列。",
    "Variable '{name}' is missing in {missing} of {total} rows ({share:.1%}).": (
        "变量“{name}”在{total}行中缺失{missing}行（{share:.1%}）。"
    ),
    "Complete it from the records where that is possible.": "请尽可能查阅病历补全。",
    "Variable '{name}': no eligible row has the level {never}.": (
        "变量“{name}”：没有符合条件的行取水平{never}。"
    ),
    "Check its spelling against the file, or take the level out of the codebook.": (
        "请对照文件核对其写法，或将该水平从变量说明中删除。"
    ),
    "Variable '{name}': a single row has the level {once}.": ("变量“{name}”：水平{once}仅有一行。"),
    "Merge it with a level that is clinically like it.": "请与临床意义相近的水平合并。",
    "One patient says nothing about a level: its coefficient has no finite estimate, or one that "
    "is his alone, and most resamples that leave him out cannot estimate it.": (
        "一位患者不足以说明一个水平：其系数要么没有有限估计值，要么只反映此人；不含此人的重抽样样本"
        "大多无法估计它。"
    ),
    "reads 1.00 whatever its effect": "无论效应大小都显示为1.00",
    "is out of all bounds": "会大得毫无意义",
    "Variable '{name}' has a standard deviation of {spread:.2g}, so that a ratio for one unit of "
    "it {reads}.": "变量“{name}”的标准差为{spread:.2g}，因此每单位的比值{reads}。",
    'Derive it in a {other} unit, such as "{name} / {factor:.0e}".': (
        '请换算为{other}的单位，例如"{name} / {factor:.0e}"。'
    ),
    "larger": "更大",
    "smaller": "更小",
    "The model itself, its risks and its nomogram do not depend on the unit.": (
        "模型本身、预测风险与列线图均不受单位影响。"
    ),
    "Variable '{name}' has the same value in every eligible row: it predicts nothing.": (
        "变量“{name}”在所有符合条件的行中取值相同：没有预测作用。"
    ),
    "Leave it out of the candidates; it is left out of the model.": (
        "请将其从候选因子中删除；模型未纳入该变量。"
    ),
    "Outcome '{outcome}': {events} among {rows}. No model can rest on that.": (
        "结局“{outcome}”：{rows}中有{events}，不足以建立任何模型。"
    ),
    "Check the outcome's rule and its threshold, or collect more patients.": (
        "请检查结局的判定规则与阈值，或收集更多患者。"
    ),
    "A model needs about ten to twenty events for each parameter at the very least (Riley 2020, "
    "doi:10.1136/bmj.m441).": (
        "每个参数至少需要约10至20个事件（Riley 2020，doi:10.1136/bmj.m441）。"
    ),
    "{strata} of {n} by {names} ({have} {rows}) without any event: these rows say nothing about "
    "the coefficients, and no risk can be told there.": (
        "按{names}划分的{n}个层中，{strata}（共{rows}）没有任何事件：这些行对系数不提供信息，"
        "也无法给出该层的风险。"
    ),
    "Merge small strata.": "请合并过小的层。",
    # read in pieces
    "The file was read in pieces, so rows that repeat an earlier one, and patients who occur "
    "twice, were not looked for.": "文件为分块读取，因此未查找重复的行和重复出现的患者。",
    "Look for them in the source if patients may have been entered twice.": (
        "如患者可能被重复录入，请在原始数据中查找。"
    ),
    "whole numbers of more than 15 digits": "超过15位的整数",
    "more than {most} different texts": "超过{most}种不同的文本",
    "'{name}' holds {what}, so it was left out: no variable of a study is like that.": (
        "“{name}”含有{what}，未予采用：研究变量不会如此。"
    ),
    # sparse levels
    "{name} = {level} ({patients}, {chance:.0%})": "{name} = {level}（{patients}，{chance:.0%}）",
    "none of": "全部未",
    "none or all of": "全部未或全部",
    "{levels} of the candidates {are} so rare that by chance alone {what} {their} patients may "
    "have the event: {found}. Maximum likelihood then has no finite estimate, and the run "
    "stops.": (
        "候选因子有{levels}过于少见，仅凭机遇其患者即可能{what}发生事件：{found}。此时极大似然"
        "没有有限估计值，运行将中止。"
    ),
    "{n} level": "{n}个分类水平",
    'Write estimator = "auto" in [analysis]: Firth\'s penalised likelihood where that happens, '
    "maximum likelihood elsewhere. Or merge rare levels for clinical reasons.": (
        '请在[analysis]中写入estimator = "auto"：出现这种情况时采用Firth惩罚似然，'
        "否则采用极大似然。也可依据临床意义合并少见的水平。"
    ),
    "The chances are those of as many events dealt out at random: who had the event was not "
    "looked at, so this can still be decided without having seen a result.": (
        "上述概率是将同样数目的事件随机分配时的概率：并未查看哪些患者发生了事件，因此仍可在未见结果"
        "之前作出决定。"
    ),
}
