"""Every error and warning that vertebrisk raises.

One root, `VertebriskError`; each child also derives from the builtin that
fits, so ``except ValueError`` works as a reader would expect. A message names
the argument or column, what was found, what is allowed, and a next step.
"""

from __future__ import annotations


class VertebriskError(Exception):
    """Root of all errors of this package."""


class DataError(VertebriskError, ValueError):
    """The data cannot be read, or cannot be used as asked."""


class ProtocolError(VertebriskError, ValueError):
    """The protocol or codebook cannot be understood."""


class PaperError(VertebriskError, ValueError):
    """A published study's file cannot be understood, or the paper does not say enough."""


class ExpressionError(VertebriskError, ValueError):
    """A rule, derivation or formula cannot be parsed or evaluated."""


class FitError(VertebriskError, ArithmeticError):
    """The model cannot be estimated from these data."""


class ModelError(VertebriskError, ValueError):
    """A model document cannot be used."""


class ArgumentError(VertebriskError, ValueError):
    """An argument of a public function has a value that is not allowed."""


class EngineError(VertebriskError, RuntimeError):
    """The sums cannot be made where they were asked for."""


class MissingExtraError(VertebriskError, ImportError):
    """An optional dependency is needed for what was asked."""


class VertebriskWarning(UserWarning):
    """Root of all warnings of this package."""


class SeparationWarning(VertebriskWarning):
    """A finite maximum-likelihood estimate does not exist."""


class FewEventsWarning(VertebriskWarning):
    """Too few events for what is asked of them."""


class ExtrapolationWarning(VertebriskWarning):
    """A value lies outside the range that the model was made from."""


class CalibrationWarning(VertebriskWarning):
    """A calibration curve rests on too few patients."""
