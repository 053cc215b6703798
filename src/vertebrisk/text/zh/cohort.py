"""What the cohort says of a protocol, of the patients and of their outcome, in Chinese."""

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
    # follow-up scores
    "no eligible patient is left by its 'where'; it is left out.": (
        "按其where条件没有符合条件的患者；该表未纳入分析。"
    ),
    "Check the rule against the values in the file.": "请对照文件中的取值检查该规则。",
    "no eligible patient has a score at any visit; it is left out.": (
        "没有符合条件的患者在任何时点有评分；该表未纳入分析。"
    ),
    "Correct the columns, or take the table out.": "请更正列名，或删除该表。",
    "'where' is not known for {rows}, left out of these scores.": (
        "{rows}的where条件无法判定，未纳入这些评分的分析。"
    ),
    "Complete the columns that the rule names.": "请补全规则所用的列。",
    "{rows} of '{file}' {belongs} to no visit that the protocol lists, and {are} left out.": (
        "“{file}”中有{rows}不属于方案所列的任何时点，未纳入分析。"
    ),
    "List their visits if they belong to the analysis.": "如应纳入分析，请在方案中列出其时点。",
    "{eligible_patients} {have} no row in '{file}'.": "{eligible_patients}在“{file}”中没有记录。",
    "{n} eligible patient": "{n}例符合条件的患者",
    "Check that both files write the patient alike.": "请核对两个文件中的患者编号写法是否一致。",
    "{rows} of '{file}' {names} no patient, and {are} left out ({places}).": (
        "“{file}”中有{rows}没有患者编号，未纳入分析（{places}）。"
    ),
    "Complete the cells.": "请补全这些单元格。",
    "{patients} of '{file}' {are} not among the patients of these scores, and left out.": (
        "“{file}”中有{patients}不在这些评分的分析对象之内，未纳入分析。"
    ),
    "Expected of patients who are not eligible; else check that both files write the patient "
    "alike.": "不符合纳入条件的患者本应如此；否则请核对两个文件中的患者编号写法是否一致。",
    " {low:g} to {high:g}": "{low:g}至{high:g}",
    "{where}: {scores} {lies} beyond the scale{scale} ({rows} of '{file}'); counted as missing.": (
        "{where}：{scores}超出量表范围{scale}（“{file}”{rows}）；按缺失处理。"
    ),
    "{n} score": "{n}个评分",
    "{where}: {message}": "{where}：{message}",
    # matched sets
    "; {single} of them {hold} one row alone": "；其中{single}个只有一行",
    "{n_sets} of {matched_sets} {leaves} with {its} {rows}: {without_case} without a case, "
    "{without_control} without a control{all_single}.": (
        "{matched_sets}中有{n_sets}个（共{rows}）被剔除：{without_case}个没有病例，"
        "{without_control}个没有对照{all_single}。"
    ),
    "{n} matched set": "{n}个匹配组",
    "Look whether the sets are named right, and whether the eligibility rules left out cases or "
    "controls that were matched to others.": (
        "请核对匹配组编号是否正确，以及纳入排除规则是否剔除了已与他人匹配的病例或对照。"
    ),
    "A conditional analysis compares each case with the controls of its own set.": (
        "条件分析将每个病例与本匹配组的对照相比较。"
    ),
    "{lost} of {matched_sets} {have} no case or no control with all candidate predictors, and "
    "{leaves} with the {rows} left of {it}.": (
        "{matched_sets}中有{lost}个没有全部候选因子均已知的病例或对照，连同其余下的{rows}一并剔除。"
    ),
    "One missing value of a case costs all of its set.": (
        "病例的一个缺失值会使整个匹配组无法使用。"
    ),
    "Column '{name}', the matched set, is empty in {rows} ({where}), which {leaves}.": (
        "匹配组所在的列“{name}”有{rows}为空（{where}），这些行被剔除。"
    ),
    "Fill it in; merged cells of a spreadsheet keep the first value only.": (
        "请填写完整；电子表格中合并的单元格只保留第一个值。"
    ),
    "{several} of {matched_sets} {have} more than one case (up to {most:.0f}); the likelihood of "
    "all ways to choose them is used, as clogit with its exact method.": (
        "{matched_sets}中有{several}个含不止一个病例（最多{most:.0f}个）；采用遍历所有组合的精确似然，"
        "与clogit的exact方法一致。"
    ),
    "Look whether sets of one name were meant to be one.": "请核对同一编号的匹配组是否确为一组。",
    "One of {size} matched sets holds {share:.0%} of all pairs of a case and a control.": (
        "{size}个匹配组中有一个占全部病例对照配对的{share:.0%}。"
    ),
    "Look whether it is one set; match each case with about as many controls.": (
        "请核对它是否确为一组；各病例的对照数应大致相同。"
    ),
    "The C-index within sets counts pairs, so that it, and its correction by resampled sets, "
    "rest on that one.": (
        "组内C指数按配对计数，因此该指数及其按匹配组重抽样的校正值主要取决于这一组。"
    ),
    "Sets are matched on '{name}', and {differing} of {total} hold different values of it.": (
        "匹配变量为“{name}”，但{total}个匹配组中有{differing}个组内取值不同。"
    ),
    "Where it was matched within limits, enter it as a candidate to adjust for what is left.": (
        "若为限定范围内的匹配，请将其作为候选因子，以校正残余差异。"
    ),
    "Candidate '{name}' has one value in each matched set, so it has no estimate.": (
        "候选因子“{name}”在每个匹配组内取值相同，无法估计。"
    ),
    "Take it out of the candidates; what sets are matched on can be part of an interaction "
    "only.": "请将其从候选因子中删除；匹配变量只能出现在交互项中。",
    "A conditional analysis compares members of a set, who do not differ in it.": (
        "条件分析比较的是同一匹配组的成员，而他们在该变量上没有差别。"
    ),
    "Few of the {total} matched sets hold different values of {few}.": (
        "{total}个匹配组中，仅少数在{few}上组内取值不同。"
    ),
    "Read their odds ratios with their intervals, or leave them out beforehand.": (
        "请结合区间解读其优势比，或事先将其去除。"
    ),
    "Sets in which all members have one value of a candidate say nothing of it.": (
        "组内成员取值全部相同的匹配组对该候选因子不提供信息。"
    ),
    "Vertebrae of {patients} lie in more than one matched set, and the sets are taken for "
    "independent.": "{patients}的椎体分属不止一个匹配组，而分析将各匹配组视为独立。",
    "Match so that all vertebrae of a patient lie in one set, or keep one vertebra a patient.": (
        "请使同一患者的椎体全部位于同一匹配组，或每位患者只保留一个椎体。"
    ),
    "Sets that share a patient repeat one another, so errors come out too small.": (
        "共有同一患者的匹配组信息重复，标准误会偏小。"
    ),
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
    # sampling
    "{n} case": "{n}例病例",
    "{n} control": "{n}例对照",
    "{n} of {cases} {are} left out by 'sampled' in [sampling] ({rows}).": (
        "{cases}中有{n}例按[sampling]的sampled规则被排除（{rows}）。"
    ),
    "Write the rule so that it is true for every case, or make sure that the cases were sampled "
    "at random.": "请使该规则对每个病例均成立，或确认病例是随机抽取的。",
    "Risks hold for the population only if which cases were taken does not depend on the "
    "predictors.": "只有病例是否入选与预测因子无关时，风险才适用于总体。",
    "'sampled' in [sampling] is left open by missing values in {rows}, which count as not "
    "sampled ({where}).": (
        "[sampling]的sampled规则因缺失值在{rows}中无法判定，按未抽中处理（{where}）。"
    ),
    "The prevalence in [sampling] is {prevalence:.1%}, that of the rows before sampling "
    "{observed:.1%}; risks hold for the former.": (
        "[sampling]所给的患病率为{prevalence:.1%}，抽样前各行的患病率为{observed:.1%}；"
        "风险以前者为准。"
    ),
    "Take the stated prevalence out if risks are to hold for the patients of the file.": (
        "如希望风险适用于文件中的患者，请删除所给的患病率。"
    ),
    "{sample} of {whole} rows without the event were drawn as controls; the others are not used, "
    "though the file holds them.": (
        "{whole}个未发生事件的行中抽取了{sample}个作为对照；其余的行虽在文件中，但未使用。"
    ),
    'Where nothing more has to be measured, analyse the whole cohort: design = "cohort".': (
        '如无需再作测量，请分析整个队列：design = "cohort"。'
    ),
    "Sampling controls saves measurements. Where those are done already it only loses "
    "precision.": "抽取对照是为了节省测量；若测量均已完成，抽样只会损失精度。",
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
    # time to event
    "{rows} {have} time 0, {events} of them with the event ({where}).": (
        "{rows}的时间为0，其中{events}行发生事件（{where}）。"
    ),
    "Compare the times with the source. If the event happens at the beginning itself, such as "
    'leakage during the injection, it is a binary outcome: use kind = "binary", or add beside '
    '= "logistic".': (
        "请将时间与原始记录核对。如果事件恰发生在起点（如注射时的骨水泥渗漏），则为二分类结局："
        '请用kind = "binary"，或加上beside = "logistic"。'
    ),
    "A Cox model keeps time 0: an event there counts among all who are at risk at the very "
    "beginning, and a patient censored there adds nothing.": (
        "Cox模型保留时间0：此时的事件以起点处的全部风险人群计算，在此删失的患者不提供信息。"
    ),
    "Every event of '{outcome}' has the same time, {time:g} {unit}: when they happened says "
    "nothing, so this is a binary outcome.": (
        "“{outcome}”的所有事件时间相同（{time:g}{unit}）：发生时间不提供信息，因此是二分类结局。"
    ),
    'Use kind = "binary" and a logistic model, or add beside = "logistic" to [analysis].': (
        '请用kind = "binary"及logistic模型，或在[analysis]中加上beside = "logistic"。'
    ),
    "With all events tied, a hazard ratio depends on how ties are treated and lies between the "
    "risk ratio and the odds ratio.": (
        "所有事件同时发生时，风险比取决于结点的处理方法，介于相对危险度与优势比之间。"
    ),
    "The competing event of '{outcome}' happened in no row.": (
        "“{outcome}”的竞争事件在任何行中均未发生。"
    ),
    "Check 'competing' in [outcome] against the values in the file, or take it out.": (
        "请对照文件中的取值检查[outcome]的competing，或将其删除。"
    ),
    "{rows} {are} still under observation at the horizon of {horizon:g} {unit}: risks by then "
    "rest on {it}.": "在{horizon:g}{unit}时仅有{rows}仍在观察中：届时的风险仅以此为据。",
    "Choose an earlier horizon, or follow the patients longer.": (
        "请选择更早的预测时点，或延长随访。"
    ),
    "No event of '{outcome}' happened by the horizon of {horizon:g} {unit}: every risk by then "
    "is zero.": "至{horizon:g}{unit}时“{outcome}”没有发生任何事件：届时的风险均为零。",
    "Choose a later horizon, and check the unit of the times.": (
        "请选择更晚的预测时点，并核对时间单位。"
    ),
}
