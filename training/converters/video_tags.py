"""Reads what a video file says of itself: title, genre, keywords. Looks at no picture and hears no sound."""

import re
from pathlib import Path

from app.domain import Brief, MediaLimits
from app.media.container import open_media
from app.media.tags import cleaned

_BETWEEN_KEYWORDS = re.compile("[;,]")


def words_of_tags(path: Path, limits: MediaLimits) -> Brief:
    """The title, and as keywords the genre and the keywords; empty where the file says nothing. Raises MediaError."""
    with open_media(path, limits=limits) as container:
        # Ogg has its tags at the streams, every other container at the file.
        streams = (*container.streams.video, *container.streams.audio)
        found = [container.metadata, *(stream.metadata for stream in streams)]
    tags = {name.lower(): text for said in reversed(found) for name, text in said.items()}
    words = [tags.get("genre", ""), *_BETWEEN_KEYWORDS.split(tags.get("keywords", ""))]
    keywords = [word for word in map(cleaned, words) if word is not None]
    return Brief(cleaned(tags.get("title")), tuple(dict.fromkeys(keywords)))
