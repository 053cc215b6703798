"""Texts of fractional polynomials: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "powers.chosen": ("Powers in the model", "模型中的幂"),
    "powers.linear": ("straight line", "直线"),
    "powers.line": ("Straight line", "直线"),
    "powers.none": ("not in the model", "未进入模型"),
    "powers.one": ("One power", "一个幂"),
    "powers.two": ("Two powers", "两个幂"),
    "powers.statistics": ("Likelihood-ratio χ² over none", "相对无该变量的似然比χ²"),
    "powers.tests": ("P of the most complex shape", "最复杂形状的P值"),
    "powers.against_none": ("against none", "对无"),
    "powers.against_linear": ("against a line", "对直线"),
    "powers.against_one": ("against one power", "对一个幂"),
    "powers.shape": ("Powers", "幂"),
    "powers.share": ("Resamples (%)", "重抽样比例（%）"),
    "powers.of_the_model": ("in the model", "模型所用"),
    "powers.others": ("{n} other shapes", "其他{n}种形状"),
    "caption.powers": (
        "Fractional polynomials: the shapes compared and chosen",
        "分数多项式：所比较与选定的形状",
    ),
    "caption.powers_repeated": (
        "How often each shape was chosen",
        "各形状的入选频率",
    ),
    "note.powers": (
        "Best of 8 single powers and of 36 pairs (−2, −1, −0.5, 0, 0.5, 1, 2, 3; 0 is the "
        "logarithm, and a repeated power is multiplied by it). The most complex shape is tested "
        "against a straight line and then against one power, at {alpha}; the first that cannot be "
        "rejected stands.",
        "从8个单幂与36对幂（−2、−1、−0.5、0、0.5、1、2、3；0为对数，重复的幂乘以对数）中取最佳者。"
        "最复杂的形状依次与直线、单幂比较（水平{alpha}），首个不能被拒绝者入选。",
    ),
    "note.powers_scaled": ("{label}: powers of {scaled}.", "{label}：取{scaled}的幂。"),
    "note.powers_repeated": (
        "Share of the resamples of the validation in which the same procedure found these powers. "
        "Standard errors and P values of the coefficients take the powers for known and are too "
        "small; the limits of risks come from the repeated procedure.",
        "在验证的各次重抽样中，同一流程得出这些幂的比例。系数的标准误与P值视幂为已知，偏小；"
        "风险的区间来自重复的流程。",
    ),
    "powers.told": (
        "The shape of {variables} was found by the data among fractional polynomials "
        "(Table {table}): {shapes}.",
        "{variables}的函数形状由数据在分数多项式中选定（表{table}）：{shapes}。",
    ),
    "powers.told_one": ("{label}: {shape}", "{label}：{shape}"),
    "powers.told_powers": ("powers {powers}", "幂{powers}"),
    "powers.caveat": (
        "Standard errors and P values take the powers for known, so they are too small.",
        "标准误与P值视幂为已知，因而偏小。",
    ),
    "powers.repeated": (
        "The powers of {label} were found again in {share} of the resamples (Table {table}).",
        "{label}的幂在{share}的重抽样中再次入选（表{table}）。",
    ),
}
