from typing import Any

import pytest
from pydantic_core import PydanticKnownError

from app.api.validation import REASONS, refusal
from app.errors import InvalidParameter, MalformedRequest

FACTS: dict[str, dict[str, Any]] = {
    "string_too_long": {"max_length": 5},
    "string_too_short": {"min_length": 5},
    "string_pattern_mismatch": {"pattern": "[0-9]{3}"},
    "too_long": {"field_type": "List", "max_length": 5, "actual_length": 6},
    "model_type": {"class_name": "TrackChange"},
    "greater_than_equal": {"ge": 1},
    "greater_than": {"gt": 1},
    "less_than_equal": {"le": 1},
    "less_than": {"lt": 1},
    "literal_error": {"expected": "'played' or 'chosen'"},
    "enum": {"expected": "'played' or 'chosen'"},
}


def refused(kind: str, *place: str | int, **facts: Any) -> InvalidParameter:
    error = refusal({"type": kind, "loc": place, "msg": "in the library's words {1,64}", "ctx": facts})
    assert isinstance(error, InvalidParameter)
    return error


@pytest.mark.parametrize("kind", REASONS)
def test_every_kind_is_one_that_pydantic_knows_and_brings_the_facts_of_its_words(kind: str) -> None:
    # Raises where there is no such kind, or where it brings other facts.
    error = PydanticKnownError(kind, FACTS.get(kind))  # type: ignore[arg-type]  # its names are an alias of pydantic's
    assert "{" not in refused(kind, "query", "limit", **(error.context or {})).reason


def test_a_bound_is_named() -> None:
    assert refused("less_than_equal", "query", "limit", le=100).reason == "must be at most 100"


def test_a_parameter_is_named_without_the_place_that_it_came_from() -> None:
    assert refused("missing", "body", "event").parameter == "event"
    assert refused("string_type", "body", "moods", 0).parameter == "moods"
    assert refused("missing", "body").parameter == "body"


def test_a_kind_that_nobody_foresaw_keeps_its_words_as_they_are() -> None:
    assert refused("of_another_version", "query", "limit").reason == "in the library's words {1,64}"


def test_what_is_no_json_is_no_parameter() -> None:
    error = refusal({"type": "json_invalid", "loc": ("body", 1), "msg": ""})
    assert isinstance(error, MalformedRequest)
