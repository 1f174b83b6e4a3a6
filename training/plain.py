"""Values as JSON can hold them. Knows what dataclasses and checkpoint parts are, and nothing of what they mean."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """The value with dataclasses and checkpoint parts as dictionaries, tuples as lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude={"about"})
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value
