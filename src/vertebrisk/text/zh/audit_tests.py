"""What an audit says of tests of groups, in Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # groups/fitting.py, groups/judging.py
    "the table": "表格",
    "the methods": "方法部分",
    "{upper} gives it, not {named}, as {by} {says}.": (
        "得出该值的是{upper}，而非{by}所述的{named}。"
    ),
    "{low} to {high}": "{low}至{high}",
    "{name} {printed}": "{name} {printed}",
    "P {ends}": "P {ends}",
    # groups/counted_levels.py and groups/level_tests.py
    "Whether the variable differs between the groups at P < 0.05, and with that what was chosen "
    "by it.": "该变量的组间差异是否达到P < 0.05，以及据此作出的变量选择。",
    "The size of P, on the same side of 0.05.": "P值大小，但仍在0.05的同一侧。",
    "Some counts are not printed.": "部分例数未印出。",
    "Patients seem to be counted more than once.": "患者似乎被重复计数。",
    "Values may be missing or a level not printed; the test may be of more than the counts.": (
        "可能有缺失值或某一水平未印出；检验所用的可能不止这些例数。"
    ),
    "It is not known whether all levels are printed.": "无法确定是否印出了全部水平。",
    "The other level is not printed, nor how many patients have it.": (
        "另一水平及其患者数均未印出。"
    ),
    "The other level is not printed, and values may be missing.": (
        "另一水平未印出，且可能有缺失值。"
    ),
    "{told} The table is too large for Fisher's exact test here.": (
        "{told}该表过大，此处无法进行Fisher确切检验。"
    ),
    "{told} The table names another test.": "{told}表中注明的是另一种检验。",
    "Groups of one size may be matched pairs, tested as such; no test is named.": (
        "各组例数相等，可能是配对数据并按配对检验；论文未注明检验方法。"
    ),
    "All patients have one level, so nothing is tested.": "全部患者属于同一水平，无可检验。",
    "The statistic is of {names}, P of {names_2}.": "统计量来自{names}，P值来自{names_2}。",
    "{upper} of the counts gives {printed}.": "由例数作{upper}得{printed}。",
    "{name} and {name_2}": "{name}与{name_2}",
    "{upper} gives {printed}.": "{upper}得{printed}。",
    "It compares {names} only.": "该检验只比较{names}。",
    "{label} gives {statistic}P {p_value:.3g}": "{label}得{statistic}P {p_value:.3g}",
    "{upper}. {upper_2} is printed.": "{upper}。印刷值为{upper_2}。",
    "Ask for the test that was made, and for the counts of the row.": (
        "请作者说明所用检验，并提供该行各例数。"
    ),
    "The statistic is right, so P is off.": "统计量正确，因此P值有误。",
    "No test of these counts gives the statistic.": "这些例数的任何检验都得不到该统计量。",
    "P is that of {names}, so the statistic is off.": "P值与{names}相符，因此统计量有误。",
    "P is one tail of Fisher's exact test.": "P值是Fisher确切检验的单侧值。",
    "half": "一半",
    "twice": "两倍",
    "P is {name} that of {names}.": "P值是{names}的{name}。",
    "No test of these counts gives it.": "这些例数的任何检验都得不到该值。",
    # groups/moment_tests.py
    "standard deviations": "标准差",
    "standard errors": "标准误",
    "A mean or its spread is not printed.": "某一均值或其离散程度未印出。",
    "The size of a group is not printed.": "某一组的例数未印出。",
    "A test needs two patients a group, and a spread that is not negative.": (
        "检验要求每组至少两例患者，且离散程度不为负。"
    ),
    "The numbers are too large to be of patients.": "数值过大，不可能来自患者。",
    "It can be right if values are missing; how many is not printed.": (
        "若有缺失值则可能正确；缺失个数未印出。"
    ),
    "It compares {name} and {name_2} only.": "该检验只比较{name}与{name_2}。",
    "A test of ranks may have been made, which means and SDs do not give.": (
        "可能采用了秩和检验，无法由均值和标准差得出。"
    ),
    "The test that is named cannot be recomputed from means and SDs.": (
        "所注明的检验无法由均值和标准差重算。"
    ),
    "No test is named; one of ranks, or of pairs, may have been made.": (
        "论文未注明检验方法；可能采用了秩和检验或配对检验。"
    ),
    "{label} gives {ends}, P {ends_2}": "{label}得{ends}，P {ends_2}",
    "How much patients differ from each other.": "患者之间的差异程度。",
    "Ask which of the two it is.": "请作者说明是二者中的哪一个。",
    "Ask for the test that was made, and for means, SDs and numbers of the row.": (
        "请作者说明所用检验，并提供该行的均值、标准差和例数。"
    ),
    " of {listed}": "{listed}的",
    "With the spreads{whom} read as {spread}, all agree.": (
        "若将{whom}离散程度读作{spread}，则全部吻合。"
    ),
    "No test of these means gives the statistic.": "这些均值的任何检验都得不到该统计量。",
    "P is right, so the statistic is off.": "P值正确，因此统计量有误。",
    "P is {name} that of {label}.": "P值是{label}的{name}。",
    "No test of these means gives it.": "这些均值的任何检验都得不到该值。",
    # groups/possible_moments.py, groups/possible_tests.py
    "Student's t test": "Student t检验",
    "Welch's t test": "Welch t检验",
    "the analysis of variance": "方差分析",
    "Welch's analysis of variance": "Welch方差分析",
    "Pearson's chi-square": "Pearson卡方检验",
    "chi-square with Yates's correction": "Yates校正卡方检验",
    "the likelihood-ratio chi-square": "似然比卡方检验",
    "the chi-square for trend": "趋势卡方检验",
    "the Mann-Whitney test of the ordered levels": "有序水平的Mann-Whitney检验",
    "the Kruskal-Wallis test of the ordered levels": "有序水平的Kruskal-Wallis检验",
    "Wald's test of a logistic regression on this variable alone": (
        "仅含该变量的logistic回归的Wald检验"
    ),
    "Fisher's exact test": "Fisher确切检验",
    "Fisher's exact test, one tail doubled": "Fisher确切检验（单侧加倍）",
    "Fisher's exact test with mid-P": "Fisher确切检验（mid-P）",
    # groups/tests.py
    "A test of ranks cannot be recomputed from medians and quartiles": (
        "秩和检验无法由中位数和四分位数重算"
    ),
    "{message}; P goes with the statistic.": "{message}；P值与统计量相符。",
    "{message}.": "{message}。",
}
