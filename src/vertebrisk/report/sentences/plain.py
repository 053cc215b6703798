"""The summary for patients, in words that need no training: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "plain_summary": ("Plain-language summary for patients", "写给患者的通俗摘要"),
    # questions
    "plain.asked": ("What did the study ask?", "这项研究想知道什么？"),
    "plain.who": ("Who took part?", "哪些人参加了研究？"),
    "plain.found": ("What was found?", "研究发现了什么？"),
    "plain.model": ("What can the risk model do?", "风险模型能做什么？"),
    "plain.limits": ("What can it not do?", "它不能做什么？"),
    "plain.you": ("What does this mean for me?", "这对我意味着什么？"),
    # not real
    "plain.data.reconstructed": (
        "The data do not come from real patients. They were rebuilt from the numbers of a printed "
        "paper. They show how the method works and say nothing about you.",
        "这些数据不是真实患者的数据，而是根据一篇已发表论文中的数字重建的，只用来说明方法，"
        "与您本人无关。",
    ),
    "plain.data.simulated": (
        "The data do not come from real patients. A computer made them up. They show how the "
        "method works and say nothing about you.",
        "这些数据不是真实患者的数据，而是由计算机生成的，只用来说明方法，与您本人无关。",
    ),
    # asked
    "plain.asked.risk": (
        "The study looked at this: {outcome} ({time_point}). It asked which patients are more "
        "likely to have it, and how well this can be told {moment}.",
        "这项研究关注的问题是：{outcome}（{time_point}）。研究想知道哪些患者更容易出现这种情况，"
        "以及能否在{moment}判断出来。",
    ),
    "plain.asked.matched": (
        "The study looked at this: {outcome} ({time_point}). It asked how patients who have it "
        "differ from those who do not.",
        "这项研究关注的问题是：{outcome}（{time_point}）。"
        "研究想知道有这种情况的患者与没有的患者有什么不同。",
    ),
    "plain.moment.preoperative": ("before the operation", "手术前"),
    "plain.moment.intraoperative": ("during the operation", "手术中"),
    "plain.moment.postoperative": ("after the operation", "手术后"),
    # who
    "plain.patients": ("{n} patients were looked at.", "研究共分析了{n}例患者。"),
    "plain.vertebrae": (
        "{n} bones of the spine (vertebrae) were looked at.",
        "研究共分析了{n}个椎体（脊柱的骨头）。",
    ),
    "plain.criteria": (
        "To take part, a patient had to meet these rules: {criteria}.",
        "参加研究的患者须符合以下条件：{criteria}。",
    ),
    "plain.left": (
        "{n} others could not be counted.",
        "另有{n}例未能计入。",
    ),
    "plain.left_few": ("A few others could not be counted.", "另有少数患者未能计入。"),
    "plain.sampled": (
        "Some had it and some did not. The researchers chose how many of each to look at.",
        "其中一部分有这种情况，一部分没有；两部分各有多少人由研究者选定。",
    ),
    # found
    "plain.share": (
        "Out of 100 patients, {with_it} had it and {without} did not.",
        "每100例患者中，{with_it}例有这种情况，{without}例没有。",
    ),
    "plain.share_vertebrae": (
        "Out of 100 bones, {with_it} had it and {without} did not.",
        "每100个椎体中，{with_it}个有这种情况，{without}个没有。",
    ),
    "plain.share_by": (
        "Within {horizon} {unit}, {with_it} out of 100 patients had it.",
        "在{horizon}{unit}内，每100例患者中{with_it}例出现这种情况。",
    ),
    "plain.share_population": (
        "From other records it is known that {with_it} out of 100 such patients have it.",
        "根据其他资料，每100例此类患者中{with_it}例有这种情况。",
    ),
    "plain.share_matched": (
        "Because the researchers chose who took part, the study cannot tell how common it is.",
        "由于参加者是研究者挑选的，研究不能说明这种情况有多常见。",
    ),
    "plain.few": ("Only very few patients had it.", "只有极少数患者有这种情况。"),
    "plain.nearly_all": ("Nearly all patients had it.", "几乎所有患者都有这种情况。"),
    "plain.about": ("about {n}", "约{n}"),
    "plain.under_one": ("fewer than 1", "不到1"),
    "plain.over": ("more than 99", "超过99"),
    "plain.level": (
        "Of 100 with “{label}: {level}”, {with_it} had it.",
        "“{label}：{level}”者每100例中{with_it}例有这种情况。",
    ),
    "plain.not_why_here": (
        "That two things go together does not say why.",
        "两件事同时出现，并不说明其中的原因。",
    ),
    "plain.nothing": (
        "Nothing that was looked at helped to tell patients apart.",
        "所考察的各项都不能帮助区分患者。",
    ),
    # model
    "plain.what_it_is": (
        "A risk model is a kind of sum. It takes what is known about a patient. It then says how "
        "many of 100 patients with the same answers are likely to have it.",
        "风险模型是一种计算方法：根据患者的情况，"
        "算出100例情况相同的患者中可能有多少例会出现这种结果。",
    ),
    "plain.uses": ("The model uses these things: {labels}.", "模型使用以下各项：{labels}。"),
    "plain.what_it_is_matched": (
        "The model is a kind of sum. It puts patients in order, from less to more alike to those "
        "who have it. It cannot say how large a risk is.",
        "该模型是一种计算方法：它按与有这种情况者的相似程度给患者排序，但不能说明风险有多大。",
    ),
    "plain.pairs": (
        "Take one patient who had it and one who did not. In {n} of 100 such pairs the model "
        "picks the right one. Tossing a coin would pick it in 50 of 100.",
        "任取一例有这种情况的患者和一例没有的患者，模型在100对中约能认对{n}对；抛硬币猜则是50对。",
    ),
    "plain.pairs@survival": (
        "Take two patients, one of whom has it sooner. In {n} of 100 such pairs the model picks "
        "the right one. Tossing a coin would pick it in 50 of 100.",
        "任取两例患者，其中一例较早出现这种情况，模型在100对中约能认对{n}对；抛硬币猜则是50对。",
    ),
    "plain.no_better": (
        "The model is no better than a guess.",
        "该模型并不比猜测更好。",
    ),
    # limits
    "plain.one_person": (
        "It cannot tell what will happen to one person. It speaks about groups of people.",
        "它不能预知某一个人会怎样，只能说明一群人的情况。",
    ),
    "plain.elsewhere": (
        "It was made and checked with the same patients. Nobody knows yet how well it works in "
        "other hospitals.",
        "它由同一批患者建立并检验，在其他医院的表现尚不清楚。",
    ),
    "plain.elsewhere_centres": (
        "Models made in the same way from the other hospitals' patients were tried on each "
        "hospital of the study. Nobody knows yet how well it works in further hospitals.",
        "研究中依次用其余医院的患者以同样方法建立模型，再在留出的那家医院检验；"
        "在更多医院的表现尚不清楚。",
    ),
    "plain.not_why": (
        "It does not say why some patients have it. Changing one of these things may change "
        "nothing.",
        "它不能说明为什么有些患者会出现这种情况；改变其中某一项，结果不一定随之改变。",
    ),
    # you
    "plain.not_a_promise": (
        "A high number does not mean that you will have it. A low number does not mean that you "
        "will not. No number is a promise.",
        "数字高不等于您一定会出现这种情况，数字低也不等于一定不会。任何数字都不是承诺。",
    ),
    "plain.not_for_you": (
        "Since the data are not real, none of these numbers is for you.",
        "由于数据并非真实患者的数据，这些数字都不适用于您。",
    ),
    "plain.ask": (
        "Do not change any treatment because of this text. Ask your surgeon what it means for you.",
        "请不要因为这段文字自行改变任何治疗。具体情况请咨询您的主刀医生。",
    ),
}
