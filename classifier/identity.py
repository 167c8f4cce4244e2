"""Which program a model belongs to: hashes over all that its answers depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from classifier.corpus import EXAMPLES_DIR
from classifier.names import DATA
from classifier.vocabulary import TOPICS_FILE

#: Modules by which a trained model answers; a change makes older models unusable.
_ANSWERING = (
    "addresses", "context", "evidence", "features", "gazetteer", "identity", "keeping", "lexicon",
    "linear", "mentions", "models", "names", "places", "relevance", "roles", "signs",
    "state_columns", "state_features", "texts", "vocabulary", "words",
)  # fmt: skip
#: Modules that only learn.
_LEARNING = ("corpus", "state_views", "states", "thresholds", "topics", "training")
#: Modules that neither answer nor learn: they use models or measure them.
_USING = ("__init__", "comparison", "evaluation", "places_update", "registry", "tagging")


def _digest(modules: Sequence[str], files: Sequence[Path]) -> str:
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in (*(package / f"{name}.py" for name in sorted(modules)), *files):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


@cache
def features_id() -> str:
    """What a model must have been made with to be used today: 12 hex digits of SHA-256 over the
    code that answers, the vocabulary, the names and the places."""
    names = ("names.toml", "places.csv", "roles.toml", "words.toml")
    return _digest(_ANSWERING, [TOPICS_FILE, *(DATA / name for name in names)])


@cache
def expected_id() -> str:
    """The id of the model that today's texts and code give without any correction: 12 hex digits
    of SHA-256 over ``features_id``, the training texts and the code that learns."""
    learning = _digest(_LEARNING, sorted(EXAMPLES_DIR.glob("*.jsonl")))
    return hashlib.sha256((features_id() + learning).encode()).hexdigest()[:12]
