"""Sentences about a model over calendar time: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "watch": ("Monitoring", "模型监测"),
    "watch.title": ("{model} over time", "{model}：随时间的表现"),
    "watch.chart": ("Has the model drifted?", "模型是否漂移"),
    "watch.signals": ("When the charts crossed their limits", "报警时间"),
    "watch.windows": ("Calibration and discrimination over time", "校准度与区分度随时间的变化"),
    "watch.next": ("What to do", "下一步"),
    # facts and key numbers
    "watch.dates": ("Watched", "监测期"),
    "watch.period": ("{first} to {last}, by {column}", "{first}至{last}，按{column}"),
    "watch.by": ("Risk by", "预测时点"),
    "watch.state": ("State", "状态"),
    "watch.drifted": ("drifted", "已漂移"),
    "watch.holds": ("no drift found", "未发现漂移"),
    "watch.last_signal": ("last signal {month}", "最近一次报警：{month}"),
    "watch.oe_all": ("Observed / expected, in all", "观察/预期比（全部）"),
    # summary
    "watch.summary.size": (
        "{n} patients with outcome, risk and date, {events} of whom had the event; the model "
        "expects {expected}.",
        "{n}例患者结局、风险和日期齐全，其中{events}例发生事件；模型预期{expected}例。",
    ),
    "watch.summary.holds": (
        "Neither chart crossed its limit: no drift of the odds was found. With few events that "
        "says little.",
        "两条监测曲线均未越过控制限：未发现漂移。事件较少时，此结论说服力有限。",
    ),
    "watch.summary.up": (
        "More events than the model expects: a signal in {when}. Since about {since}, "
        "{patients} patients had {events} events where it expects {expected}.",
        "事件多于模型预期：{when}报警。自{since}前后起，{patients}例患者发生{events}例事件，而模型预期"
        "{expected}例。",
    ),
    "watch.summary.down": (
        "Fewer events than the model expects: a signal in {when}. Since about {since}, "
        "{patients} patients had {events} events where it expects {expected}.",
        "事件少于模型预期：{when}报警。自{since}前后起，{patients}例患者发生{events}例事件，而模型预期"
        "{expected}例。",
    ),
    "watch.summary.again": (
        "After a signal its chart begins at 0 again; it crossed {n} times in all.",
        "报警后该曲线从0重新开始；共报警{n}次。",
    ),
    # reading
    "watch.read.chart": (
        "The upper line rises where more patients have the event than the model says, the lower "
        "one falls where fewer do; either begins at 0 and stays near it while the risks hold. A "
        "line that crosses its limit is a signal. The limit follows the patients: it is that of "
        "charts simulated under the model's own risks.",
        "实际事件多于模型预测时上方曲线上升，少于预测时下方曲线下降；风险准确时曲线停留在0附近。曲线越过控制限"
        "即为报警。控制限随患者构成变化：按模型自身的风险模拟得到。",
    ),
    "watch.read.windows": (
        "Events that happened over those expected; 1 is right on average. A window is full with "
        "{size} expected events. Slope and C-index need {least} events and as many without.",
        "实际事件数与预期事件数之比；1表示总体准确。预期事件满{size}例为一个时间窗。斜率和C指数要求有、无事件者"
        "各至少{least}例。",
    ),
    "watch.read.calendar": (
        "Events that happened over those expected; 1 is right on average. Slope and C-index need "
        "{least} events and as many without.",
        "实际事件数与预期事件数之比；1表示总体准确。斜率和C指数要求有、无事件者各至少{least}例。",
    ),
    "watch.what_to_do": (
        "First look for what changed then: coding, patients, treatment, how the outcome is found. "
        "Then validate the model on the patients since (vertebrisk validate), and where its risks "
        "are wrong update it (vertebrisk update): the closed test changes as little as they call "
        "for.",
        "首先查找当时的变化：编码、患者、治疗、结局的判定方式。随后用此后的患者验证模型"
        "（vertebrisk validate）；若风险不准确，则更新模型（vertebrisk update），"
        "由封闭检验选择最小的必要改动。",
    ),
    "watch.go_on": (
        "Go on, and look again when more patients have their outcome.",
        "继续使用；待更多患者有结局后再次监测。",
    ),
    # columns
    "watch.column.window": ("Window", "时间窗"),
    "watch.column.events": ("Events", "事件数"),
    "watch.column.expected": ("Expected", "预期"),
    "watch.column.oe": ("Observed / expected", "观察/预期比"),
    "watch.column.n": ("Patients", "患者数"),
    "watch.column.slope": ("Slope", "校准斜率"),
    "watch.column.c": ("C-index", "C指数"),
    "watch.column.signal": ("Signal", "报警"),
    "watch.column.since": ("Since about", "约始于"),
    "watch.column.direction": ("Events", "事件"),
    "watch.column.patients": ("Patients since", "此后患者数"),
    "watch.up": ("more than expected", "多于预期"),
    "watch.down": ("fewer than expected", "少于预期"),
    "watch.span": ("{first} to {last}", "{first}至{last}"),
    "watch.not_full": ("not full yet", "未满"),
    "caption.watch_windows": ("The model by window", "各时间窗的模型表现"),
    "caption.watch_signals": ("Signals", "报警记录"),
    "figure.watch_chart": (
        "Charts of more and of fewer events than expected, with their limits",
        "事件多于、少于预期的监测曲线及控制限",
    ),
    "figure.watch_windows": (
        "Observed over expected events by window, with 95 % intervals",
        "各时间窗的观察/预期比及95%区间",
    ),
    # methods and limits
    "watch.methods.chart": (
        "Risk-adjusted CUSUM charts of the log-likelihood ratio for odds multiplied by {odds}, and "
        "divided by it, cut at 0 and begun anew after a signal.",
        "风险调整CUSUM曲线：累积优势乘以{odds}及除以{odds}两种备择下的对数似然比，以0为下界，报警后重新开始。",
    ),
    "watch.methods.limit": (
        "Dynamic probability control limits from {simulations} charts simulated under the model's "
        "risks (seed {seed}): while these hold, one in {length} patients brings a false alarm, of "
        "both charts together, whatever the case mix; at most, since outcomes are counted whole.",
        "动态概率控制限由按模型风险模拟的{simulations}条曲线得到（种子{seed}）：风险准确时，不论患者构成如何，两条"
        "曲线合计平均每{length}例患者至多一次误报。",
    ),
    "watch.limits.exact": (
        "The limits take the model's risks for exact. A model that was wrong from the first "
        "patient signals, too: that is no drift, but no reason to go on either.",
        "控制限假定模型风险完全准确。从一开始就不准确的模型同样会报警：这不是漂移，但也不应继续使用。",
    ),
    "watch.limits.odds": (
        "The charts look for a change of the odds of all patients. A model that only ranks worse, "
        "with as many events as it expects, moves slope and C-index of the windows, not the "
        "charts.",
        "监测曲线针对所有患者优势的整体变化。若仅排序能力下降而事件数符合预期，只会反映在各时间窗的斜率和C指数上。",
    ),
    "watch.limits.acted": (
        "Where patients are treated by the model's risk, fewer events may mean that it works.",
        "若已根据模型风险进行干预，事件减少可能正是模型发挥作用的结果。",
    ),
    "watch.simulations": ("Simulated charts", "模拟曲线数"),
}
