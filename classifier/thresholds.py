"""From margins on unseen texts to probabilities, and from probabilities to yes or no."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Doubles = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Folds = Sequence[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]

#: A label's own threshold counts as much as that of all labels once it has this many texts.
_OWN_VOICE = 60
#: A calibrated probability above this is no sensible place for a threshold.
_HIGHEST = 0.65


def make_folds(truth: Truth, number: int = 5, seed: int = 0) -> Folds:
    """Folds in which every label is spread evenly: texts are dealt out by their rarest label."""
    frequency = truth.sum(axis=0)
    rarest = [
        min(((int(frequency[k]), k) for k in np.flatnonzero(row)), default=(0, -1)) for row in truth
    ]
    shuffled = np.random.default_rng(seed).permutation(len(truth))
    ordered = sorted(shuffled, key=lambda at: rarest[at])
    fold_of = np.empty(len(truth), dtype=int)
    for position, at in enumerate(ordered):
        fold_of[at] = position % number
    return [(np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k)) for k in range(number)]


def platt(margins: Doubles, truth: Truth) -> tuple[Doubles, Doubles]:
    """Slope and shift of each label's sigmoid over margins on unseen texts (Platt 1999)."""
    slope, shift = np.ones(margins.shape[1]), np.zeros(margins.shape[1])
    for label in range(margins.shape[1]):
        if truth[:, label].any() and not truth[:, label].all():
            fitted = LogisticRegression(C=10.0).fit(margins[:, [label]], truth[:, label])
            slope[label], shift[label] = fitted.coef_[0, 0], fitted.intercept_[0]
    return slope, shift


def _best(likely: Doubles, truth: Truth, grid: Doubles) -> float:
    """The threshold of the grid with the highest F1; the middle one of equals."""
    given = likely[..., None] >= grid
    axes = tuple(range(truth.ndim))
    right = (given & truth[..., None]).sum(axis=axes)
    f1 = 2 * right / np.maximum(given.sum(axis=axes) + truth.sum(), 1)
    winners = np.flatnonzero(f1 >= f1.max() - 1e-9)
    return float(grid[winners[len(winners) // 2]])


def best_thresholds(likely: Doubles, truth: Truth, least: float) -> Doubles:
    """Per label the threshold of best F1 from ``least`` on, drawn towards that of all labels."""
    grid = np.arange(least, _HIGHEST + 0.001, 0.01)
    common = _best(likely, truth, grid)
    found = np.empty(truth.shape[1])
    for label in range(truth.shape[1]):
        own = int(truth[:, label].sum())
        mine = _best(likely[:, label], truth[:, label], grid)
        found[label] = (own * mine + _OWN_VOICE * common) / (own + _OWN_VOICE)
    return found
