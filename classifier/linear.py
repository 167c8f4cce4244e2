"""Linear models as arrays: margins, calibrated probabilities and evidence, without scikit-learn.

Training needs scikit-learn, whose import alone takes longer than tagging a hundred items; using a
trained model is a sum of products and needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.features import Row

Floats = npt.NDArray[np.float32]


def sigmoid(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The logistic function, safe for large values."""
    return 0.5 + 0.5 * np.tanh(values.astype(np.float64) / 2)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """One calibrated linear decision per label.

    The probability of label l for features x is sigmoid(slope[l] · (x·weights[:, l] +
    intercept[l]) + shift[l]) (Platt 1999); it is given from ``thresholds[l]`` on.
    """

    labels: tuple[str, ...]
    weights: Floats  # features × labels
    intercept: Floats
    slope: Floats
    shift: Floats
    thresholds: Floats

    def of_row(self, row: Row) -> npt.NDArray[np.float64]:
        """Probabilities of one sparse row."""
        # No BLAS here and below: its threads cost more than these small sums, and the order of
        # summing, hence the last digit, would depend on how many texts stand together.
        margin = (
            np.einsum("i,ij->j", row.values, self.weights.take(row.columns, axis=0))
            + self.intercept
        )
        return sigmoid(self.slope * margin + self.shift)

    def of_matrix(self, rows: Floats) -> npt.NDArray[np.float64]:
        """Probabilities of dense rows, one row of labels each."""
        margin = np.einsum("ij,jk->ik", rows, self.weights) + self.intercept
        return sigmoid(self.slope * margin + self.shift)

    def contributions(
        self, row: Row, labels: Sequence[int], most: int
    ) -> list[list[tuple[int, float]]]:
        """For each label ``(column, what it adds to the margin)``: up to ``most`` of those that
        speak for it."""
        if not len(row.columns) or not labels:
            return [[] for _ in labels]
        asked = np.array(labels)
        # Out of the flat array: no more is read of the weights than is asked for.
        starts = row.columns * self.weights.shape[1]
        parts = self.weights.take(asked[:, None] + starts)
        parts *= self.slope[asked, None]
        parts *= row.values
        if len(row.columns) > most:
            order = np.argpartition(-parts, most, axis=1)[:, :most]
            parts = parts[np.arange(len(labels))[:, None], order]
            columns = row.columns[order].tolist()
        else:
            columns = [row.columns.tolist()] * len(labels)
        return [
            [pair for pair in zip(of_label, adds, strict=True) if pair[1] > 0]
            for of_label, adds in zip(columns, parts.tolist(), strict=True)
        ]
