"""Which model it is: the same version wherever a model is shown, served or printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vertebrisk._files import sha256
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.risk_model import RiskModel

VERSION_DIGITS = 16


def model_version(model: RiskModel) -> str:
    """The beginning of the SHA-256 of the model's document; another number, another version.

    Raises
    ------
    ModelError
        When the model holds what JSON cannot.
    """
    text = strict_json(model.to_dict(), sort_keys=True)
    return sha256(text.encode("ascii"))[:VERSION_DIGITS]


def strict_json(document: Mapping[str, Any], **options: Any) -> str:
    """JSON in ASCII, without the NaN and the infinities that are none."""
    try:
        return json.dumps(document, ensure_ascii=True, allow_nan=False, **options)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"The model is damaged ({type(error).__name__}): it holds what JSON cannot. Take it "
            "from the run again."
        ) from None
