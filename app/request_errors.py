"""Errors of callers that concern keys, stored recommendations and jobs; further branches of the tree in `app.errors`.

RequestError
├── AccessError               who asks, or from where
│   ├── KeyRequired
│   ├── KeyUnknown
│   ├── KeyLacksScope
│   ├── BadOrigin             a page of another site tries to change something here
│   └── RateLimited
├── RecommendationNotFound
├── RecommendationExpired
├── EncoderChanged            embedded by another checkpoint than the library has now
├── VideoNotKept
├── TrackDeleted              gone, but may be restored
├── JobNotFound
├── JobNotFinished
├── JobNotCancellable
├── FolderNotAllowed
├── IdempotencyKeyInUse
└── IdempotencyKeyReused
"""

from app.errors import RequestError


class AccessError(RequestError):
    code = "key_required"


class KeyRequired(AccessError):
    code = "key_required"

    def __init__(self) -> None:
        super().__init__("this server wants a key: send it as `Authorization: Bearer KEY`")


class KeyUnknown(AccessError):
    code = "key_unknown"

    def __init__(self) -> None:
        super().__init__("the key is not known here, or was revoked")


class KeyLacksScope(AccessError):
    code = "key_lacks_scope"

    def __init__(self, *, scope: str, needed: str) -> None:
        super().__init__(f"the key has the scope '{scope}'; this needs '{needed}'")
        self.scope, self.needed = scope, needed


class BadOrigin(AccessError):
    code = "bad_origin"

    def __init__(self, *, origin: str) -> None:
        super().__init__(f"the request comes from '{origin}', which is not this server's own page")
        self.origin = origin


class RateLimited(AccessError):
    code = "rate_limited"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class RecommendationNotFound(RequestError):
    code = "recommendation_not_found"

    def __init__(self, *, recommendation_id: str) -> None:
        super().__init__(f"there is no recommendation '{recommendation_id}'")
        self.recommendation_id = recommendation_id


class RecommendationExpired(RequestError):
    code = "recommendation_expired"

    def __init__(self, *, recommendation_id: str) -> None:
        super().__init__("the recommendation has expired; ask again with the video")
        self.recommendation_id = recommendation_id


class EncoderChanged(RequestError):
    code = "encoder_changed"

    def __init__(self, *, recommendation_id: str) -> None:
        super().__init__("the library was moved to another encoder since; ask again with the video")
        self.recommendation_id = recommendation_id


class VideoNotKept(RequestError):
    code = "video_not_kept"

    def __init__(self, *, recommendation_id: str) -> None:
        super().__init__("the video was not kept; ask again with the video and keep=true")
        self.recommendation_id = recommendation_id


class TrackDeleted(RequestError):
    code = "track_deleted"

    def __init__(self, *, track_id: str) -> None:
        super().__init__("the track was deleted; POST to its `restore` within 24 hours takes it back")
        self.track_id = track_id


class JobNotFound(RequestError):
    code = "job_not_found"

    def __init__(self, *, job_id: str) -> None:
        super().__init__(f"there is no job '{job_id}'")
        self.job_id = job_id


class JobNotFinished(RequestError):
    code = "job_not_finished"

    def __init__(self, *, job_id: str, state: str) -> None:
        super().__init__(f"the job is {state}; there is no result of it")
        self.job_id, self.state = job_id, state


class JobNotCancellable(RequestError):
    code = "job_not_cancellable"

    def __init__(self, *, job_id: str, state: str) -> None:
        super().__init__(f"the job is {state} and cannot be cancelled any more")
        self.job_id, self.state = job_id, state


class FolderNotAllowed(RequestError):
    code = "folder_not_allowed"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this folder cannot be imported: {reason}")
        self.reason = reason


class IdempotencyKeyInUse(RequestError):
    code = "idempotency_key_in_use"

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is being worked on; try again when it has its answer")


class IdempotencyKeyReused(RequestError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key came with another request before; use a new one")
