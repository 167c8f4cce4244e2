"""One trained model for all tests of the classifier."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.models import Model, expected_id, load, save
from classifier.training import train


@pytest.fixture(scope="session")
def model_dir(pytestconfig: pytest.Config) -> Path:
    """Where the model of today's data and code lies; its id changes with either."""
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("classifier-models"))


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    card = model_dir / f"{expected_id()}.json"
    return load(card if card.exists() else save(train(), model_dir))
