"""Bodies of good answers, as the contract has them, with a member that nobody knows yet."""

from typing import Any

JsonObject = dict[str, Any]

MATCHED: JsonObject = {
    "id": "01JC",
    "title": "Night drive",
    "artist": None,
    "genre": "synthwave",
    "duration_s": 184.2,
    "bpm": 96,
    "moods": ["calm"],
    "license": "CC0-1.0",
    "attribution": None,
    "audio_url": "/music/01JC/audio",
    "preview_url": "/music/01JC/preview",
    "waveform_url": "/music/01JC/waveform",
    "news": {"of": "a later version"},
}
STORED: JsonObject = MATCHED | {
    "added_at": "2026-02-03T04:05:06Z",
    "album": None,
    "keywords": ["neon", "city"],
    "source_url": None,
    "vocals": False,
    "explicit": None,
    "loudness_lufs": -14.1,
    "file_name": "night.ogg",
    "media_type": "audio/ogg",
    "size_bytes": 2_751_000,
    "container": "ogg",
    "codec": "vorbis",
    "sha256": "9f" * 32,
}
RECOMMENDATION: JsonObject = {
    "id": "01JD",
    "encoder": {"name": "starter", "digest": "sha256:4c1f"},
    "video": {"duration_s": 12.4, "width": 1080, "height": 1920, "frames": 32},
    "title": None,
    "keywords": ["calm", "spring"],
    "text_used": True,
    "library_size": 1840,
    "as_of": 1901,
    "expires_at": "2026-02-04T04:05:06Z",
    "kept": False,
    "total": 1000,
    "results": [
        {
            "rank": 1,
            "score": 0.731,
            "track": MATCHED,
            "section": {"start_s": 41.0, "end_s": 53.4, "score": 0.78},
            "reasons": [{"kind": "pace", "detail": "Both are quick."}],
            "folded": ["01JE"],
        },
        {"rank": 2, "score": 0.5, "track": MATCHED, "section": None, "reasons": [], "folded": []},
    ],
    "next_offset": 10,
    "relax": {"filter": "mood", "would_match": 37, "matching": 3},
    "timing_ms": {"receive": 31, "decode": 240.2},
}
JOB: JsonObject = {
    "id": "01JF",
    "kind": "render",
    "state": "queued",
    "done": 0,
    "total": 0,
    "errors": [],
    "attempts": 0,
    "created_at": "2026-02-03T04:05:06Z",
    "started_at": None,
    "finished_at": None,
    "result": None,
}
RENDERED: JsonObject = JOB | {
    "state": "done",
    "done": 1,
    "total": 1,
    "attempts": 1,
    "result": {
        "url": "/recommend/01JD/render/01JF",
        "credits_url": "/recommend/01JD/render/01JF/credits",
        "loudness_lufs": -14.0,
        "size_bytes": 12,
    },
    "recommendation_id": "01JD",
}
