"""Words of an audit of printed numbers: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "audit.kicker": ("Audit of printed numbers", "论文印刷数字的核查"),
    "audit.title": ("Audit of {papers}", "{papers}的核查"),
    "audit.contents": ("Contents", "目录"),
    "audit.summary": ("Summary", "概要"),
    "audit.together": ("Together", "合计"),
    "audit.across": ("Across the papers", "论文之间"),
    # counts
    "audit.nothing": ("{name}: nothing to check", "{name}：没有可核查的内容"),
    "audit.headline.failed": (
        "{name}: {failed} of {checks} inconsistent{rest}",
        "{name}：{checks}中{failed}项不一致{rest}",
    ),
    "audit.headline.passed": (
        "{name}: none of {checks} inconsistent{rest}",
        "{name}：{checks}均未见不一致{rest}",
    ),
    "audit.headline.check": ("{n} check", "{n}项核查"),
    "audit.headline.checks": ("{n} checks", "{n}项核查"),
    "audit.headline.rest": (", {n} not checkable", "，{n}项无法核查"),
    "audit.made": ("Checks made", "核查项数"),
    "audit.made.kind": ("of {n} kind", "共{n}类"),
    "audit.made.kinds": ("of {n} kinds", "共{n}类"),
    "audit.reason": ("{n} reason", "{n}种原因"),
    "audit.reasons": ("{n} reasons", "{n}种原因"),
    "audit.checks": ("{n} checks, ", "{n}项核查，"),
    # verdicts
    "audit.consistent": ("consistent", "一致"),
    "audit.inconsistent": ("inconsistent", "不一致"),
    "audit.not checkable": ("not checkable", "无法核查"),
    "audit.consistent.head": ("Consistent", "一致"),
    "audit.inconsistent.head": ("Inconsistent", "不一致"),
    "audit.not checkable.head": ("Not checkable", "无法核查"),
    # what an inconsistency changes
    "audit.risk": ("risk", "风险"),
    "audit.conclusion": ("conclusion", "结论"),
    "audit.detail": ("detail", "细节"),
    "audit.risk.means": (
        "changes the risk computed for a patient",
        "会改变为患者计算的风险",
    ),
    "audit.conclusion.means": ("changes what the paper concludes", "会改变论文的结论"),
    "audit.detail.means": (
        "changes neither a patient's risk nor a conclusion",
        "既不改变患者的风险，也不改变结论",
    ),
    # how it fails
    "audit.impossible": ("impossible in itself", "本身即不可能"),
    "audit.one number": (
        "one number off, the others agree",
        "仅一个数字有误，其余彼此吻合",
    ),
    "audit.irreconcilable": (
        "not to be reconciled from the print",
        "仅凭印刷内容无法调和",
    ),
    "audit.wording": ("a sign or a word", "符号或用词有误"),
    # one check
    "audit.where": ("where", "位置"),
    "audit.printed": ("printed", "印刷值"),
    "audit.arithmetic": ("arithmetic", "重算值"),
    "audit.wrong": ("wrong", "问题"),
    "audit.changes": ("changes", "变化"),
    "audit.resolve": ("to resolve", "如何澄清"),
    "audit.repaired": ("repaired", "修正值"),
    "audit.note": ("note", "说明"),
    "audit.quoted": ('{name} "{text}"', "{name}“{text}”"),
    "audit.repair": (
        "{field} {repaired} in place of {printed} (the other numbers allow {allowed})",
        "{field}应为{repaired}，而非{printed}（其余数字允许的范围：{allowed}）",
    ),
    # heads of tables and lists
    "audit.notes": ("Notes", "说明"),
    "audit.notes.mean": (
        "Nothing here is wrong; it is worth knowing.",
        "以下各项并无错误，但值得了解。",
    ),
    "audit.every": ("Every check", "全部核查"),
    "audit.every.of": ("Every check of {name} ({n})", "{name}的全部核查（{n}项）"),
    "audit.every.across": ("Every check across the papers ({n})", "论文之间的全部核查（{n}项）"),
    "audit.kinds": ("Checks by kind", "按类别统计的核查"),
    "audit.kinds.check": ("check", "核查"),
    "audit.kinds.made": ("made", "项数"),
    "audit.kinds.check.head": ("Check", "核查"),
    "audit.kinds.made.head": ("Made", "项数"),
    "audit.changes.head": ("Changes", "变化"),
    "audit.verdict.head": ("Verdict", "判定"),
    "audit.where.head": ("Where", "位置"),
    "audit.printed.head": ("Printed", "印刷值"),
    "audit.arithmetic.head": ("Arithmetic", "重算值"),
    "audit.failed": ("What is inconsistent", "不一致之处"),
    "audit.reading": ("While it was read", "读入时的发现"),
    "audit.wrote": ("Wrote {out}", "已写入{out}"),
    # the page alone
    "audit.empty": ("There was nothing to check.", "没有可核查的内容。"),
    "audit.passed": (
        "No check found an inconsistency. That does not show that the numbers are right, only "
        "that they can be.",
        "各项核查均未发现不一致。这并不说明这些数字正确，只说明它们可能正确。",
    ),
    "audit.how": ("How to read this", "如何阅读本页"),
    "audit.how.rounding": (
        "A printed number stands for all that rounds to it: 0.026 for 0.0255 to 0.0265. "
        "Arithmetic is done on these intervals, and a check is\ninconsistent only if no "
        "unrounded numbers print like this. Where more than one honest practice could have made "
        "the print, the answer is a\nnote, or ",
        "印刷的数字代表所有舍入后与之相同的值：0.026代表0.0255至0.0265。运算在这些区间上进行；只有当"
        "任何未舍入的数字都不可能印成这样时，才判为不一致。若不止一种合理做法都能得到印刷的数字，则只给出"
        "说明，或判为",
    ),
    "audit.how.reason": (" with its reason.", "并写明原因。"),
    "audit.how.why": (
        "An inconsistency says that numbers cannot be true together. It does not say why.",
        "不一致表示这些数字不可能同时为真，但并不说明原因。",
    ),
}
