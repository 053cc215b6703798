"""What is said of models on other patients: validated and compared."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # comparing/remarks.py
    "{outcome_missing} of {rows} have no known outcome and are left out.": (
        "{rows}中有{outcome_missing}结局未知，已剔除。"
    ),
    "Say who they are.": "说明这些患者的情况。",
    "If they differ from the others, so does the answer.": "若其与其余患者不同，结果也会不同。",
    "{left_out} of {rows} have no risk by one model or more ({lost}) and are left out of all.": (
        "{rows}中有{left_out}在一个或多个模型中无法得出风险（{lost}），已从所有模型中剔除。"
    ),
    "Say who they are; a model that needs inputs which these patients lack should not decide "
    "on whom the others are measured.": (
        "说明这些患者的情况；若某模型所需的输入这些患者并不具备，则不应由它决定在哪些患者中评"
        "价其他模型。"
    ),
    "Models are compared on the same patients, or the patients are what differs.": (
        "各模型须在同一批患者中比较，否则比较的是患者而非模型。"
    ),
    "The models do not predict the same: they differ in {told}.": (
        "各模型预测的并非同一内容，差别在于：{told}。"
    ),
    "Judge each by how it does on the outcome asked here, and update the one that is used.": (
        "分别评价各模型对此处所问结局的表现，并对拟采用的模型进行更新。"
    ),
    "A model made for another outcome, threshold or time point has risks of another size.": (
        "为另一结局、阈值或时间点建立的模型，其风险大小不同。"
    ),
    "'{first}' and '{second}' were made from the same patients.": (
        "“{first}”与“{second}”由同一组患者建立。"
    ),
    "Their agreement says less than that of models from two hospitals.": (
        "二者结果一致的说服力不如来自两家医院的模型。"
    ),
    "was made from this very file": "正是由该文件建立",
    "was made from {n} patients with {n_events} events, as many as are here": (
        "由{n}例患者、{n_events}个事件建立，与此处数目相同"
    ),
    "'{name}' {how}: on its own patients a model does better than on others.": (
        "“{name}”{how}：模型在自身建模患者中的表现优于在其他患者中。"
    ),
    "Compare models on patients that none of them has seen.": (
        "应在各模型均未见过的患者中进行比较。"
    ),
    "Its lead over the others would be the optimism of its development.": (
        "其领先优势可能只是建模时的乐观度。"
    ),
    "{patients} of {n} {have} the event: a difference that is not found is no proof that the "
    "models do alike.": ("{n}例患者中有{patients}发生事件：未发现差别并不能证明各模型表现相同。"),
    "Read the interval of each difference: all that lies inside could be.": (
        "阅读每个差值的区间：区间内的任何值都有可能。"
    ),
    "{number} models make {pairs} pairs, whose P values are not adjusted for their number.": (
        "{number}个模型构成{pairs}对，其P值未按比较次数校正。"
    ),
    "Read the joint test first.": "请先阅读整体检验。",
    # external/case_mix.py
    "The SD of the linear predictor is {sd:.3g} here and {sd_before:.3g} in the patients that "
    "the model was made from: these are {how} alike, and a {what} C-index is to be expected "
    "of that alone.": (
        "此处线性预测值的标准差为{sd:.3g}，建模患者中为{sd_before:.3g}：此处患者彼此{how}相似"
        "，仅此一点即可预期{what}的C指数。"
    ),
    "Compare the C-index with the one expected of these patients, not with the old.": (
        "将C指数与这些患者的预期值比较，而非与原值比较。"
    ),
    "Debray et al. 2015, doi:10.1016/j.jclinepi.2014.06.018.": (
        "Debray等 2015，doi:10.1016/j.jclinepi.2014.06.018。"
    ),
    "higher": "较高",
    "lower": "较低",
    "The mean linear predictor is {mean:.3g} here and {mean_before:.3g} in the patients that "
    "the model was made from: the model expects {higher} risks here.": (
        "此处线性预测值的均值为{mean:.3g}，建模患者中为{mean_before:.3g}：模型预期此处风险"
        "{higher}。"
    ),
    "Compare who was included, and the units of the inputs.": "比较纳入对象及各输入的单位。",
    "Some input or the outcome tells every development patient from these: they have nothing "
    "in common there.": (
        "某一输入或结局即可将建模患者与此处患者完全区分：二者在该处毫无共同之处。"
    ),
    "Compare the inputs of both files; one may be coded differently.": (
        "比较两个文件的输入；其中之一的编码可能不同。"
    ),
    # external/following.py
    "Nothing is said of the risks by {times_text}: these patients are followed to {span}.": (
        "无法评价{times_text}的风险：这些患者仅随访至{span}。"
    ),
    "Follow them longer, or check the unit of the times.": "延长随访，或检查时间单位。",
    "No event happened by {times_text}, so nothing is said of the risks by then.": (
        "至{times_text}尚无事件发生，无法评价该时点的风险。"
    ),
    "Nobody is known to be without the event at {times_text}, so nothing is said of the risks "
    "by then.": ("至{times_text}没有已知未发生事件的患者，无法评价该时点的风险。"),
    "Choose an earlier horizon.": "选择更早的时间点。",
    "{patients} {are} still under observation at the horizon of {times_text}: what is said of "
    "it rests on {that_one}.": (
        "在{times_text}这一时间点仍在观察中的患者为{patients}：该时点的结果仅以此为依据。"
    ),
    "Read an earlier horizon, or follow the patients longer.": (
        "阅读更早时间点的结果，或延长随访。"
    ),
    "The model is Cox's, which takes the competing event as censoring; its risks are those of "
    "a world without it, and are held against the incidence in this one.": (
        "该模型为Cox模型，将竞争事件视为删失；其风险对应不存在竞争事件的情形，而此处以实际发生"
        "率与之比较。"
    ),
    "Expect observed below expected; a Fine-Gray model predicts what is observed.": (
        "观察值预计低于预期值；Fine-Gray模型预测的才是实际可观察的风险。"
    ),
    "van Geloven et al. 2022, doi:10.1136/bmj-2021-069249.": (
        "van Geloven等 2022，doi:10.1136/bmj-2021-069249。"
    ),
    "The model's risks allow for a competing event, and none is named here: whoever had it is "
    "taken as censored, and observed risks are too high.": (
        "该模型的风险考虑了竞争事件，而此处未指明竞争事件：发生竞争事件者被视为删失，观察到的"
        "风险偏高。"
    ),
    "Name its rule (competing).": "请给出其判定规则（competing）。",
    # external/remarks.py
    "{patients} of {n} {have} the event and {n_without} not; under {few_events} of either a "
    "validation says little.": (
        "{n}例患者中有{patients}发生事件，{n_without}例未发生；任一方少于{few_events}例时，验"
        "证说明不了什么。"
    ),
    "Read the intervals, not the estimates, and collect more patients (vertebrisk samplesize "
    "validate).": ("应看区间而非点估计，并收集更多患者（vertebrisk samplesize validate）。"),
    "With fewer than {band_limit} events or non-events the calibration curve and ici, e50, "
    "e90 and emax are unreliable.": (
        "事件或非事件少于{band_limit}例时，校准曲线及ICI、E50、E90、Emax不可靠。"
    ),
    "Read intercept and slope.": "请看截距与斜率。",
    "Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.": (
        "Van Calster等 2016，doi:10.1016/j.jclinepi.2015.12.005。"
    ),
    "Few of {n} patients have the event: {said}; under {few_events} a validation says little.": (
        "{n}例患者中发生事件者过少：{said}；少于{few_events}例时，验证说明不了什么。"
    ),
    "Read the intervals, not the estimates, and collect more patients.": (
        "应看区间而非点估计，并收集更多患者。"
    ),
    "With fewer than {band_limit} events by a horizon the calibration curve and ici, e50, e90 "
    "and emax are unreliable.": (
        "至某时间点的事件少于{band_limit}例时，校准曲线及ICI、E50、E90、Emax不可靠。"
    ),
    "Read slope and observed/expected.": "请看斜率与观察/预期比。",
    "{risks} by {by} {are} exactly 0 or 1; slope and curve take them as a billionth away.": (
        "至{by}有{risks}恰为0或1；斜率与曲线计算时按偏离十亿分之一处理。"
    ),
    "Look at these patients' inputs, and at how the model was fitted.": (
        "检查这些患者的输入以及模型的拟合方式。"
    ),
    "Every patient has the same risk by {by}: nothing is discriminated, and no slope exists.": (
        "至{by}所有患者的风险相同：无区分能力，也不存在斜率。"
    ),
    "Look at the inputs; all may be alike, or averaged over.": (
        "检查各输入；可能全部相同，或均以平均值代替。"
    ),
    "No time is given, so everyone with an outcome is taken as followed to {by}, or to the "
    "event before.": ("未提供时间，因此凡有结局者均视为随访至{by}，或至此前的事件。"),
    "Leave the outcome empty for whoever was lost before, or give the time of follow-up.": (
        "此前失访者的结局应留空，或提供随访时间。"
    ),
    "Who is lost and counted as without the event makes the risks look too high.": (
        "失访而计为未发生事件者会使模型风险显得过高。"
    ),
    "Half of these patients were followed for more than {median:g} {unit}, and all that the "
    "model knows ends at {limit:g} {unit}.": (
        "半数患者的随访超过{median:g}{unit}，而模型所知仅到{limit:g}{unit}。"
    ),
    "Check the unit of the time: it is read as {unit}.": ("检查时间单位：目前按{unit}读取。"),
    "{lost} of {rows} {what} and are left out.": ("{rows}中有{lost}{what}，已剔除。"),
    "Say who they are; a model with missing inputs averaged over "
    "(RiskModel.with_missing_inputs) keeps rows with gaps.": (
        "说明这些患者的情况；对缺失输入取平均的模型（RiskModel.with_missing_inputs）可保留有缺"
        "失的行。"
    ),
    "{count} of {patients} have a '{name}' outside the range that the model was made from.": (
        "{patients}中有{count}的“{name}”超出建模范围。"
    ),
    "Compare these patients with the model's, and the units of both.": (
        "将这些患者与建模患者比较，并核对双方单位。"
    ),
    "The model was made from this very file: on its own patients a model does better than on "
    "others.": ("该模型正是由该文件建立：模型在自身建模患者中的表现优于在其他患者中。"),
    "Validate it on patients that it has not seen, or by resampling (fit.validate).": (
        "应在模型未见过的患者中验证，或通过重抽样验证（fit.validate）。"
    ),
    "This is apparent performance, and no validation.": "这是表观性能，不是验证。",
    "The model's controls were sampled and no prevalence is known: its risks are those of its "
    "sample, so calibration here says nothing; discrimination does.": (
        "该模型的对照为抽样所得且患病率未知：其风险仅适用于样本，因此此处的校准没有意义；区分"
        "度仍有意义。"
    ),
    "Give the share with the event where these patients are from (prevalence), or read "
    "c_index and slope alone.": (
        "给出这些患者所在人群的事件比例（prevalence），或仅看C指数与斜率。"
    ),
    "The model was made from {data_kind} patients.": "该模型由{data_kind}患者建立。",
    "Say so wherever these numbers are shown.": "凡展示这些数值之处均应说明。",
    "The outcome reads {known}, which the model reads, too: it predicts what it is told.": (
        "结局读取了{known}，而模型也读取了它：模型预测的是它已被告知的内容。"
    ),
    "Define the outcome by something that is not known when the model is used.": (
        "应以使用模型时尚未知的信息定义结局。"
    ),
    "{risks} {are} exactly 0 or 1, whose log-odds are infinite: intercept, slope and R2 do "
    "not exist.": ("有{risks}恰为0或1，其对数优势无穷大：截距、斜率与R2不存在。"),
    "Every patient has the same risk: nothing is discriminated, and no slope exists.": (
        "所有患者的风险相同：无区分能力，也不存在斜率。"
    ),
    "The risks divide the patients with the event from those without, so calibration "
    "intercept and slope have no finite estimate.": (
        "风险将发生与未发生事件的患者完全分开，因此校准截距与斜率无有限估计。"
    ),
    "Collect more patients; check that the outcome is not among the inputs.": (
        "收集更多患者；检查结局是否混入了输入。"
    ),
    " The nearest {are} {close}.": "最接近的为{close}。",
    "{rows} of '{name}' {holds} a level that the model does not know; it knows {levels}.{meant}": (
        "“{name}”有{rows}为模型不认识的水平；模型认识的水平为{levels}。{meant}"
    ),
    "Say in a mapping which level is which (--propose-mapping drafts one); rows that stay "
    "have no risk.": (
        "在映射文件中写明各水平的对应关系（--propose-mapping可起草）；未对应的行无法得出风险。"
    ),
    " {unit}": "{unit}",
    "{share:.0%} of the values of '{name}' are inside the model's range ({low:g} to "
    "{high:g}{unit}); {change} most of them would be.": (
        "“{name}”的取值有{share:.0%}在模型范围内（{low:g}至{high:g}{unit}）；若{change}，则大"
        "部分在范围内。"
    ),
    "Check the unit, and write the numbers as the model has them{unit}, or their factor in a "
    "mapping.": ("检查单位，按模型的单位书写数值{unit}，或在映射文件中写明换算系数。"),
    " (in {unit})": "（单位：{unit}）",
    "A number in another unit is read as if it were in the model's, and the risk is wrong.": (
        "以其他单位书写的数值会被当作模型的单位读取，风险因此错误。"
    ),
    # validating/periods.py
    " or non-events": "或非事件",
    "The split leaves {events}{smaller} to make a model from and {later} to judge it by. It "
    "is one validation of a model of part of the patients, and of fewer than {enough_events} "
    "either part is too small to be sure.": (
        "划分后用于建模的有{events}{smaller}，用于评价的有{later}个。这只是对部分患者所建模型"
        "的一次验证，任一部分少于{enough_events}个事件均难以确定。"
    ),
    "Validate the whole procedure by the bootstrap (validate), and periods or centres in turn "
    "(internal_external); show the split beside them, not in their place.": (
        "以自助法验证完整流程（validate），并依次以各时期或各中心验证（internal_external）；划"
        "分结果与之并列，而非取而代之。"
    ),
    "Steyerberg 2018, doi:10.1016/j.jclinepi.2018.07.010.": (
        "Steyerberg 2018，doi:10.1016/j.jclinepi.2018.07.010。"
    ),
    "A split by time is one validation, at one date; another date gives other numbers.": (
        "按时间划分仅是在某一日期的一次验证；换一个日期，数值便不同。"
    ),
    "Leave out each period in turn (internal_external).": (
        "依次留出每个时期（internal_external）。"
    ),
    "Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005.": (
        "Steyerberg与Harrell 2016，doi:10.1016/j.jclinepi.2015.04.005。"
    ),
    "The earlier patients have {events}{smaller} for {candidate_parameters}: their model is "
    "less stable than that of all patients, and no verdict on it.": (
        "较早的患者有{events}{smaller}，{candidate_parameters}：其模型不如全部患者的模型稳定，"
        "不能据此下结论。"
    ),
    "Read the measures as those of a weaker model.": "将各指标视为较弱模型的指标。",
    "A predictor, or a level of one, does not vary among the earlier patients: its "
    "coefficient is 0 for the later ones.": (
        "某预测因子或其某一水平在较早的患者中无变化：对较晚的患者其系数为0。"
    ),
    "Look at when its values were first recorded.": "查明其取值何时开始记录。",
    "Patients have several rows, and the intervals take rows for independent: they are too "
    "narrow.": ("患者有多行，而区间将各行视为独立：区间过窄。"),
    "more": "更为",
    "less": "较不",
    "have no known outcome": "结局未知",
    "have no risk ({reasons})": "无法得出风险（{reasons}）",
    "{reason} {count}": "{reason}{count}行",
    "{kind}: {name}": "{kind}：{name}",
    "with the other sign": "改变正负号",
    "divided by {number:g}": "除以{number:g}",
    "multiplied by {number:g}": "乘以{number:g}",
    "not told": "未说明",
    "{name}: {value}": "{name}：{value}",
    "{kind} ({values})": "{kind}（{values}）",
    "outcome": "结局",
    "event": "事件",
    "time": "时间",
}
