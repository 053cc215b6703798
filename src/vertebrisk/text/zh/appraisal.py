"""What is said of a published study that is appraised by PROBAST."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # participants.py
    "A cohort; how its data came about is not said.": "队列；未说明数据如何获得。",
    "A cohort whose data were collected prospectively.": "前瞻性收集数据的队列。",
    "A cohort, put together in retrospect.": "回顾性建立的队列。",
    "A cohort from a registry.": "来自登记库的队列。",
    "The patients of a trial.": "临床试验的患者。",
    "Cases and controls out of {n} patients, {n_events} with the event": (
        "病例与对照取自{n}例患者，其中{n_events}例发生事件"
    ),
    "{whom}; the file tells of no correction for the sampling, without which every risk is that "
    "of the sample.": "{whom}；文件未提及对抽样的校正，若无校正则所有风险仅属于该样本。",
    "{whom}; the sampling was corrected for.": "{whom}；已对抽样作校正。",
    "{whom}, without a correction for the sampling: every risk is that of the sample.": (
        "{whom}，未对抽样作校正：所有风险仅属于该样本。"
    ),
    "The file has no criteria of eligibility.": "文件中没有纳入排除标准。",
    "Patients were chosen by what is known only after the operation: {criteria}.": (
        "患者依据术后才知道的情况选取：{criteria}。"
    ),
    "The file does not say when {unknown} of {of} criteria can be judged.": (
        "{of}条标准中有{unknown}条，文件未说明何时可以判断。"
    ),
    "Criteria are judged after the operation, as is the model's use; the file does not say which "
    "comes first.": "标准在术后判断，模型也在术后使用；文件未说明孰先孰后。",
    "An abstract; it does not list its criteria.": "仅为摘要，未列出标准。",
    "All {n} criteria can be judged by the end of the operation.": (
        "{n}条标准均可在手术结束前判断。"
    ),
    # predictors.py
    "Predictors were assessed in one way for all.": "所有患者的预测因子评估方式一致。",
    "Predictors were not assessed in one way for all.": "患者之间预测因子的评估方式不一致。",
    "The file does not say whether predictors were assessed in one way for all.": (
        "文件未说明预测因子的评估方式是否一致。"
    ),
    "Predictors were assessed before the outcome.": "预测因子在结局之前评估。",
    "Data were collected prospectively.": "数据为前瞻性收集。",
    "Predictors were assessed without knowledge of the outcome.": "评估预测因子时不知结局。",
    "Whoever assessed the predictors knew the outcome.": "评估预测因子者知道结局。",
    "The file does not say whether the outcome was known to who assessed the predictors.": (
        "文件未说明评估预测因子者是否知道结局。"
    ),
    "When the model is to be used is not said, and {names} {are} not known before the operation.": (
        "未说明模型何时使用，而{names}术前未知。"
    ),
    "All predictors are known before the operation.": "所有预测因子术前已知。",
    "To be used {when} the operation, when {names} {are} not yet known.": (
        "模型在{when}使用，而此时{names}尚未知。"
    ),
    "To be used {when} the operation; no predictor is known only later.": (
        "模型在{when}使用；没有其后才知道的预测因子。"
    ),
    "before": "术前",
    "during": "术中",
    "after": "术后",
    "as printed": "按原文所印",
    # outcome.py
    "score": "评分",
    "imaging": "影像",
    "examination": "体格检查",
    "laboratory": "实验室检查",
    "A standard definition.": "标准定义。",
    "A definition that was fixed beforehand.": "预先规定的定义。",
    "A definition of the paper's own.": "论文自拟的定义。",
    "A definition that was chosen by looking at the data.": "看过数据后选定的定义。",
    "The file does not say whether the definition is a standard one, or was fixed beforehand.": (
        "文件未说明定义是否为标准定义或预先规定。"
    ),
    "The outcome was determined in one way for all.": "所有患者的结局判定方式一致。",
    "The outcome was not determined in one way for all.": "患者之间结局的判定方式不一致。",
    "The file does not say whether the outcome was determined in one way for all.": (
        "文件未说明结局的判定方式是否一致。"
    ),
    "The outcome was determined without knowledge of the predictors.": "判定结局时不知预测因子。",
    "Whoever determined the outcome knew the predictors.": "判定结局者知道预测因子。",
    "The file does not say whether predictors were known to who determined the outcome.": (
        "文件未说明判定结局者是否知道预测因子。"
    ),
    "The file does not say by what the outcome was determined.": "文件未说明以何判定结局。",
    "Taken from records; how it came into them is not said.": "取自病历；未说明病历如何得来。",
    "a threshold": "阈值",
    "a time point": "时间点",
    "Determined by {by}, without {lacking}.": "以{by}判定，缺少{lacking}。",
    "Determined by {by}; time point: {moment}.": "以{by}判定；时间点：{moment}。",
    "Determined by {by}, {threshold}; time point: {moment}.": (
        "以{by}判定，{threshold}；时间点：{moment}。"
    ),
    "The file does not say what the outcome's definition uses.": (
        "文件未说明结局的定义用到哪些变量。"
    ),
    "The outcome's definition uses {names}, of the final model.": (
        "结局的定义用到最终模型中的{names}。"
    ),
    "The outcome's definition uses no predictor.": "结局的定义未用到预测因子。",
    "Predictors were not all assessed before the outcome.": "并非所有预测因子都在结局之前评估。",
    "The file names no predictor of a final model.": "文件未列出最终模型的预测因子。",
    "The event happens during the operation, and {names} {are} known no earlier.": (
        "事件发生于手术中，而{names}不会更早知道。"
    ),
    "All predictors are known before the operation, during which the event happens.": (
        "所有预测因子术前已知，事件发生于手术中。"
    ),
    "The outcome has no time point.": "结局没有时间点。",
    "{names} {are} assessed after the operation; the file does not say whether before the "
    "outcome.": "{names}在术后评估；文件未说明是否在结局之前。",
    "The file does not say when the event happens.": "文件未说明事件何时发生。",
    "Predictors come before the outcome, whose time point is {time_point}.": (
        "预测因子先于结局，结局的时间点为{time_point}。"
    ),
    # analysis.py
    "No value was missing.": "没有缺失值。",
    "Missing values were imputed several times.": "缺失值经多重插补。",
    "Missing values were imputed once, which hides their uncertainty.": (
        "缺失值仅插补一次，掩盖了其不确定性。"
    ),
    "Patients with missing values were left out.": "有缺失值的患者被剔除。",
    "Missing values were made a category of their own.": "缺失值被当作单独的一类。",
    "The predictors were fixed beforehand.": "预测因子预先确定。",
    "All candidates stayed in the model.": "所有候选因子均留在模型中。",
    "The predictors were chosen together, by the lasso.": "预测因子由lasso一并筛选。",
    "The predictors were chosen stepwise in the whole model.": "预测因子在全模型中逐步筛选。",
    "The predictors were chosen by tests of one at a time.": "预测因子由单因素检验筛选。",
    "The predictors were chosen by tests of one at a time, then stepwise.": (
        "预测因子先由单因素检验筛选，再逐步筛选。"
    ),
    "{n_events} events among {n} patients cannot be.": "{n}例患者中有{n_events}个事件，不可能。",
    "{events} events; the file names no candidate.": "{events}个事件；文件未列出候选因子。",
    "{events} events for {n} ({told}): {share:.1f} each": (
        "{events}个事件对{n}（{told}）：每个{share:.1f}"
    ),
    "{events} events for at least {n} ({told}): at most {share:.1f} each": (
        "{events}个事件对至少{n}（{told}）：每个至多{share:.1f}"
    ),
    "{found}, fewer than {least}.": "{found}，少于{least}。",
    "{found}; there may have been more candidates.": "{found}；候选因子可能更多。",
    "{found}.": "{found}。",
    "{events} events; an external validation needs {least}.": (
        "{events}个事件；外部验证需要{least}个。"
    ),
    "{names}: cut into groups in the final model.": "{names}：在最终模型中被切分成组。",
    "{names}: cut into groups before being tried.": "{names}：在检验之前被切分成组。",
    "All predictors are categories, and none is known to be a number that was cut.": (
        "预测因子均为分类变量，未见由数值切分而来者。"
    ),
    "{names}: the file does not say whether a straight line was looked into.": (
        "{names}：文件未说明是否考察过线性假设。"
    ),
    "{names}: taken as straight lines without a look.": "{names}：未经考察即按线性处理。",
    "as splines": "按样条处理",
    "as polynomials": "按多项式处理",
    "as straight lines after a look": "经考察后按线性处理",
    "{names}: {how}.": "{names}：{how}。",
    "{left_out} of {before} enrolled patients are not in the analysis.": (
        "入组{before}例患者中有{left_out}例未纳入分析。"
    ),
    "{n} patients analysed of {before} enrolled, which cannot be.": (
        "入组{before}例而分析{n}例，不可能。"
    ),
    "All {n} enrolled patients are in the analysis.": "入组的{n}例患者均纳入分析。",
    "The file does not say how many patients were enrolled.": "文件未说明入组多少患者。",
    "Patients without whole data or follow-up were left out; how many is not said.": (
        "数据或随访不完整的患者被剔除；未说明人数。"
    ),
    "No patient was left out for want of data.": "没有患者因数据不全被剔除。",
    "Patients without whole data or follow-up were left out, and no more is said of missing "
    "values.": "数据或随访不完整的患者被剔除，此外未提及缺失值。",
    "{label} is not counted in {n} patients; what was done about missing values is not said.": (
        "{label}有{n}例患者未计入；未说明缺失值如何处理。"
    ),
    "The file says nothing of missing values.": "文件未提及缺失值。",
    "No model is developed.": "未建立模型。",
    "The file does not say how the predictors were chosen.": "文件未说明预测因子如何筛选。",
    # performance.py
    "discrimination": "区分度",
    "calibration": "校准度",
    "absent": "不存在",
    "handled": "已处理",
    "The event is there from time zero, so there is no time to it to be modelled.": (
        "事件自时间零点即已存在，没有可供建模的发生时间。"
    ),
    "Controls were sampled, and the file tells of no correction for it.": (
        "对照经抽样，文件未提及相应校正。"
    ),
    "Controls were sampled, and not corrected for.": "对照经抽样，未作校正。",
    "Controls were sampled, and corrected for.": "对照经抽样，已作校正。",
    "Events that compete with the outcome were ignored.": "忽略了与结局竞争的事件。",
    "Several vertebrae of one patient were taken as patients.": (
        "同一患者的多个椎体被当作不同患者。"
    ),
    "An event over time in a logistic model, which has no place for follow-up that ends early.": (
        "以logistic模型处理随时间发生的事件，无法反映提前结束的随访。"
    ),
    "A Cox model allows for follow-up that ends early; the file says nothing of competing "
    "events.": "Cox模型可处理提前结束的随访；文件未提及竞争事件。",
    "Follow-up that ends early is allowed for, and competing events are {competing}.": (
        "已处理提前结束的随访，竞争事件{competing}。"
    ),
    "Patients whose follow-up ended early were left out instead of being allowed for.": (
        "随访提前结束的患者被剔除，而非加以处理。"
    ),
    "The outcome is known of all who were enrolled.": "所有入组者结局已知。",
    "The file does not say whether the outcome is known of all.": "文件未说明是否所有人结局已知。",
    "Neither discrimination nor calibration is shown.": "区分度与校准度均未报告。",
    "Discrimination and calibration are both shown.": "区分度与校准度均有报告。",
    "Calibration is no more than the Hosmer-Lemeshow test.": "校准度仅有Hosmer-Lemeshow检验。",
    "{missing}.": "{missing}。",
    "{measure} is praised, without a number": "称{measure}良好而无数值",
    "{measure} is not shown": "未报告{measure}",
    "the file has no {measure}": "文件中没有{measure}",
    "The file says nothing of an internal validation.": "文件未提及内部验证。",
    "There is no internal validation.": "没有内部验证。",
    "One random split of the patients, no more.": "仅将患者随机拆分一次。",
    "The bootstrap": "自助法",
    "Cross-validation": "交叉验证",
    "{how}, without performance less its optimism.": "{how}，未给出扣除乐观偏差的性能。",
    "{how} of the final model alone: the choice of predictors was not repeated, and its optimism "
    "remains.": "{how}仅用于最终模型：未重复筛选预测因子，其乐观偏差仍在。",
    "{how}; the file does not say whether performance is corrected by it.": (
        "{how}；文件未说明性能是否据此校正。"
    ),
    "{how} with the choice of predictors repeated, and performance less its optimism.": (
        "{how}，重复了预测因子的筛选，并给出扣除乐观偏差的性能。"
    ),
    "{how} of predictors that were not chosen by the data, and performance less its optimism.": (
        "{how}，预测因子并非由数据筛选，并给出扣除乐观偏差的性能。"
    ),
    "{how}, with performance less its optimism; the file does not say whether the choice of "
    "predictors was repeated.": (
        "{how}，给出扣除乐观偏差的性能；文件未说明是否重复了预测因子的筛选。"
    ),
    # weights.py
    "The file has no regression table.": "文件中没有回归表。",
    "The predictors are named, without weights.": "列出了预测因子，但没有权重。",
    "Rows that are contradicted: {rows}.": "存在矛盾的行：{rows}。",
    "Weights are lacking of {names}.": "缺少{names}的权重。",
    "baseline survival": "基线生存率",
    "constant": "常数项",
    "the constant": "常数项",
    "{label} = {level}": "{label} = {level}",
    "Every weight is printed, but no {what}: which model they make cannot be seen.": (
        "所有权重均已印出，但没有{what}：无法看出构成何种模型。"
    ),
    "Every weight and the {what} are printed, and no row contradicts itself.": (
        "所有权重与{what}均已印出，且没有自相矛盾的行。"
    ),
    # rating.py
    "{domains}: high.": "{domains}：高。",
    "{domains}: unclear.": "{domains}：不清楚。",
    "Every domain is low.": "各领域均为低。",
    "Every domain is low, but the model was developed without an external validation. PROBAST "
    "excepts very large developments with internal validation; whether this is one is for the "
    "reader.": (
        "各领域均为低，但模型未经外部验证。PROBAST对样本量很大且经内部验证的建模予以例外；"
        "是否属于此类由读者判断。"
    ),
    # appraising.py
    "Only an abstract was at hand: what it does not say the paper may.": (
        "手头仅有摘要：摘要未说的，论文可能有说明。"
    ),
    "The paper looks for risk factors and offers no model. It is judged as if its regression were "
    "used as one.": "该论文探讨危险因素，未提出模型。此处按其回归被当作模型使用来评价。",
    "The development is judged; PROBAST asks for an appraisal of the validation apart.": (
        "所评价者为建模部分；PROBAST要求另行评价验证部分。"
    ),
}
