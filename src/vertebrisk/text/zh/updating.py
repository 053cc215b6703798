"""What is said of models that are updated and watched."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # monitoring/remarks.py
    "Look first at what changed then: coding, patients, treatment, how the outcome is found. "
    "Then take the patients since: vertebrisk validate MODEL COHORT --outcome EXPR, and where "
    "risks are wrong vertebrisk update MODEL COHORT --outcome EXPR --out FILE.json.": (
        "首先查看当时发生了什么变化：编码、患者、治疗、结局的判定方式。然后取其后的患者：运行"
        "vertebrisk validate MODEL COHORT --outcome EXPR；若风险不准，运行vertebrisk update "
        "MODEL COHORT --outcome EXPR --out FILE.json。"
    ),
    "The chart adds up log-likelihood ratios of outcomes against the model's risks (Steiner "
    "et al. 2000, doi:10.1093/biostatistics/1.4.441), and its limit follows the case mix "
    "(Zhang and Woodall 2016, doi:10.1002/qre.2044). It takes the risks for exact: a model "
    "that was wrong from the first patient signals, too (Jones and Steiner 2012, "
    "doi:10.1093/intqhc/mzr082).": (
        "该图累加结局相对于模型风险的对数似然比（Steiner等 2000，"
        "doi:10.1093/biostatistics/1.4.441），其控制限随患者构成变化（Zhang与Woodall 2016，"
        "doi:10.1002/qre.2044）。它将模型风险视为准确：从第一例患者起就不准的模型同样会报警（"
        "Jones与Steiner 2012，doi:10.1093/intqhc/mzr082）。"
    ),
    " It crossed {times} more since.": "此后又越限{times}。",
    "The model has drifted: in {when:%Y-%m} the chart of {more} crossed its limit; "
    "since about {since:%Y-%m}, {patients} had {events} where it expects "
    "{expected:.1f}.{again}": (
        "模型已漂移：{when:%Y-%m}，监测{more}的曲线越过控制限；自{since:%Y-%m}前后起，"
        "{patients}发生{events}，而模型预期{expected:.1f}个。{again}"
    ),
    "While the risks hold, one in {run_length:g} patients brings a false alarm. {why}": (
        "在风险准确时，平均每{run_length:g}例患者出现一次误报。{why}"
    ),
    "The risks are those by {by}, and every outcome is taken as what had happened by then.": (
        "风险为至{by}的风险，每个结局均视为至该时点已发生的情况。"
    ),
    "Let the outcome be no for an event after that, and empty for whoever was not followed so "
    "long.": ("此后发生的事件应记为“否”，随访不足者应留空。"),
    "Later events look like a drift towards more events, and patients who were lost like one "
    "towards fewer.": ("更晚的事件会表现为事件增多的漂移，失访则表现为事件减少的漂移。"),
    "{events} among {patients}, {expected:.1f} expected: a chart without a signal says little.": (
        "{patients}中发生{events}，预期{expected:.1f}个：此时未报警说明不了什么。"
    ),
    "Go on, and look again with more patients.": "继续监测，待患者增多后再看。",
    "{patients} left out: '{column}' is empty.": ("剔除{patients}：“{column}”为空。"),
    "Fill the dates in.": "补全日期。",
    "{patients} left out: '{column}' lies after today.": ("剔除{patients}：“{column}”晚于今天。"),
    "Correct {the_date}.": "更正{the_date}。",
    "The rows were put into the order of '{column}'; those of one day stay as they stood.": (
        "各行已按“{column}”排序；同一天的行保持原顺序。"
    ),
    "{patients} of {missing} have no outcome and are left out.": (
        "{missing}中有{patients}无结局，已剔除。"
    ),
    "Watch the model only up to patients whose time point has passed for all.": (
        "仅监测至所有患者均已过时间点的日期。"
    ),
    "Who has no outcome yet differs from who has one: events are often known first.": (
        "尚无结局者与已有结局者不同：事件往往更早获知。"
    ),
    # updating/patients.py
    "{patients} left out: '{name}' holds what is no level and no number of the model.": (
        "剔除{patients}：“{name}”的取值既非模型的水平，也非模型可用的数字。"
    ),
    "Write its values as the model does, and update again.": (
        "按模型的写法书写其取值，然后重新更新。"
    ),
    "Who is left out for a reason that goes with the outcome moves the updated risks.": (
        "若剔除的原因与结局有关，更新后的风险会随之偏移。"
    ),
    "The outcome reads {read}, which the model takes as input, too.": (
        "结局读取了{read}，而模型也以其为输入。"
    ),
    "Check the rule: whoever knows the outcome needs no risk of it.": (
        "检查判定规则：已知结局者无需预测风险。"
    ),
    # updating/remarks.py
    "{events} for the {parameters} of the {replace}; {wanted} are wanted.": (
        "{replace}的{parameters}仅有{events}；宜有{wanted}。"
    ),
    "Collect more patients, or name a method with fewer parameters beforehand, here "
    "method='{instead}'.": ("收集更多患者，或事先指定参数更少的方法，此处为method='{instead}'。"),
    "With few patients a revision predicts worse than a model that was only recalibrated, and "
    "a closed test that keeps the original has shown little (Steyerberg et al. 2004, "
    "doi:10.1002/sim.1844; Vergouwe et al. 2017, doi:10.1002/sim.7179).": (
        "患者少时，修订后的模型预测不如仅重新校准的模型，而保留原模型的封闭检验也说明不了什么"
        "（Steyerberg等 2004，doi:10.1002/sim.1844；Vergouwe等 2017，doi:10.1002/sim.7179）。"
    ),
    "The slope of the original linear predictor is {slope:.2f}: its high risks are low ones "
    "in these patients.": ("原线性预测值的斜率为{slope:.2f}：其高风险在这些患者中反为低风险。"),
    "Check the coding of the outcome and of the inputs before anything else.": (
        "首先检查结局与各输入的编码。"
    ),
    "A model that ranks patients the wrong way is not mended by recalibration.": (
        "排序方向错误的模型无法通过重新校准修正。"
    ),
    "What shrinkage takes off the coefficients was itself read from these patients, and no "
    "formula holds its error.": ("系数的收缩量本身由这些患者得出，尚无公式给出其误差。"),
    "The limits of the original come from its development repeated on resamples, which was "
    "not repeated with the update.": (
        "原模型的置信限来自对其建模流程的重抽样，而更新时并未重复该流程。"
    ),
    "The errors of the original coefficients are not known, so those of an update that builds "
    "upon them are not, either.": ("原系数的误差未知，因此以其为基础的更新，其误差也未知。"),
    "The updated model gives risks without limits.": "更新后的模型给出的风险不带置信限。",
    "Validate it in patients of its own.": "在其自身的患者中加以验证。",
    "The extended model asks for every input; the original averages over those that are missing.": (
        "扩展后的模型要求全部输入；原模型对缺失的输入取平均。"
    ),
    "How the new predictors go with the others was not learnt.": (
        "新预测因子与其他预测因子之间的关系未知。"
    ),
    "'{name}' is {timing}, and the model is used when only what is {use_at} is known.": (
        "“{name}”为{timing}变量，而使用模型时仅知{use_at}信息。"
    ),
    "Leave it out, or say that the model is used later.": "将其剔除，或说明模型在更晚时使用。",
    # updating/survival.py
    "The updated model has no risk at {lost}: the new patients are followed to {last:g}.": (
        "更新后的模型在{lost}无风险：新患者仅随访至{last:g}。"
    ),
    "Follow them longer, and update again.": "延长随访，然后重新更新。",
    "more events": "事件增多",
    "fewer events": "事件减少",
}
