"""What the cohort says of matched sets, sampled controls, scores and times, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
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
        "请结合区间解读其比值比，或事先将其去除。"
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
        "所有事件同时发生时，风险比取决于同时事件的处理方法，介于相对危险度与比值比之间。"
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
