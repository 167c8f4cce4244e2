"""The archive's JSON interface keeps to its own OpenAPI description, whatever it is asked."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis")
GenerationMode = schemathesis.GenerationMode


@pytest.fixture(scope="module")
def openapi(address: str) -> Any:
    """The description, read from the site itself."""
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


# Schemathesis' own pytest marks need a pytest before 9.2, so its cases are drawn by hand.
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *product(("suche", "facets", "items/{id}"), GenerationMode),
        ("openapi.json", GenerationMode.POSITIVE),
    ],
)
def test_every_answer_is_as_described(openapi: Any, name: str, mode: Any) -> None:
    operation = openapi[f"/api/v1/{name}"]["GET"]
    answered = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
        database=None,
    )
    def ask(case: Any) -> None:
        answer = case.call(timeout=60)
        answered.add(answer.status_code)
        case.validate_response(answer)

    ask()
    assert answered <= ({200, 404} if mode is GenerationMode.POSITIVE else {200, 400, 404})


def test_the_description_names_what_there_is(web: Any) -> None:
    answer = web.get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    search = told["paths"]["/api/v1/suche"]["get"]["parameters"]
    topics = next(one for one in search if one["name"] == "thema")["schema"]["items"]["enum"]
    assert "ozg" in topics
    assert all(one["description"] for one in search)
