"""A ranking of this machine's library as the API would give it, as far as that can be known without a server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.domain import Brief, EncodedVideo, Track
from app.recommendation.rank import RankedTrack
from app.recommendation.recommend import Recommendation
from app.terminal.answers import JsonObject


def as_the_api_says(
    found: Recommendation, brief: Brief, *, encoder: dict[str, str], audio_path: Callable[[Track], Path]
) -> JsonObject:
    """The API's members, null where nothing is stored that could be asked about again. `encoder`: name and digest.

    `audio_path` says where a track's file lies: besides its address on a server, a track has that here.
    """
    return {
        "id": None,
        "encoder": encoder,
        "video": _video(found.encoded),
        "title": brief.title,
        "keywords": list(brief.keywords),
        "text_used": found.encoded.text_used,
        "library_size": found.library_size,
        "as_of": None,
        "expires_at": None,
        "kept": False,
        "total": None,
        "results": [_result(ranked, audio_path) for ranked in found.results],
        "next_offset": None,
        "relax": None,
        "timing_ms": {stage: round(spent_ms, 1) for stage, spent_ms in found.timing_ms.items()},
    }


def _video(encoded: EncodedVideo) -> dict[str, Any]:
    picture = encoded.info.video
    width, height = (picture.width, picture.height) if picture else (0, 0)
    duration_s = round(encoded.info.duration_s, 3)
    return {"duration_s": duration_s, "width": width, "height": height, "frames": encoded.frame_count}


def _result(ranked: RankedTrack, audio_path: Callable[[Track], Path]) -> dict[str, Any]:
    # Sections and reasons are looked for where somebody will listen.
    return {
        "rank": ranked.rank,
        "score": ranked.score,
        "track": {**_track(ranked.track), "audio_path": str(audio_path(ranked.track))},
        "section": None,
        "reasons": [],
        "folded": [track.id for track in ranked.folded],
    }


def _track(track: Track) -> dict[str, Any]:
    details, address = track.details, f"/music/{track.id}"
    return {
        "id": track.id,
        "title": details.title,
        "artist": details.artist,
        "genre": details.genre,
        "duration_s": track.duration_s,
        "bpm": details.bpm,
        "moods": list(details.moods),
        "license": details.license,
        "attribution": details.attribution,
        "audio_url": f"{address}/audio",
        "preview_url": f"{address}/preview",
        "waveform_url": f"{address}/waveform",
    }
