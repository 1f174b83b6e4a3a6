"""Recommending over HTTP: a video in a form comes in, the ranked tracks go out."""

from fastapi import APIRouter, Request

from app.api.dependencies import LibraryDep, MaxUploadBytes, PoolDep
from app.api.documentation import form, of_a_video, of_an_upload, problems, several_words
from app.api.form_parts import FormShape
from app.api.form_values import Texts, text, whole, words
from app.api.schemas import EncoderName, Recommended
from app.api.uploads import received
from app.domain import Brief
from app.recommendation.recommend import recommend
from app.recommendation.track_details import checked_brief

MOST_RESULTS = 100
USUAL_RESULTS = 10
SHAPE = FormShape("video", fields=frozenset({"title", "keywords", "limit"}), repeatable=frozenset({"keywords"}))
FIELDS = {
    "title": {"type": "string", "maxLength": 500, "example": "racing through the city"},
    "keywords": several_words(["fast", "neon"]),
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS, "default": USUAL_RESULTS},
}

router = APIRouter(tags=["recommend"])


@router.post(
    "/recommend",
    summary="The music that fits a video best",
    response_model=Recommended,
    responses=problems(of_an_upload("video"), of_a_video()),
    openapi_extra=form("video", "the video, at most as large as the server allows", FIELDS),
)
async def create_recommendation(
    request: Request, library: LibraryDep, pool: PoolDep, max_upload_bytes: MaxUploadBytes
) -> Recommended:
    """The video is deleted as soon as it is encoded."""
    with pool.admit():
        temporary = library.blobs.new_upload()
        async with received(request, SHAPE, temporary=temporary, limit_bytes=max_upload_bytes) as upload:
            found = await recommend(
                upload.path,
                _brief(upload.texts),
                limit=whole(upload.texts, "limit", default=USUAL_RESULTS, lowest=1, highest=MOST_RESULTS),
                library=library,
                encoder=pool,
                discard_video=True,
            )
    encoder = EncoderName(name=library.spec.name, digest=library.digest)
    return Recommended.of(found, encoder=encoder, receive_ms=upload.receive_ms)


def _brief(texts: Texts) -> Brief:
    return checked_brief(text(texts, "title"), words(texts, "keywords"))
