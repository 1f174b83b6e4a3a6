"""Says in this service's own words what is wrong with a parameter or a body: the framework's name Python's types."""

from collections.abc import Mapping
from typing import Any

from app.errors import BgmError, InvalidParameter, MalformedRequest

# By pydantic's name for the kind of error, filled in with its facts.
REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_unicode": "holds half a character",
    "string_too_long": "has more than {max_length} characters",
    "string_too_short": "has fewer than {min_length} characters",
    "string_pattern_mismatch": "holds other characters than it may",
    "list_type": "must be a list",
    "too_long": "has more than {max_length} entries",
    "dict_type": "must be an object of JSON",
    "model_type": "must be an object of JSON",
    "model_attributes_type": "must be an object of JSON",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}


def refusal(error: Mapping[str, Any]) -> BgmError:
    """What to answer for one entry of a RequestValidationError; pydantic's own words for a kind that nobody foresaw."""
    if error["type"] == "json_invalid":
        return MalformedRequest(reason="the body is not JSON")
    words = REASONS.get(error["type"])
    reason = str(error["msg"]) if words is None else words.format(**error.get("ctx", {}))
    # Where it lies, then its name, then what of it, where that is known.
    place = error["loc"]
    return InvalidParameter(parameter=str(place[1] if len(place) > 1 else place[0]), reason=reason)
