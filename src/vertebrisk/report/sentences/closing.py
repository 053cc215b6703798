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
    # methods
    "methods.data": ("The data: {note}", "数据：{note}"),
    "methods.design": (
        "Design: {design}; {n} {unit} were analysed, with {events} events. The outcome was "
        "{outcome}, defined as {rule} at {time_point}.",
        "研究设计：{design}；分析{n}{unit}，事件{events}个。结局为“{outcome}”，定义为{rule}（{time_point}）。",
    ),
    "methods.comparison": (
        "Groups were compared by the tests named in Table {table}, two-sided; quantiles are of "
        "type 7.",
        "组间比较采用表{table}所列检验（双侧）；分位数为第7型。",
    ),
    "methods.prespecified": (
        "All candidate predictors, fixed before the analysis, entered the model.",
        "分析前确定的全部候选因子均进入模型。",
    ),
    "methods.univariable": (
        "Candidates were screened one at a time ({selection}) and those that passed entered the "
        "multivariable model.",
        "候选因子逐一筛选（{selection}），通过者进入多因素模型。",
    ),
    "methods.backward": (
        "Predictors were chosen by backward elimination ({selection}).",
        "预测因子经向后逐步剔除选出（{selection}）。",
    ),
    "methods.lasso": (
        "Predictors were chosen by the lasso ({selection}) and fitted anew without a penalty.",
        "预测因子由lasso选出（{selection}），再以无惩罚模型重新拟合。",
    ),
    "methods.stability": (
        "Predictors were chosen by stability selection: those that entered in most random halves "
        "of the patients ({selection}), fitted anew in all of them.",
        "预测因子由稳定性选择确定：在患者的多数随机半样本中入选者（{selection}），再以全部患者重新拟合。",
    ),
    "methods.ml": (
        "A logistic regression model was fitted by maximum likelihood; P values are Wald tests "
        "unless marked otherwise.",
        "采用极大似然法拟合logistic回归模型；除另有说明外，P值来自Wald检验。",
    ),
    "methods.complete": (
        "Patients with a missing outcome or predictor left the analysis and are counted in the "
        "flow; no value was imputed.",
        "结局或预测因子缺失者退出分析并计入流程图；未进行插补。",
    ),
    "methods.pieces": (
        "The patients were read in pieces, and sums over them were added in a fixed order, so that "
        "the numbers do not depend on how many processors or machines shared the work. A resample "
        "gave every patient a Poisson weight of mean 1. C-index, Dxy, ICI, E50, E90, Emax, the "
        "calibration curve and the decision curve are apparent: their optimism would need the "
        "order of all patients by the model of every resample.",
        "患者数据分块读取，求和按固定次序进行，故结果与参与计算的处理器或机器数量无关。"
        "每次抽样赋予每例患者均值为1的泊松权重。C指数、Dxy、ICI、E50、E90、Emax、校准曲线和决策曲线均为表观值："
        "估计其乐观度需要按每次抽样的模型对全部患者排序。",
    ),
    "methods.performance": (
        "Discrimination is the C-index with DeLong's interval. Optimism was estimated by "
        "Harrell's bootstrap with {resamples} resamples (seed {seed}) and subtracted. The interval "
        "of a corrected value is the percentile interval of the measure in the resamples, moved "
        "so that its mean is the corrected value (after Noma); it tends to be too narrow after "
        "selection. For slope and intercept it is the range over the resamples' models on the "
        "original patients. ICI, E50, E90 and Emax are read from {smoother}. The interval of one "
        "patient's risk is that of the average risk of such patients: Wald's, or, after selection, "
        "the percentile interval over the resamples' models, each expressed in the final "
        "predictors.",
        "区分度以C指数及DeLong区间表示。以Harrell自助法（{resamples}次，种子{seed}）估计并扣除乐观度。"
        "校正值的区间为该指标在各次抽样中的百分位区间，平移至以校正值为均值（参照Noma）；选择变量后往往偏窄。"
        "斜率与截距给出的是各次抽样模型用于原患者时的范围。ICI、E50、E90与Emax由{smoother}读取。"
        "单个患者风险的区间为此类患者平均风险的区间：Wald法，或在选择变量后取各次抽样模型（以最终预测因子表达）的百分位区间。",
    ),
    "methods.decision": (
        "Net benefit follows Vickers and Elkin. The nomogram assigns points as rms::nomogram does.",
        "净获益按Vickers与Elkin方法计算；列线图得分与rms::nomogram一致。",
    ),
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
