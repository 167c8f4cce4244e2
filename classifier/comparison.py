"""Two models' answers to the same gold items, side by side: what one gets right that the other
does not, label by label, and whether the newer may take the older's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier.evaluation import Gold, Report, evaluate
from classifier.models import Model

#: A micro-F1 that falls by more than this counts as worse. Training again on the same texts in
#: another order moves it by half as much.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one label between two models, in items."""

    #: given by the new model only, and rightly so
    found: int = 0
    #: given by the old model only, and wrongly so
    mended: int = 0
    #: given by the old model only, although right
    lost: int = 0
    #: given by the new model only, although wrong
    spoilt: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a new model answers a set of gold items, beside the old one."""

    name: str
    old: Report
    new: Report
    #: labels whose answers changed at all
    changes: Mapping[str, Change]

    @property
    def worse(self) -> tuple[str, ...]:
        """The facets in which the new model is worse by more than ``TOLERANCE``."""
        return tuple(
            facet
            for facet in ("topics", "states")
            if getattr(self.new, facet).micro.f1 < getattr(self.old, facet).micro.f1 - TOLERANCE
        )


def compare(
    name: str, old: Model, new: Model, gold: Sequence[Gold], topic_ids: Sequence[str]
) -> Comparison:
    """Both models' answers to ``gold``, measured and held against each other."""
    texts = [item.text for item in gold]
    counted: dict[str, dict[str, int]] = {}
    for item, before, after in zip(gold, old.classify(texts), new.classify(texts), strict=True):
        for facet in ("topics", "states"):
            right, optional = getattr(item, facet), getattr(item, f"{facet}_optional")
            was, now = set(getattr(before, facet)), set(getattr(after, facet))
            for label in (was ^ now) - optional:
                kind = (
                    ("found" if label in right else "spoilt")
                    if label in now
                    else ("lost" if label in right else "mended")
                )
                kinds = counted.setdefault(label, {})
                kinds[kind] = kinds.get(kind, 0) + 1
    return Comparison(
        name=name,
        old=evaluate(old, gold, topic_ids),
        new=evaluate(new, gold, topic_ids),
        changes={label: Change(**kinds) for label, kinds in sorted(counted.items())},
    )
