"""One trained model for all tests of the classifier."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.models import Model, load_or_train


@pytest.fixture(scope="session")
def model_dir(pytestconfig: pytest.Config) -> Path:
    """Where the model of today's data and code lies; its id changes with either."""
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("classifier-models"))


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    return load_or_train(model_dir)
