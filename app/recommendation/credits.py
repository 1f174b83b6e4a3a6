"""What must be said of a track where it is heard. Pure."""

from app.domain import Track


def credits_line(track: Track) -> str:
    """The words its owner asks for; where none are known, what the library knows of title, artist, licence, source."""
    said = track.details
    if said.attribution:
        return said.attribution
    name = said.title or track.file_name
    by = f" by {said.artist}" if said.artist else ""
    licence = f" ({said.license})" if said.license else ""
    return ", ".join(part for part in (f"{name}{by}{licence}", said.source_url) if part)
