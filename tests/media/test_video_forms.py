from pathlib import Path

import pytest

from app.domain import MediaInfo, MediaLimits, VideoStream
from app.media.source_streams import DEMUXERS, SourceStreams
from app.media.video_forms import form_of, picture_options


def video(container: str, codec: str) -> SourceStreams:
    return SourceStreams(
        path=Path("a"),
        info=MediaInfo(container, 1, 1.0, VideoStream(codec, 64, 48, 0, 10.0), None),
        demuxer=DEMUXERS[container],
        limits=MediaLimits(max_duration_s=9.0),
        picture=0,
        picture_end_s=1.0,
        has_hidden_end=False,
        pixel_format="yuv420p",
        sound=None,
        sound_profile=None,
        holds_film=True,
    )


@pytest.mark.parametrize(
    ("container", "codec", "suffix"),
    [
        ("mp4", "h264", ".mp4"),
        ("mp4", "av1", ".mp4"),
        ("mp4", "prores", ".mov"),
        ("mov", "prores", ".mov"),
        ("mov", "hevc", ".mov"),
        ("mkv", "vp8", ".mkv"),
        ("webm", "vp9", ".webm"),
        ("webm", "h264", ".mp4"),
        ("avi", "mpeg4", ".mp4"),
        ("mpeg-ts", "hevc", ".mp4"),
        ("mpeg-ps", "mpeg2video", ".mp4"),
        ("ogg", "theora", ".mkv"),
        ("avi", "vp8", ".mkv"),
    ],
)
def test_a_video_stays_in_its_container_or_goes_to_the_best_known_that_takes_its_picture(
    container: str, codec: str, suffix: str
) -> None:
    assert form_of(video(container, codec)).suffix == suffix


def test_pictures_are_always_copied() -> None:
    for container, codec in [("mp4", "h264"), ("mpeg-ts", "hevc"), ("avi", "mpeg4"), ("ogg", "theora")]:
        found = video(container, codec)
        assert picture_options(found, form_of(found))["c:v"] == "copy"


def test_hevc_keeps_its_name_where_it_has_one_and_gets_apples_where_not() -> None:
    named, unnamed = video("mov", "hevc"), video("mpeg-ts", "hevc")
    assert "tag:v" not in picture_options(named, form_of(named))
    assert picture_options(unnamed, form_of(unnamed))["tag:v"] == "hvc1"
