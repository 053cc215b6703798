"""Agreement of readers: kappa, Gwet's coefficients, intraclass correlation, Bland and Altman."""

from vertebrisk.comparison.agreement.categorical import agreement_categorical
from vertebrisk.comparison.agreement.continuous import agreement_continuous
from vertebrisk.comparison.agreement.results import (
    AgreementCoefficient,
    BlandAltman,
    CategoricalAgreement,
    ContinuousAgreement,
    Intraclass,
)

__all__ = [
    "AgreementCoefficient",
    "BlandAltman",
    "CategoricalAgreement",
    "ContinuousAgreement",
    "Intraclass",
    "agreement_categorical",
    "agreement_continuous",
]
