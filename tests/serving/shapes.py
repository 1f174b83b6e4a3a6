"""The members that bodies have by the HTTP contract: these and no others."""

TRACK = frozenset(
    {
        "id",
        "title",
        "artist",
        "genre",
        "duration_s",
        "bpm",
        "moods",
        "license",
        "attribution",
        "audio_url",
        "preview_url",
        "waveform_url",
    }
)
STORED_TRACK = TRACK | {
    "added_at",
    "album",
    "keywords",
    "source_url",
    "vocals",
    "explicit",
    "loudness_lufs",
    "file_name",
    "media_type",
    "size_bytes",
    "container",
    "codec",
    "sha256",
}
PAGE = frozenset(
    {
        "id",
        "encoder",
        "video",
        "title",
        "keywords",
        "text_used",
        "library_size",
        "as_of",
        "expires_at",
        "kept",
        "total",
        "results",
        "next_offset",
        "relax",
        "timing_ms",
    }
)
PAGE_TIMING = frozenset({"search", "rank", "sections", "catalogue"})
UPLOAD_TIMING = PAGE_TIMING | {"receive", "wait", "decode", "features", "encode"}
ENCODER = frozenset({"name", "digest"})
VIDEO = frozenset({"duration_s", "width", "height", "frames"})
RESULT = frozenset({"rank", "score", "track", "section", "reasons", "folded"})
SECTION = frozenset({"start_s", "end_s", "score"})
REASON = frozenset({"kind", "detail"})
REASON_KINDS = frozenset({"pace", "energy", "light", "warmth", "words"})
RELAX = frozenset({"filter", "would_match", "matching"})
FACETS = frozenset({"total", "genre", "mood", "license", "artist", "vocals", "explicit", "bpm", "duration_s"})
JOB = frozenset(
    {
        "id",
        "kind",
        "state",
        "done",
        "total",
        "errors",
        "attempts",
        "created_at",
        "started_at",
        "finished_at",
        "recommendation_id",
        "result",
    }
)
JOB_ERROR = frozenset({"item", "code", "detail"})
IMPORT_RESULT = frozenset({"added", "present", "refused", "skipped"})
RENDER_RESULT = frozenset({"url", "credits_url", "loudness_lufs", "size_bytes"})
SESSION = frozenset({"name", "scope", "key_required"})
