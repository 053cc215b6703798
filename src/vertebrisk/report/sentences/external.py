"""Sentences about an external validation: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # headings
    "external": ("External validation", "外部验证"),
    "external.title": ("{model} on new patients", "{model}：在新患者中的表现"),
    "external.participants": ("Who was asked", "研究对象"),
    "external.measures": ("How well the model does", "模型表现"),
    "external.calibration": ("Are the risks right?", "风险是否准确"),
    "external.discrimination": ("Who has the higher risk?", "区分能力"),
    "external.decision": ("Is it worth acting on?", "是否值得据此干预"),
    "external.case_mix": ("These patients and the model's", "本组患者与建模患者"),
    # facts
    "external.model": ("Model", "模型"),
    "external.predicts": ("It predicts", "预测内容"),
    "external.event_here": ("Event here", "本次事件定义"),
    "external.cohort": ("Patients", "患者文件"),
    "external.time_here": ("Time here", "本次随访时间"),
    "external.made_from": ("Made from", "建模人群"),
    "external.made_of": (
        "{n} patients, {events} with the event",
        "{n}例患者，其中{events}例发生事件",
    ),
    "external.read_from_print": (
        "How the model was read from print: {notes}",
        "模型的读取方式：{notes}",
    ),
    "external.not_told": ("not told", "未说明"),
    "external.model_version": ("Version of the model", "模型版本"),
    "external.lineage": ("Lineage", "更新历程"),
    "external.file_hash": ("SHA-256 of the file", "文件的SHA-256"),
    "external.model_of_reconstructed": (
        "Model made from reconstructed patients",
        "模型由重建患者建立",
    ),
    "external.model_of_simulated": ("Model made from simulated patients", "模型由模拟患者建立"),
    "external.model_banner": (
        "The patients from whom the model was made were not real ones; what it says of real "
        "patients is not known.",
        "建模所用患者并非真实患者；该模型对真实患者的表现尚不清楚。",
    ),
    # key numbers
    "external.measured": ("Measured", "纳入评价"),
    "external.of_rows": ("of {rows} rows", "共{rows}行"),
    "external.oe": ("Observed / expected", "观察/预期比"),
    # summary
    "external.summary.size": (
        "Of {rows} rows, {n} have a known outcome and a risk from the model; {events} of these "
        "patients ({share}) had the event.",
        "{rows}行中{n}行结局已知且可由模型给出风险；其中{events}例（{share}）发生事件。",
    ),
    "external.summary.expected": (
        "The model expected {expected} events and {events} happened: {verdict} (observed/expected "
        "{oe}).",
        "模型预期{expected}个事件，实际发生{events}个：{verdict}（观察/预期比{oe}）。",
    ),
    "external.verdict.high": (
        "its risks are on average {times} times too high",
        "其风险平均高估至实际的{times}倍",
    ),
    "external.verdict.low": (
        "what happened is on average {times} times its risks, which are too low",
        "实际发生率平均为其风险的{times}倍，即风险偏低",
    ),
    "external.verdict.high_open": (
        "its risks are {times} times too high, which chance alone could do",
        "其风险高估至实际的{times}倍，但可能仅由偶然所致",
    ),
    "external.verdict.low_open": (
        "what happened is {times} times its risks, which chance alone could do",
        "实际发生率为其风险的{times}倍，但可能仅由偶然所致",
    ),
    "external.verdict.right": ("on average its risks are right", "其风险平均而言是准确的"),
    "external.verdict.right_open": (
        "on average its risks are right as far as so few patients can tell",
        "以现有例数判断，其风险平均而言是准确的",
    ),
    "external.summary.pairs": (
        "Of a patient with the event and one without, the model gives the former the higher risk "
        "{share} of the time (C-index {c}; 50% is chance).",
        "任取发生事件与未发生事件的患者各一名，模型给前者更高风险的概率为{share}（C指数{c}；50%为随机）。",
    ),
    "external.summary.c_chance": (
        "The interval holds 0.5: these patients do not show that the model tells them apart at "
        "all.",
        "区间包含0.5：现有患者不足以说明模型具有区分能力。",
    ),
    "external.summary.slope_extreme": (
        "The risks are too extreme: high ones are too high and low ones too low (calibration slope "
        "{slope}; 1 is right).",
        "风险过于极端：高者过高、低者过低（校准斜率{slope}；1为准确）。",
    ),
    "external.summary.slope_timid": (
        "The risks are too timid: high ones are not high enough and low ones not low enough "
        "(calibration slope {slope}; 1 is right).",
        "风险过于保守：高者不够高、低者不够低（校准斜率{slope}；1为准确）。",
    ),
    "external.summary.slope_right": (
        "That the risks are too extreme or too timid is not shown (calibration slope {slope}; 1 is "
        "right).",
        "未显示风险过于极端或过于保守（校准斜率{slope}；1为准确）。",
    ),
    "external.summary.slope_negative": (
        "The higher the model's risk, the less often the event happened (calibration slope "
        "{slope}): look at the coding of outcome and inputs.",
        "模型给出的风险越高，事件反而越少（校准斜率{slope}）：请检查结局与变量的编码。",
    ),
    "external.summary.ici": (
        "Along the flexible curve, risk and observed share lie {ici} percentage points apart on "
        "average.",
        "沿平滑校准曲线，预测风险与观察比例平均相差{ici}个百分点。",
    ),
    "external.summary.few": (
        "With so few patients with the event (or without) these numbers are uncertain; read the "
        "intervals.",
        "发生（或未发生）事件的患者过少，上述数值不确定，应以区间为准。",
    ),
    "external.summary.first": (
        "Of two patients, the model gives the higher risk to the one who has the event first "
        "{share} of the time (C-index {c}; 50% is chance).",
        "任取两名患者，模型给先发生事件者更高风险的概率为{share}（C指数{c}；50%为随机）。",
    ),
    "external.summary.by": (
        "By {time} the model expected {expected} to have the event and {observed} had it: "
        "{verdict} (observed/expected {oe}).",
        "{time}内模型预期{expected}发生事件，实际为{observed}：{verdict}（观察/预期比{oe}）。",
    ),
    "external.followed": (
        "They were followed for up to {longest}, half of them for {median} or longer.",
        "最长随访{longest}，半数患者随访不少于{median}。",
    ),
    "external.followed.unreached": (
        "They were followed for up to {longest}.",
        "最长随访{longest}。",
    ),
    "external.followed.competing": (
        "{n} had a competing event.",
        "{n}例发生竞争事件。",
    ),
    # sections
    "external.participants.rows": (
        "{n} of {rows} rows are measured. Nothing was fitted anew: coefficients, levels and knots "
        "are the model's.",
        "{rows}行中纳入评价{n}行。未重新拟合任何参数：系数、分级与节点均取自模型。",
    ),
    "external.participants.outcome": (
        "In {n} the outcome is not known.",
        "{n}行结局未知。",
    ),
    "external.participants.not_scored": (
        "{n} have an outcome and no risk, a row perhaps for several reasons ({reasons}).",
        "{n}行结局已知但无法得出风险，同一行可有多个原因（{reasons}）。",
    ),
    "external.participants.averaged": (
        "Where an input was missing the model averaged over it: {inputs}.",
        "变量缺失时由模型对其取平均：{inputs}。",
    ),
    "external.participants.extrapolated": (
        "Outside the range of the model's own patients: {inputs}.",
        "超出建模患者取值范围：{inputs}。",
    ),
    "external.calibration.read": (
        "On the dotted line, as many patients have the event as the model says. Above it the risks "
        "are too low, below it too high; where few patients are, the curve says little.",
        "虚线表示实际发生比例与模型风险一致；曲线在其上方说明风险偏低，在其下方说明风险偏高；患者稀少处曲线不足为据。",
    ),
    "external.discrimination.read": (
        "The area under the curve is the C-index. It says nothing of whether the risks are right.",
        "曲线下面积即C指数，与风险数值是否准确无关。",
    ),
    "external.decision.read": (
        "Net benefit counts patients rightly treated less those treated needlessly, weighed by the "
        "threshold: a team that acts at 10% holds one needed treatment to be worth nine needless "
        "ones. The model is worth using where its line lies above both others.",
        "净获益为正确干预的患者数减去按阈值加权的不必要干预数：若以10%为阈值，即认为一次必要的干预抵得上九次不必要的干预。"
        "模型曲线高于另两条线处，方值得使用。",
    ),
    "external.decision.better": (
        "At {threshold} acting by the model gains {gain} net true positives per 100 patients over "
        "the better of treating all and none ({best}).",
        "阈值{threshold}处，按模型干预较“{best}”（两种简单策略中较优者）每100例净增真阳性{gain}例。",
    ),
    "external.decision.worse": (
        "At {threshold} acting by the model is no better than the better of treating all and none "
        "({best}).",
        "阈值{threshold}处，按模型干预不优于“{best}”（两种简单策略中较优者）。",
    ),
    "external.case_mix.read": (
        "The less these patients differ in what the model sees, the lower its C-index, without "
        "the model being at fault.",
        "患者在模型所见变量上的差异越小，C指数越低，这并非模型本身之过。",
    ),
    "external.case_mix.narrower": (
        "The linear predictor varies less here (SD {here}) than where the model was made (SD "
        "{developed}): a lower C-index is to be expected.",
        "本组线性预测值的变异（标准差{here}）小于建模时（标准差{developed}）：C指数较低在预料之中。",
    ),
    "external.case_mix.wider": (
        "The linear predictor varies about as much here (SD {here}) as where the model was made "
        "(SD {developed}), or more.",
        "本组线性预测值的变异（标准差{here}）与建模时（标准差{developed}）相近或更大。",
    ),
    "external.case_mix.expected": (
        "Were its risks right, the model would have a C-index of {expected} in these patients; "
        "what is below that is the model's own.",
        "若其风险准确，模型在本组患者中的C指数应为{expected}；低于该值的部分归因于模型本身。",
    ),
    "external.case_mix.membership": (
        "A model that tells the development patients from these has a C-index of {c}; 0.5 would "
        "say that nobody could.",
        "区分建模患者与本组患者的模型C指数为{c}；0.5表示无法区分。",
    ),
    "external.case_mix.no_linear": (
        "A risk of exactly 0 or 1 has no linear predictor, so there is no distribution to show.",
        "风险恰为0或1时线性预测值不存在，故无分布可示。",
    ),
    # methods and limits
    "external.methods": (
        "The model was applied as it stands to each row with a known outcome. The C-index has "
        "DeLong's interval; calibration in the large, intercept, slope and observed/expected have "
        "Wald's; the others come from {resamples} bootstrap resamples of the patients with the "
        "model held fixed (seed {seed}).",
        "对每一结局已知的行按原样应用模型。C指数区间为DeLong法；整体校准、截距、斜率与观察/预期比为Wald法；"
        "其余由{resamples}次患者自助抽样（模型固定，种子{seed}）得出。",
    ),
    "external.methods.over_time": (
        "The model was applied as it stands to each row with a known time and outcome. C-indices, "
        "areas and Brier scores have intervals by influence functions, calibration Wald's, net "
        "benefit and the distances of the curve those of {resamples} bootstrap resamples of the "
        "patients with the model held fixed (seed {seed}). Censoring is handled by weights, or by "
        "the curve's own estimator.",
        "对每一时间与结局已知的行按原样应用模型。C指数、曲线下面积与Brier评分的区间由影响函数得出，校准指标为Wald法，"
        "净获益与曲线距离由{resamples}次患者自助抽样（模型固定，种子{seed}）得出。删失以加权或曲线自身的估计处理。",
    ),
    "external.limits.cohort": (
        "These numbers hold for patients like these, with outcome and inputs measured as here; "
        "they do not say how the model does elsewhere.",
        "上述数值适用于与本组相似、结局与变量按相同方式测量的患者，不说明模型在其他人群中的表现。",
    ),
    "external.limits.update": (
        "A model whose risks are off on average or too extreme can be updated (vertebrisk's "
        "update_model); an updated model needs new patients to be validated on.",
        "若风险整体偏离或过于极端，可更新模型（vertebrisk的update_model）；更新后的模型需用新的患者再次验证。",
    ),
    "external.limits.use": (
        "It supports research and decisions about {outcome}. It is not a medical device and does "
        "not establish that a patient has or will have a condition.",
        "用于支持与“{outcome}”有关的研究与决策；不是医疗器械，不能确定患者是否患病或将会患病。",
    ),
}
