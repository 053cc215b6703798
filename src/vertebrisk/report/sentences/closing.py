"""Sentences about findings, replication, methods and limits: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # findings, replication
    "findings.none": (
        "No objection was found. That does not mean that there is none.",
        "未发现问题，但这不等于没有问题。",
    ),
    "findings.count": (
        "Errors {errors}, warnings {warnings}, notes {notes}.",
        "错误{errors}项，警告{warnings}项，提示{notes}项。",
    ),
    "findings.row": ("Concerns 1 row.", "涉及1行。"),
    "findings.rows": ("Concerns {n} rows.", "涉及{n}行。"),
    "replication.count": (
        "Of {n} printed numbers, {agree} agree with what was found here and {differ} do not.",
        "论文中的{n}个数字，{agree}个与本次结果一致，{differ}个不一致。",
    ),
    "replication.reconstructed": (
        "The patients were made from these printed numbers, so agreement with the tables is by "
        "construction: it tests how the print is read and the arithmetic, not what the study "
        "found. Only printed numbers that had no part in making them are a real comparison: a "
        "bootstrap-corrected C-index or the range of a decision curve, where the paper has them.",
        "患者数据即由这些数字重建，因此与各表一致是必然的：它检验的是对论文的读法与计算，而非研究结论。"
        "只有未用于重建的数字才构成真正的比较：如论文印出的自助法校正C指数或决策曲线范围。",
    ),
    "replication.simulated": (
        "The source at hand prints little, so the patients were simulated from stated assumptions: "
        "agreement shows that the simulation does what it was made to do, and nothing "
        "about patients. "
        "No odds ratio, hazard ratio, risk or curve of this report is a result of the paper.",
        "所据文献印出的数字很少，患者由所列假定模拟生成：一致仅说明模拟达到了设计要求，不说明任何患者情况。"
        "本报告中的比值比、风险比、风险与曲线均不是该论文的结果。",
    ),
    "replication.differing": ("Different here: {quantities}", "不一致者：{quantities}"),
    "replication.more": (", and {n} more.", "，另有{n}项。"),
    "replication.stop": (".", "。"),
    "replication.few_events": (
        "With {count} for {parameters} candidate parameters ({ratio} each), the choice of "
        "predictors and their coefficients would come out otherwise in another sample.",
        "{count}对应{parameters}个候选参数（每个{ratio}个），若换一批样本，入选因子及其系数会有所不同。",
    ),
    "replication.events": ("{n} events", "{n}个事件"),
    "replication.non_events": ("{n} patients without the event", "{n}例未发生事件者"),
    "replication.optimism": (
        "The C-index of {apparent} is that of the patients from whom the model was made; "
        "{corrected} "
        "is to be expected in others like them, with a calibration slope of {slope}.",
        "C指数{apparent}来自建模患者本身；在同类的其他患者中可预期为{corrected}，校准斜率为{slope}。",
    ),
    "replication.sampled": (
        "Controls were sampled: the odds ratios of the paper stand for the population, "
        "its shares of "
        "patients with the event do not.",
        "对照为抽样所得：论文的比值比适用于源人群，而其中的事件比例不适用。",
    ),
    "replication.time_zero": (
        "The event is present or absent at time zero: a hazard ratio here tells how often and "
        "when it was seen, not how fast it comes; the logistic model beside answers who has it.",
        "该结局在时间零点即已存在或不存在：此处的风险比反映其被发现的多少与早晚，而非发生的快慢；"
        "谁会发生由并列的Logistic模型回答。",
    ),
    "replication.open": (
        "{n} cannot be judged.",
        "{n}个无法判断。",
    ),
    # sources
    "methods.sources": ("Sources:", "文献："),
    "figure.no_picture": (
        "[The drawing is left out: no font of this machine has all of its characters. It is in "
        "figures/{figure}.svg.]",
        "[图未能插入：本机字体缺少其中的字符。图见figures/{figure}.svg。]",
    ),
    # limits
    "limits.use": (
        "The model supports research and decisions about {outcome} ({time_point}). It is not a "
        "medical device and does not establish that a patient has or will have a condition.",
        "模型用于支持与“{outcome}”（{time_point}）有关的研究与决策；它不是医疗器械，不能确定患者是否患病或将会患病。",
    ),
    "limits.when": (
        "It applies {use_at}, when every predictor is known, to patients who meet the same "
        "eligibility rules, and within the range of values seen here.",
        "模型适用于{use_at}全部预测因子已知、符合相同入选标准且取值在本研究范围内的患者。",
    ),
    "limits.external": (
        "Validation was internal: it corrects for overfitting, not for differences between "
        "hospitals, operators or definitions. External validation is needed before use elsewhere.",
        "本验证为内部验证：可校正过拟合，但不能校正医院、术者或定义的差异。在其他机构使用前需外部验证。",
    ),
    "limits.association": (
        "Odds ratios describe association. Changing a predictor need not change the risk.",
        "比值比描述关联；改变某一预测因子未必改变风险。",
    ),
}
