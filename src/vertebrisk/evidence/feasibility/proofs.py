"""Weights of sums that prove what no patients can have, each tried on every later question."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray

_REMEMBERED = 64


class Proofs:
    """Weights of the sums and of the score equations, each row a proof for some predictors."""

    def __init__(
        self,
        members: FloatArray,
        columns: FloatArray,
        events: FloatArray,
        others: FloatArray,
        slack: float,
    ) -> None:
        self._slack = slack
        self._members, self._columns = members, columns
        self._events, self._others = events, others
        k = len(members)
        self._of_events, self._of_others, self._of_scores = (np.zeros((0, k)) for _ in range(3))
        self._worth = np.zeros(0)

    def add(self, events: FloatArray, others: FloatArray, scores: FloatArray) -> None:
        """Keep a proof; of the oldest there are no more than can be tried at once."""
        worth = _least(events, self._events) + _least(others, self._others)
        worth -= self._slack * float(np.abs(scores).sum())
        events, others = events.copy(), others.copy()
        # The weights of all patients follow from the rest, see `best`.
        events[0] = others[0] = 0.0
        self._of_events = _kept(self._of_events, self._members @ events)
        self._of_others = _kept(self._of_others, self._members @ others)
        self._of_scores = _kept(self._of_scores, self._columns @ scores)
        self._worth = np.append(self._worth, worth)[-_REMEMBERED:]

    def best(self, low: FloatArray, high: FloatArray) -> float:
        """Greatest distance between expected and observed events that one of them proves.

        Given the other weights, those of all patients with and without the event are the
        best that leave no pattern a positive value: the bound then holds for any weights.
        """
        if not len(self._worth):
            return 0.0
        scores = self._of_scores
        top = np.maximum(scores * low, scores * high)
        all_events = -(self._of_events - scores + top).max(axis=1)
        all_others = -(self._of_others + top).max(axis=1)
        bounds = (
            self._worth
            + np.minimum(all_events * self._events[0, 0], all_events * self._events[1, 0])
            + np.minimum(all_others * self._others[0, 0], all_others * self._others[1, 0])
        )
        return float(bounds.max())


def _least(weights: FloatArray, sums: FloatArray) -> float:
    """Least weighted sum, all patients left out."""
    return float(np.minimum(weights * sums[0], weights * sums[1])[1:].sum())


def _kept(rows: FloatArray, row: FloatArray) -> FloatArray:
    return np.vstack([rows, row])[-_REMEMBERED:]
