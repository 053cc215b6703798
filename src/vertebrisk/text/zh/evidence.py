"""What is said of published studies: pasted tables, audits, pooling."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # audit/values.py
    "{place}, {about}: {value}": "{place}，{about}：{value}",
    # pooling/asymmetry.py
    "Egger's test of {k} studies has hardly any power; {enough_studies} or more are advised. "
    "A large P is no evidence that nothing is missing.": (
        "{k}项研究的Egger检验几乎没有效力；建议至少{enough_studies}项。P值大并不能证明没有遗漏。"
    ),
    "Show the funnel, and draw no conclusion from the test.": "给出漏斗图，不要由该检验下结论。",
    "Sterne et al. 2011, doi:10.1136/bmj.d4002. Asymmetry has other causes than missing "
    "studies, heterogeneity first of all.": (
        "Sterne等 2011，doi:10.1136/bmj.d4002。不对称除研究缺失外还有其他原因，首先是异质性。"
    ),
    # pooling/differences.py and pooling/estimates.py
    "Adjusted odds ratios ({adjusted}) are pooled with crude ones ({crude}); they are not of "
    "the same thing.": (
        "校正比值比（{adjusted}）与未校正比值比（{crude}）被一起合并；二者并非同一含义。"
    ),
    "Pool one kind: --source adjusted or --source crude; or --subgroup source.": (
        "只合并一种：--source adjusted或--source crude；或使用--subgroup source。"
    ),
    "An odds ratio changes with what it is adjusted for even without confounding.": (
        "即使没有混杂，比值比也会随校正变量而改变。"
    ),
    "The table does not say of which kind the numbers of {untold} are.": (
        "表中未说明{untold}的数值属于哪一种。"
    ),
    "Add a column 'source' with {get_args}.": ("增加“source”列，取值为{get_args}。"),
    "Numbers of different kinds are not of the same thing.": "不同类型的数值含义不同。",
    "The outcome has different {what}: {shown}.": ("各研究结局的{what}不同：{shown}。"),
    "Show them apart: --subgroup {name}.": "分别展示：--subgroup {name}。",
    "Where an outcome has no agreed definition, what is pooled over several is none of them.": (
        "结局没有公认定义时，跨多种定义合并的结果不属于其中任何一种。"
    ),
    "The {kind} {titles} is pooled; also printed and not pooled with it: {shown}.": (
        "合并的是{titles}的{kind}值；另有报告而未与之合并的：{shown}。"
    ),
    "Choose which with --performance.": "以--performance选择合并哪一种。",
    "On its own sample a model looks better than on other patients.": (
        "模型在自身样本中的表现优于在其他患者中。"
    ),
    "What is pooled is apparent: each {titles} was measured on the patients that its model "
    "was made from.": ("所合并的为表观值：每个{titles}均在建立模型的患者中测得。"),
    "Read it as an upper limit of what other patients would show.": (
        "将其视为在其他患者中可能达到的上限。"
    ),
    # how a number was read
    "events and patients": "事件数与患者数",
    "events and patients (Newcombe)": "事件数与患者数（Newcombe）",
    "printed interval": "原文所印区间",
    "printed standard error": "原文所印标准误",
    "B and its standard error": "B及其标准误",
    "B and its interval": "B及其区间",
    "odds ratio and its interval": "优势比及其区间",
    "B and its Wald statistic": "B及其Wald统计量",
    "B and its z statistic": "B及其z统计量",
    "2 x 2 counts": "四格表计数",
    "interval": "区间",
    "estimate and standard error": "估计值与标准误",
    "standard error": "标准误",
    # pooling/papers.py
    "{n} {study_is} not among those pooled. {reasons}.": ("{n}未纳入合并。{reasons}。"),
    "Ask the authors, or add what they print to a table of estimates: --table.": (
        "联系作者，或将其报告的数值加入估计值表：--table。"
    ),
    "Studies that print no number are not those that found none.": (
        "未报告数值的研究并不等于未发现关联的研究。"
    ),
    # pooling/proportions.py
    "{empty} of {size} studies have the event in none or in all of their patients; a half was "
    "added to both their cells, which moves the pooled proportion.": (
        "{size}项研究中有{empty}项无患者或全部患者发生事件；其四格均加了二分之一，合并比例因此"
        "有所移动。"
    ),
    "Use the binomial-normal model, which needs no such number.": (
        "使用二项-正态模型，无需加此数值。"
    ),
    # pooling/regression.py
    "{k} studies carry {columns} {coefficient} beside the intercept; about "
    "{studies_per_column} studies each are advised.": (
        "{k}项研究除截距外还要估计{columns}个系数；建议每个系数约{studies_per_column}项研究。"
    ),
    "Name one moderator before the data are seen, and call the rest exploratory.": (
        "在看数据之前指定一个协变量，其余的视为探索性分析。"
    ),
    "A property of studies need not be one of patients: the association may be ecological.": (
        "研究的属性未必是患者的属性：该关联可能是生态学关联。"
    ),
    # pooling/remarks.py
    "Only two studies were pooled: the variance between them is hardly known, and an interval "
    "on one degree of freedom is very wide.": (
        "仅合并了两项研究：研究间方差几乎未知，一个自由度的区间非常宽。"
    ),
    "Show the two studies side by side; a pooled number adds little.": (
        "并列展示两项研究；合并值意义不大。"
    ),
    "IntHout, Ioannidis and Borm 2014, doi:10.1186/1471-2288-14-25.": (
        "IntHout、Ioannidis与Borm 2014，doi:10.1186/1471-2288-14-25。"
    ),
    "{k} studies were pooled; the variance between studies is estimated poorly from fewer "
    "than {few_studies}.": ("合并了{k}项研究；少于{few_studies}项时，研究间方差估计不佳。"),
    "Read the interval of tau2 and the prediction interval, not I2 alone.": (
        "阅读tau2的区间与预测区间，而不只看I2。"
    ),
    "A prediction interval on k-2 degrees of freedom needs three or more studies.": (
        "自由度为k-2的预测区间至少需要三项研究。"
    ),
    "Use k-1 degrees of freedom, or give none.": "使用k-1个自由度，或不给出预测区间。",
    "The studies differ by more than chance, and one effect common to all was assumed; the "
    "interval is too narrow for any other study.": (
        "研究间差异大于随机误差，却假定了共同效应；对任何其他研究而言该区间过窄。"
    ),
    "Allow for a variance between studies: method REML.": ("允许研究间方差：method REML。"),
    "The studies agree more closely than chance would have it, so the standard error of "
    "Hartung and Knapp is below that of one common effect.": (
        "研究间的一致程度超过随机所致，因此Hartung-Knapp标准误小于共同效应的标准误。"
    ),
    "Give the interval without Hartung and Knapp beside it.": ("同时给出不用Hartung-Knapp的区间。"),
    "The {method} likelihood of tau2 has {n_maxima} maxima; the highest was taken.": (
        "tau2的{method}似然有{n_maxima}个极大值；取最高者。"
    ),
    "Compare with the estimate of Paule and Mandel.": "与Paule-Mandel估计比较。",
    "The studies agree so closely that no variance between them fits: the Q-profile interval "
    "of tau2 is empty and is given as zero to zero.": (
        "研究间一致程度过高，没有与之相容的研究间方差：tau2的Q-profile区间为空，以零至零给出。"
    ),
    "Look whether the standard errors are right, or the studies share patients.": (
        "检查标准误是否正确，或各研究是否共用患者。"
    ),
    # pooling/subsets.py
    "{Group} {small} {have} fewer than three studies; the test between groups rests on "
    "variances that are hardly known.": (
        "{Group}{small}的研究少于三项；组间检验所依据的方差几乎未知。"
    ),
    "Show the groups, and draw no conclusion from the test.": "展示各组，不要由该检验下结论。",
    # tables/remarks.py
    "a column without heading": "无标题的列",
    "column '{column}'": "“{column}”列",
    "{place}, line {number}, '{row}', {where}: '{cell}' cannot be read and is left out.": (
        "{place}，第{number}行，“{row}”，{where}：“{cell}”无法读取，已剔除。"
    ),
    "Compare the cell with the paper, correct it in the pasted table, and retry.": (
        "将该单元格与论文核对，在粘贴的表中更正后重试。"
    ),
    "{place}: {what} is left out: {why}.": "{place}：{what}已剔除：{why}。",
    "thresholds": "阈值",
    "time points": "时间点",
    "{kind} ({labels})": "{kind}（{labels}）",
}
