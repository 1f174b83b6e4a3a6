import av
import pytest

from app.media.accepted import CONTAINERS, PROTOCOLS, SOUND_CODECS, VIDEO_CODECS


@pytest.mark.parametrize(("codec", "decoder"), [*VIDEO_CODECS.items(), *SOUND_CODECS.items()])
def test_every_accepted_codec_names_a_decoder_that_exists_and_decodes_it(codec: str, decoder: str) -> None:
    assert av.Codec(decoder, "r").canonical_name == codec


def test_every_accepted_container_names_a_demuxer_that_exists() -> None:
    assert set(CONTAINERS.values()) <= av.formats_available


def test_what_the_issue_asks_for_is_accepted() -> None:
    assert {"mov", "matroska", "avi", "mpegts", "ogg", "mp3", "flac", "wav", "asf", "aiff"} <= set(CONTAINERS.values())
    assert {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores", "theora"} <= set(VIDEO_CODECS)
    assert {"mp3", "aac", "alac", "flac", "vorbis", "opus", "wmav2", "pcm_s16le", "pcm_s16be"} <= set(SOUND_CODECS)


def test_nothing_that_opens_other_files_or_the_network_is_accepted() -> None:
    assert not {"hls", "concat", "image2", "sdp", "rtsp", "dash", "lavfi"} & set(CONTAINERS.values())
    assert PROTOCOLS == ("fd",)
