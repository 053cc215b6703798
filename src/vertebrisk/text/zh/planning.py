"""What a plan proposes and why, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    # candidates
    "'{text}': {levels}. Merge with the level that is nearest in meaning, in 'codes' of the "
    "codebook, or leave the candidate out.": (
        "“{text}”：{levels}。请在变量说明的codes中与意义最接近的水平合并，或去除该候选因子。"
    ),
    "A level with fewer than {rare_count} patients, or {rare_share:.0%}, has no coefficient that "
    "anyone could trust, and is lost in some resamples.": (
        "患者不足{rare_count}例或{rare_share:.0%}的水平，其系数不可信，且会在部分重抽样样本中消失。"
    ),
    "'{cut}' cuts '{source}' into groups; '{source}' itself takes its place.": (
        "“{cut}”由“{source}”切分成组；改用“{source}”本身。"
    ),
    "'{text}' is a number cut into groups, and the number is not described as one that the model "
    "may read. Describe it in the codebook and enter it as measured.": (
        "“{text}”是切分成组的数值，而该数值未作为模型可用的变量加以说明。请在变量说明中描述，"
        "并按测量值纳入。"
    ),
    "None of the {candidates} varies and is known in half of the rows; the protocol keeps them "
    "as they are. Complete the data from the records first.": (
        "{candidates}中没有一个既有变化又在半数行中已知；方案保持不变。请先查阅病历补全数据。"
    ),
    "A model needs a predictor that is known.": "模型需要已知的预测因子。",
    "{candidates} {are} listed by name.": "逐一列出{candidates}。",
    "Candidates are fixed before the outcome is looked at.": "候选因子在查看结局之前确定。",
    "'{text}' has one value only and leaves the candidates.": (
        "“{text}”只有一个取值，不再作候选因子。"
    ),
    "What is the same in all patients tells none apart.": ("所有患者均相同的变量不能区分患者。"),
    "'{text}' is missing in {share:.0%} of rows and leaves the candidates.": (
        "“{text}”在{share:.0%}的行中缺失，不再作候选因子。"
    ),
    "Imputed values would outnumber the measured ones, and whoever uses the model would seldom "
    "have it at hand.": "插补值将多于测量值，且模型使用者很少能得到该值。",
    "'{name}' ({reasons})": "“{name}”（{reasons}）",
    " What speaks against some, the outcome aside: {named}.": (
        "不考虑结局，以下候选因子有不利之处：{named}。"
    ),
    "'{level}' has {patients}": "“{level}”有{patients}",
    "{timing}, so unknown when the operation is planned": "{timing}才有，计划手术时未知",
    "missing in {share:.0%}": "{share:.0%}缺失",
    "a number cut into groups": "由数值切分成组",
    # size, estimator
    "(Riley et al. 2020, doi:10.1136/bmj.m441)": "（Riley等 2020，doi:10.1136/bmj.m441）",
    "Choose that many by clinical knowledge": "请依据临床知识选取相应数目",
    "So few patients carry no model; describe them, or test a published model on them": (
        "患者过少，不足以建立模型；请作描述，或用于验证已发表的模型"
    ),
    "{events} among {rows} carry at most {parameters}, and the candidates have {proposed}. "
    "{asked}.{against}": (
        "{rows}中的{events}最多可支持{parameters}，而候选因子共有{proposed}个。{asked}。{against}"
    ),
    "With R² at {share_of_largest:.0%} of its largest value, maximum likelihood would need "
    "coefficients shrunk by {expected_shrinkage:.2f}, where 0.9 is wanted {riley}.": (
        "R²取最大值的{share_of_largest:.0%}时，极大似然的系数需乘以收缩因子"
        "{expected_shrinkage:.2f}，而要求不低于0.9{riley}。"
    ),
    "Profile intervals do not exist for the estimator below.": ("下述估计方法没有剖面似然区间。"),
    "Only Firth's estimator moves the mean risk.": "只有Firth估计会移动平均风险。",
    "All candidates stay and are shrunk together by ridge.": (
        "保留全部候选因子，以岭回归共同收缩。"
    ),
    "A penalty holds back coefficients that so few patients would make too extreme; it lessens "
    "overfitting and does not replace patients {riley}.": (
        "惩罚可抑制因患者过少而过于极端的系数；它减轻过拟合，但不能代替患者{riley}。"
    ),
    "Firth's estimator takes over where patients are separated.": ("出现数据分离时改用Firth估计。"),
    "With {patients} in the smaller outcome group a combination of levels may tell them apart, "
    "and maximum likelihood then has no finite estimate (Heinze and Schemper 2002, "
    "doi:10.1002/sim.1047).": (
        "较少的一类结局仅{patients}，某种水平组合可能将其完全分开，此时极大似然没有有限估计值"
        "（Heinze和Schemper 2002，doi:10.1002/sim.1047）。"
    ),
    "Maximum likelihood, shrunken afterwards.": "极大似然，之后收缩。",
    "One factor for all coefficients goes with it.": "全部系数共用一个收缩因子。",
    "All coefficients are shrunken by one factor, the bootstrap slope.": (
        "全部系数乘以同一收缩因子，即自助法校准斜率。"
    ),
    "It holds back coefficients that so few patients would make too extreme, and unlike ridge "
    "goes with the correction for sampled controls; it does not replace patients {riley}.": (
        "它抑制因患者过少而过于极端的系数，且与岭回归不同，可与抽样对照的校正并用；但不能代替"
        "患者{riley}。"
    ),
    "The penalty is that of the best corrected AIC, without cross-validation.": (
        "惩罚参数按校正AIC最优选取，不作交叉验证。"
    ),
    "{patients} of one outcome are too few to deal into folds.": (
        "某一结局仅{patients}，不足以分折。"
    ),
    "'{key}' is taken out.": "删除{key}。",
    'select = "prespecified" in place of "{method}": all candidates stay in the model.': (
        '以select = "prespecified"代替"{method}"：全部候选因子留在模型中。'
    ),
    "A choice by the same outcomes that the model is fitted to drops predictors that matter, "
    "keeps those that chance favours, and makes intervals too narrow (Heinze et al. 2018, "
    "doi:10.1002/bimj.201700067).": (
        "用拟合模型的同一结局筛选变量，会漏掉重要的预测因子，保留机遇所致者，并使区间过窄"
        "（Heinze等 2018，doi:10.1002/bimj.201700067）。"
    ),
    "{numbers} may bend, as {splines} with {knots} knots.": (
        "{numbers}可呈曲线，采用{knots}个节点的限制性立方样条。"
    ),
    "The patients carry the parameters, and few effects are straight lines.": (
        "患者数足以支持这些参数，而效应很少是直线。"
    ),
    "Terms of candidates that left are taken out.": "删除已去除候选因子的项。",
    "A term shapes a candidate.": "项用于规定候选因子的形状。",
    # missing values
    "(Sterne et al. 2009, doi:10.1136/bmj.b2393)": "（Sterne等 2009，doi:10.1136/bmj.b2393）",
    "{lost:.0%} of rows would leave because a candidate is missing, and imputation is not joined "
    "with {obstacle}. Complete the data from the records, or leave out candidates that are often "
    "missing.": (
        "{lost:.0%}的行会因候选因子缺失而被剔除，而插补不能与{obstacle}并用。请查阅病历补全数据，"
        "或去除经常缺失的候选因子。"
    ),
    "Patients with complete records may differ from the others {sterne}.": (
        "资料完整的患者可能与其他患者不同{sterne}。"
    ),
    "{lost:.0%} of rows lack a candidate: {wanted} imputations keep them.": (
        "{lost:.0%}的行有候选因子缺失：插补{wanted}次以保留这些行。"
    ),
    "As many imputations as the percentage of incomplete rows make the result repeatable (White "
    "et al. 2011, doi:10.1002/sim.4067), and complete cases may differ from the others "
    "{sterne}.": (
        "插补次数与不完整行的百分数相当时结果可重复（White等 2011，doi:10.1002/sim.4067），"
        "且完整病例可能与其他患者不同{sterne}。"
    ),
    "imputations = {wanted}.": "imputations = {wanted}。",
    "One for each percent of incomplete rows.": "不完整的行每占百分之一插补一次。",
    # validation, sampling, precision, follow-up
    "{wanted} bootstrap resamples in place of {given}.": ("自助抽样{wanted}次，代替{given}次。"),
    "Fewer leave the corrected performance to the seed.": (
        "次数过少时，校正后的表现取决于随机种子。"
    ),
    "No threshold is given. State the risks at which a decision would change, in 'thresholds' of "
    "[validation].": "未给出阈值。请在[validation]的thresholds中列出会改变决策的风险。",
    "A threshold chosen after the fact is one that flatters the model (Vickers and Elkin 2006, "
    "doi:10.1177/0272989X06295361).": (
        "事后选取的阈值会美化模型（Vickers和Elkin 2006，doi:10.1177/0272989X06295361）。"
    ),
    "Controls are matched: report odds ratios and no risks. Where the sets are known, name their "
    "column as 'set' in [sampling]: the model is then conditional.": (
        "对照经过匹配：请报告比值比而非风险。如已知匹配组，请在[sampling]中以set指定其列：模型即为"
        "条件模型。"
    ),
    "Matched factors and the mean risk cannot be recovered from the sample.": (
        "匹配因素与平均风险无法由样本恢复。"
    ),
    "Controls were sampled. State the prevalence, or the cases and controls of the population, "
    "in [sampling].": "对照为抽样所得。请在[sampling]中给出患病率，或总体的病例数与对照数。",
    "Without it every risk is that of the sample (King and Zeng 2001, "
    "doi:10.1093/oxfordjournals.pan.a004868).": (
        "否则所有风险只适用于样本（King和Zeng 2001，doi:10.1093/oxfordjournals.pan.a004868）。"
    ),
    "The overall risk itself is known to plus or minus {margin:.1%} only. Show risks with their "
    "intervals, or collect more patients.": (
        "总体风险本身的误差即达±{margin:.1%}。请连同区间给出风险，或收集更多患者。"
    ),
    "Plus or minus {margin:.0%} is wanted (Riley et al. 2020, doi:10.1136/bmj.m441).": (
        "要求不超过±{margin:.0%}（Riley等 2020，doi:10.1136/bmj.m441）。"
    ),
    "{n} rows are of {n_patients} patients: parameters are counted against patients, standard "
    "errors and resamples go by patient.": (
        "{n}行来自{n_patients}例患者：参数数目以患者计，标准误与重抽样以患者为单位。"
    ),
    "Vertebrae of one patient resemble one another and tell less than as many patients would.": (
        "同一患者的椎体彼此相似，信息少于同样数目的患者。"
    ),
    "Follow-up of {left} rows reaches {horizon:g} {unit}. Choose an earlier horizon, or follow "
    "longer.": "仅{left}行随访达到{horizon:g}{unit}。请选择更早的预测时点，或延长随访。",
    "Risks by then would rest on a handful of patients.": "届时的风险仅以少数患者为据。",
}
