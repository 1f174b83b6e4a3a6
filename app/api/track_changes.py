"""What may be changed of a track, as a JSON body says it: a merge patch (RFC 7396) of its details."""

from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic.config import JsonDict

CHANGE_EXAMPLE: JsonDict = {"title": "Night drive", "moods": ["calm", "dark"], "album": None}


class TrackChange(BaseModel):
    """What is left out stays; null takes away what was said. Lengths and ranges are as for a new track."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": CHANGE_EXAMPLE})

    title: StrictStr | None = None
    artist: StrictStr | None = None
    album: StrictStr | None = None
    genre: StrictStr | None = None
    moods: list[StrictStr] | None = None
    keywords: list[StrictStr] | None = None
    license: StrictStr | None = None
    attribution: StrictStr | None = None
    source_url: StrictStr | None = None
    vocals: StrictBool | None = None
    explicit: StrictBool | None = None
    bpm: StrictFloat | StrictInt | None = None

    def changed(self) -> dict[str, Any]:
        """Fields of TrackDetails with their new values."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return said | {name: tuple(said[name] or ()) for name in said.keys() & {"moods", "keywords"}}
