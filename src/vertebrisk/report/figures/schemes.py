"""The words on the figures that depend on how the model was validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vertebrisk._types import Language, ValidationMethod
from vertebrisk.report.figures.words import WORDS
from vertebrisk.text.journals import Journal
from vertebrisk.validation.summary import BOOTSTRAPS

_NAMES: Final[Mapping[Language, Mapping[ValidationMethod, str]]] = {
    "en": {
        "simple-bootstrap": "simple bootstrap",
        "632": ".632 bootstrap",
        "632+": ".632+ bootstrap",
        "cross-validation": "cross-validation",
        "leave-one-out": "leave-one-out",
    },
    "zh": {
        "simple-bootstrap": "简单自助法",
        "632": ".632自助法",
        "632+": ".632+自助法",
        "cross-validation": "交叉验证",
        "leave-one-out": "留一法",
    },
}
_FORMS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "auc_corrected": "By {name}",
        "bias_corrected": "By {name}",
        "slope_corrected": "Slope, {name}",
        "intercept_corrected": "Intercept, {name}",
        "model_corrected": "Model, {name}",
    },
    "zh": {
        "auc_corrected": "{name}",
        "bias_corrected": "{name}",
        "slope_corrected": "斜率（{name}）",
        "intercept_corrected": "截距（{name}）",
        "model_corrected": "模型（{name}）",
    },
}
_SHARE: Final[Mapping[Language, str]] = {
    "en": "Models in which selected (%)",
    "zh": "入选的验证模型比例（%）",
}


def figure_words(
    language: Language,
    method: ValidationMethod = "optimism-bootstrap",
    journal: Journal = "default",
) -> Mapping[str, str]:
    """The catalogue of one report's figures, with the journal whose style their numbers have."""
    plain = {**WORDS[language], "journal": journal}
    if method == "optimism-bootstrap":
        return plain
    name = _NAMES[language][method]
    own = {key: form.format(name=name) for key, form in _FORMS[language].items()}
    share = {} if method in BOOTSTRAPS else {"selected_share": _SHARE[language]}
    return {**plain, **own, **share}
