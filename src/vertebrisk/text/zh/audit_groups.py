"""What an audit says of tables that compare groups, in Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

CHINESE: dict[str, str] = {
    # audit/values.py
    "Some digits seem to have been cut off instead of rounded.": (
        "部分数字似乎是直接截断而非四舍五入。"
    ),
    # groups/cells.py
    "mean": "均值",
    "median": "中位数",
    "lower quartile": "下四分位数",
    "upper quartile": "上四分位数",
    "minimum": "最小值",
    "maximum": "最大值",
    "sizes": "有值例数",
    "statistic": "统计量",
    "count": "例数",
    "{name}, count": "{name}，例数",
    # groups/all_patients.py
    "{low:.6g} to {high:.6g}": "{low:.6g}至{high:.6g}",
    "By its groups, the {name} of all is {where}; {printed} is printed.": (
        "按各组数据，全部患者的{name}为{where}；印刷值为{printed}。"
    ),
    "The {name} of all patients, or of a group.": "全部患者或某一组的{name}。",
    "Ask which of them is right.": "请作者说明哪一个正确。",
    # groups/count_totals.py
    "sizes of the groups": "各组例数",
    "{shown} is {made}; the column of all has {printed}.": (
        "{shown}等于{made}；“全部”一列为{printed}。"
    ),
    "How many patients the table is about.": "表中涉及的患者数。",
    "The groups have {made} {named}; {count} is printed.": (
        "各组合计{named}{made}例；印刷值为{count}。"
    ),
    "The table may be of some of the patients only; the print may say why.": (
        "该表可能只涉及部分患者；论文中或有说明。"
    ),
    "How many patients, or how many events, everything else rests upon.": (
        "其余一切所依据的患者数或事件数。"
    ),
    "patients": "患者",
    "patients with the event": "发生事件的患者",
    "{events} of {n} is {value:.4g} %": "{n}例中{events}例为{value:.4g}%",
    "{shown}; {value} is printed.": "{shown}；印刷值为{value}。",
    "How common the outcome is.": "结局的发生率。",
    "{about} in {group}": "{about}（{group}）",
    "{place} has {count}; the text has {value}.": "{place}为{count}；正文为{value}。",
    "The frequency of the level.": "该水平的频数。",
    "{count} of {first} is {shares:.4g} %; {percent} % is printed.": (
        "{first}例中{count}例为{shares:.4g}%；印刷值为{percent}%。"
    ),
    "It may be of those patients only who have a value.": "其分母可能只是有值的患者。",
    # groups/counts.py
    "the size of its group": "本组例数",
    "the sum of its column": "本列合计",
    "the sum of its row": "本行合计",
    "all patients": "全部患者",
    "a part of its group": "本组的一部分",
    "Some percentages seem to have been rounded twice.": "部分百分比似乎经过两次四舍五入。",
    "Some percentages are adjusted, so that all add up to 100.": (
        "部分百分比经过调整，使合计为100。"
    ),
    "The frequency of the level, and the test of the row if it was made of the count.": (
        "该水平的频数；若检验由该例数算得，则该行的检验亦受影响。"
    ),
    "Ask for the counts of the row, with the number of missing values.": (
        "请作者提供该行各例数及缺失值个数。"
    ),
    "The counts of the groups add up to the column of all.": "各组例数之和等于“全部”一列。",
    "The counts add up to {sums} of {expected} in {group}.": (
        "{group}组各例数之和为{sums}，而该组为{expected}例。"
    ),
    "{level}: the groups add up to {across}, the column of all has {counts}.": (
        "{level}：各组之和为{across}，“全部”一列为{counts}。"
    ),
    "The percentages are not shares of one and the same number.": (
        "各百分比的分母不可能是同一个数。"
    ),
    "{level} in {group}: {count} is printed as {percent} %, but is{share} of {size}; nor is it "
    "a share of another number that would explain the row.": (
        "{group}组的{level}：{count}例印作{percent}%，但以{size}为分母时并非如此{share}；"
        "也没有其他分母能解释该行。"
    ),
    "another percentage": "另一百分比",
    "{listed} for {level} in {group}": "{group}组{level}为{listed}",
    "All numbers of the row agree with {listed}.": "若{listed}，则该行所有数字吻合。",
    "The counts add up to {shown}.": "各例数之和：{shown}。",
    "Patients may have been counted more than once, as with several vertebrae or several "
    "answers; the print does not say so.": (
        "患者可能被重复计数，例如有多个椎体或可多选；论文未作说明。"
    ),
    "The counts add up to the groups.": "各例数之和等于各组例数。",
    "The counts add up to {shown}; the print says that values are missing.": (
        "各例数之和：{shown}；论文说明存在缺失值。"
    ),
    "Either values are missing, or a level is not printed, or a count is wrong; the print does "
    "not say which.": "或有缺失值，或某一水平未印出，或某一例数有误；论文未说明是哪一种。",
    "{sums} of {expected} in {group}": "{group}组{expected}例中为{sums}",
    "{size} of {sizes} in {group}": "{group}组{sizes}例中的{size}例",
    "The percentages can be of {listed} and of no other number.": (
        "各百分比的分母只可能是{listed}。"
    ),
    "The print does not say why they are not of the whole group.": (
        "论文未说明为何分母不是整组患者。"
    ),
    "Each percentage is of {whole}.": "各百分比的分母是{whole}。",
    "Every percentage is its count over {whole}.": "各百分比均等于例数除以{whole}。",
    # groups/percentages.py
    "The percentages add up to 100 by row, not by column.": "百分比按行（而非按列）合计为100。",
    "The percentages of the groups add up to {sums}.": "各组百分比之和为{sums}。",
    "Values may be missing, a level not printed, or several answers given; the print does not "
    "say so.": "可能有缺失值、某一水平未印出或可多选；论文未作说明。",
    "{message} A patient has one of the levels, so it cannot be more than 100.": (
        "{message}每例患者只属于一个水平，因此不可能超过100。"
    ),
    "{low:.4g} to {high:.4g}": "{low:.4g}至{high:.4g}",
    "The frequency of one of the levels.": "其中一个水平的频数。",
    "Ask for the counts of the row.": "请作者提供该行各例数。",
    # groups/whole_numbers.py
    "Values may be missing, of which the print says nothing; then it can be right.": (
        "可能有缺失值而论文未提及；若如此，则可能正确。"
    ),
    "Ask for mean, SD and number of the row, and how it was recorded.": (
        "请作者提供该行的均值、标准差和例数，以及记录方式。"
    ),
    "With n = {sizes} and {decimals} decimals every mean of recorded values is possible.": (
        "n = {sizes}、保留{decimals}位小数时，任何均值均可能出现。"
    ),
    "Every mean is a possible sum over its number.": "各均值均可由可能的总和除以例数得到。",
    "No {n} values recorded to {step:g} have the mean {mean} ({name}): the nearest are {near}.": (
        "以{step:g}为单位记录的{n}个值不可能得到均值{mean}（{name}）：最接近的是{near}。"
    ),
    "The mean is not of these patients, or the values are not whole.": (
        "该均值不属于这些患者，或数值并非整数。"
    ),
    "{ends} and {ends_2}": "{ends}和{ends_2}",
    "Whole values can have mean and SD.": "整数值可以得到该均值和标准差。",
    " between {low:g} and {high:g}": "、介于{low:g}与{high:g}之间",
    "No {n} values recorded to {step:g}{within} have mean {mean} and SD {sd} ({name}).": (
        "以{step:g}为单位记录{within}的{n}个值不可能同时得到均值{mean}和标准差{sd}（{name}）。"
    ),
    "Mean or SD is not of these patients, or the values are recorded otherwise.": (
        "均值或标准差不属于这些患者，或数值的记录方式不同。"
    ),
    "Mean, SD or range is not of these patients; an SD may be a standard error.": (
        "均值、标准差或范围不属于这些患者；标准差也可能实为标准误。"
    ),
    "Mean and SD fit the range of the values.": "均值和标准差与数值范围相符。",
    "between {limits:g} and {limits_2:g} ({name})": "介于{limits:g}与{limits_2:g}之间（{name}）",
    "The mean {mean} does not lie {shown}.": "均值{mean}并非{shown}。",
    "An SD of {sd} is greater than values {shown} can have: {most:.4g} at most.": (
        "数值{shown}时标准差不可能达到{sd}：最大为{most:.4g}。"
    ),
    "An SD of {sd} is less than values {shown} have: {least:.4g} at least.": (
        "数值{shown}时标准差不可能小至{sd}：最小为{least:.4g}。"
    ),
    "The {listed} {one} lies above the {listed_2} {two} ({name}).": (
        "{listed}{one}大于{listed_2}{two}（{name}）。"
    ),
    "Where most patients lie.": "多数患者所处的范围。",
    "The quartiles are in their order.": "四分位数次序正确。",
}
