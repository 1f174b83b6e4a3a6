from pathlib import Path

import numpy as np
import pytest

from app.domain import MediaLimits
from app.errors import UnreadableMedia, UnsupportedMedia
from app.media.container import chosen_sound, chosen_video, open_media, packets
from tests.media_files import Film, garble, write_sound, write_text, write_video

LIMITS = MediaLimits(max_duration_s=3600)


def refusal(path: Path) -> str:
    with pytest.raises((UnreadableMedia, UnsupportedMedia)) as caught, open_media(path, limits=LIMITS):
        pass
    return str(caught.value)


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4").rename(tmp_path / "clip.ogg")
    with open_media(path, limits=LIMITS) as container:
        assert chosen_video(container) is not None


def test_an_empty_file_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "nothing.mp4"
    path.touch()
    assert "empty" in refusal(path)


def test_text_named_mp4_is_unreadable(tmp_path: Path) -> None:
    assert "no media file" in refusal(write_text(tmp_path / "text.mp4"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "png picture"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nother.ts\n", "m3u playlist"),
        (b"ffconcat version 1.0\nfile other.mp4\n", "ffconcat playlist"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n", "unknown"),
    ],
)
def test_what_is_not_on_the_list_is_named_and_refused(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"container '{name}' is not accepted")
    assert "mkv" in message


def test_no_message_of_the_library_gets_through(tmp_path: Path) -> None:
    path = garble(write_video(tmp_path / "clip.mp4"), start=0, end=1)
    assert "Errno" not in refusal(path)
    assert "fd:" not in refusal(path)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    before = sorted(Path("/dev/fd").iterdir())
    for _ in range(3):
        with open_media(path, limits=LIMITS) as container:
            next(packets(container, container.streams[0]))
        refusal(write_text(tmp_path / "text.mp4"))
    assert sorted(Path("/dev/fd").iterdir()) == before


def test_a_cover_picture_is_not_video(tmp_path: Path) -> None:
    with open_media(write_sound(tmp_path / "song.flac", with_cover=True), limits=LIMITS) as container:
        assert len(container.streams.video) == 1
        assert chosen_video(container) is None
        assert chosen_sound(container) is not None


def test_damaged_packets_are_stepped_over(tmp_path: Path) -> None:
    path = garble(write_video(tmp_path / "clip.ts", Film(seconds=6)), start=0.4, end=0.5)
    with open_media(path, limits=LIMITS) as container:
        stream = container.streams.video[0]
        times = [float(packet.pts * packet.time_base) for packet in packets(container, stream) if packet.pts]
    assert max(times) - min(times) > 5


def test_a_stream_that_appears_midway_disturbs_no_other(tmp_path: Path) -> None:
    # Large enough that opening the file, which reads its beginning and its end, does not come across it.
    noise = np.random.default_rng(0).integers(0, 256, (7, 144, 192, 3), dtype=np.uint8)
    film = Film(seconds=20, size=(192, 144), codec_options={"qp": "5"})
    silent = write_video(tmp_path / "a.ts", film, lambda index, size: noise[index % 7])
    spoken = write_video(tmp_path / "b.ts", Film(seconds=2, with_sound=True))
    mixed = tmp_path / "mixed.ts"
    mixed.write_bytes(silent.read_bytes() + spoken.read_bytes() + silent.read_bytes())
    with open_media(mixed, limits=LIMITS) as container:
        assert len(container.streams) == 1
        assert sum(1 for _ in packets(container, container.streams[0])) >= 400
