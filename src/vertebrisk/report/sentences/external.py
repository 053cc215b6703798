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
    "external.time": ("{time} {unit}", "{time}{unit}"),
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
    # tables
    "caption.external.measures": ("Measures on these patients", "在本组患者中的各项指标"),
    "caption.external.decision": ("Net benefit at the thresholds asked", "所选阈值下的净获益"),
    "caption.external.classes": (
        "Who is found and missed at the thresholds asked",
        "所选阈值下的分类",
    ),
    "external.column.flagged": ("At or above it", "达到阈值"),
    "external.note.classes": (
        "At or above a threshold is positive. PPV and NPV are those of patients with this share of "
        "events.",
        "风险大于等于阈值为阳性。阳性与阴性预测值适用于事件比例与此相同的患者。",
    ),
    "caption.external.case_mix": (
        "The patients whom the model was made from, and these",
        "建模患者与本组患者",
    ),
    "external.column.here": ("These patients", "本组患者"),
    "external.column.estimate": ("Here (95 % CI)", "本组（95% CI）"),
    "external.column.interval": ("Interval", "区间方法"),
    "external.column.developed": ("When developed", "建模时"),
    "external.column.question": ("What it says", "含义"),
    "external.absent": ("does not exist", "不存在"),
    "external.interval.DeLong": ("DeLong", "DeLong法"),
    "external.interval.Wald": ("Wald", "Wald法"),
    "external.interval.bootstrap": ("bootstrap", "自助法"),
    "external.interval.moved bootstrap": ("bootstrap, moved", "自助法（平移）"),
    "external.note.developed": (
        "When developed: as the model tells it, corrected for optimism where it says so.",
        "建模时：模型自述的数值，如有乐观校正则为校正值。",
    ),
    "external.note.smoother": (
        "ICI, E50, E90 and Emax by {smoother}.",
        "ICI、E50、E90与Emax由{smoother}得出。",
    ),
    "external.note.decision": (
        "Net true positives per patient, with bootstrap intervals. Avoided: interventions per 100 "
        "patients against treating all.",
        "每例患者的净真阳性数及自助法区间。“避免”为与全部干预相比每100例避免的干预数。",
    ),
    "external.mix.n": ("Patients", "例数"),
    "external.mix.events": ("With the event", "发生事件"),
    "external.mix.mean": ("Linear predictor, mean", "线性预测值均值"),
    "external.mix.sd": ("Linear predictor, SD", "线性预测值标准差"),
    "external.mix.range": ("Linear predictor, range", "线性预测值范围"),
    "external.mix.c_expected": ("C-index, were the risks right", "若风险准确时的C指数"),
    "caption.external.followed": ("Follow-up by each horizon", "各时间点的随访情况"),
    "caption.external.horizons": ("Measures by each horizon", "各时间点的指标"),
    "external.column.n_events": ("With the event", "发生事件"),
    "external.column.n_competing": ("Competing event", "竞争事件"),
    "external.column.n_unknown": ("Censored before", "此前删失"),
    "external.column.n_followed": ("Still followed", "仍在随访"),
    "external.column.observed": ("Observed (95 % CI)", "观察（95% CI）"),
    "external.column.expected": ("Expected", "预期"),
    "external.note.observed": (
        "Observed: 1 less Kaplan and Meier's estimate. Expected: mean risk.",
        "观察：1减Kaplan-Meier估计。预期：平均风险。",
    ),
    "external.note.observed_competing": (
        "Observed: Aalen and Johansen's estimate. Expected: mean risk.",
        "观察：Aalen-Johansen估计。预期：平均风险。",
    ),
    "external.interval.influence function": ("influence function", "影响函数"),
    "external.interval.jackknife": ("jackknife", "刀切法"),
    "measure.c_index_uno": ("C-index, Uno's", "C指数（Uno）"),
    # what each measure is good for
    "external.says.c_index": (
        "Do patients with the event have the higher risks? 0.5 is chance, 1 perfect.",
        "发生事件者风险是否更高？0.5为随机，1为完美。",
    ),
    "external.says.auc": (
        "Do those with the event by then have the higher risks? 0.5 is chance.",
        "该时间内发生事件者风险是否更高？0.5为随机。",
    ),
    "external.says.c_index_uno": (
        "The C-index with weights for censoring, up to the horizon.",
        "以删失加权、截至该时间点的C指数。",
    ),
    "external.says.in_the_large": (
        "Are the risks right on average? 0 is; below 0 they are too high.",
        "风险平均是否准确？0为准确，小于0说明偏高。",
    ),
    "external.says.intercept": (
        "Fitted together with the slope; 0 beside a slope of 1 is right.",
        "与斜率同时拟合；斜率为1时0为准确。",
    ),
    "external.says.slope": (
        "Too extreme (below 1) or too timid (above 1)?",
        "过于极端（小于1）还是过于保守（大于1）？",
    ),
    "external.says.observed_expected": (
        "Events that happened for each that was expected; 1 is right.",
        "实际事件数与预期之比；1为准确。",
    ),
    "external.says.brier": (
        "Mean squared distance of risk and outcome; the lower the better.",
        "风险与结局的均方差；越低越好。",
    ),
    "external.says.brier_scaled": (
        "Brier score against giving all the same risk: 1 perfect, 0 no better.",
        "与人人同一风险相比：1为完美，0为并无改善。",
    ),
    "external.says.r2": (
        "Likelihood of the risks as they stand; below 0 worse than one risk for all.",
        "按原样风险计算的似然；小于0则不如人人同一风险。",
    ),
    "external.says.ici": (
        "Mean distance of the flexible curve from the risks.",
        "平滑曲线与风险的平均距离。",
    ),
    "external.says.e50": ("Median of that distance.", "该距离的中位数。"),
    "external.says.e90": ("Its 90th percentile.", "该距离的第90百分位数。"),
    "external.says.emax": ("Its largest value.", "该距离的最大值。"),
    # reasons
    "external.reason.missing": ("Missing: {label}", "缺失：{label}"),
    "external.reason.unreadable": ("Cannot be read: {label}", "无法读取：{label}"),
    "external.reason.unknown level": ("Unknown level: {label}", "未知分类水平：{label}"),
    "external.reason.not a number": ("Not a number: {label}", "非数值：{label}"),
    # figures
    "figure.external.flow": (
        "From the rows of the file to the patients measured.",
        "由文件各行到纳入评价的患者。",
    ),
    "figure.external.calibration": (
        "Calibration on these patients: observed share against predicted risk, with the "
        "distribution of the risks below.",
        "本组患者的校准曲线：观察比例与预测风险，下方为风险分布。",
    ),
    "figure.external.roc": ("ROC curve on these patients.", "本组患者的ROC曲线。"),
    "figure.external.calibration_at": (
        "Calibration at {time} on these patients: observed share against predicted risk, with the "
        "distribution of the risks below.",
        "{time}时本组患者的校准曲线：观察比例与预测风险，下方为风险分布。",
    ),
    "figure.external.decision_at": (
        "Decision curve at {time} on these patients, the model as it stands.",
        "{time}时本组患者的决策曲线（模型不作改动）。",
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
    "figure.external.decision": (
        "Decision curve on these patients, the model as it stands.",
        "本组患者的决策曲线（模型不作改动）。",
    ),
    "figure.external.linear_predictor": (
        "The linear predictor of these patients; shaded is the range of those from whom the model "
        "was made.",
        "本组患者的线性预测值；阴影为建模患者的取值范围。",
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
