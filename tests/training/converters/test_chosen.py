import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.blobs.features import features_bytes
from app.blobs.store import BlobStore
from app.catalogue.feedback import ChosenPair, FeedbackStore
from app.encoders.spec import read_spec
from app.recommendation.chosen_pairs import write_chosen_pairs
from training.convert import main
from training.converters.video_backbones import STARTER
from training.measured_with import measured_by, measured_with
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set

SPEC = read_spec(STARTER)
VIDEO = SPEC.video.sampling.instants, SPEC.video.feature_dim
MUSIC = SPEC.music.sampling.windows, SPEC.music.feature_dim
HEAD = {"format_version": 1, "video_space": SPEC.video.space, "music_space": SPEC.music.stored_space}


def features(folder: Path, name: str, shape: tuple[int, int], dtype: str = "float32") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.random.default_rng(len(name)).normal(size=shape).astype(dtype))
    return name


def line(folder: Path, number: int, **changed: Any) -> dict[str, Any]:
    """A pair, with its features on disk."""
    return {
        "id": f"video{number}-track{number}",
        "track": f"recording-{number}",
        "title": f"Title {number}\u2028Ω",
        "keywords": ["calm", "neon"],
        "video": features(folder, f"video/{number}.npy", VIDEO),
        "music": features(folder, f"music/{number}.npy", MUSIC),
    } | changed


def written(folder: Path, lines: list[dict[str, Any]], **head: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "chosen.json").write_text(json.dumps(HEAD | head))
    (folder / "pairs.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return folder


def converted(folder: Path, *arguments: str) -> PairSet:
    out = folder.with_name("pairs")
    main(["chosen", str(folder), "--out", str(out), "--processes", "1", *arguments])
    return open_pair_set(out)


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        converted(folder, *arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_choice_becomes_a_pair_of_its_features_and_words(tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    pairs = converted(written(folder, [line(folder, number) for number in range(3)]))
    assert [item.id for item in pairs.items] == [f"video{number}-track{number}" for number in range(3)]
    assert (pairs.items[1].title, pairs.items[1].keywords) == ("Title 1\u2028Ω", ("calm", "neon"))
    for name in ("video", "music"):
        stored = pairs.streams[name].values(np.arange(pairs.streams[name].offsets[1], pairs.streams[name].offsets[2]))
        assert np.array_equal(stored, np.load(folder / name / "1.npy"))
    assert pairs.streams["title"].lengths(np.arange(3)).tolist() == [1, 1, 1]


class Chosen(FeedbackStore):
    """Feedback that needs no database."""

    def __init__(self, *pairs: ChosenPair) -> None:
        self._pairs = pairs

    def chosen(self) -> Iterator[ChosenPair]:
        yield from self._pairs


def test_what_the_library_writes_is_what_is_read(tmp_path: Path) -> None:
    rng, blobs = np.random.default_rng(0), BlobStore(tmp_path / "blobs")
    video, music = (rng.normal(size=shape).astype(np.float32) for shape in (VIDEO, MUSIC))
    blobs.put_features("ab" * 32, SPEC.music.stored_space, music)
    pair = ChosenPair("V", "T", "ab" * 32, "Night drive", ("neon",), features_bytes(video), SPEC.video.space, 7)
    spaces = {"video_space": SPEC.video.space, "music_space": SPEC.music.stored_space}
    write_chosen_pairs(tmp_path / "chosen", Chosen(pair), blobs, **spaces)
    pairs = converted(tmp_path / "chosen")
    (item,) = pairs.items
    assert (item.id, item.track, item.title, item.keywords) == ("V-T", "recording-7", "Night drive", ("neon",))
    for name, features in (("video", video), ("music", music)):
        assert np.array_equal(pairs.streams[name].values(np.arange(len(features))), features)


def test_what_is_trained_on_it_can_serve(tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    assert measured_with(converted(written(folder, [line(folder, 0)]))) == measured_by(SPEC)


def test_pairs_of_one_recording_lie_in_one_split(tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    lines = [line(folder, number, track=f"recording-{number % 10}") for number in range(40)]
    pairs = converted(written(folder, lines), "--test-share", "0.5")
    splits = {(item.track, item.split) for item in pairs.items}
    assert len(splits) == 10
    assert {split for _, split in splits} >= {"train", "test"}


def test_what_cannot_be_used_is_left_out_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "chosen"
    lines = [
        line(folder, 0),
        line(folder, 1, video="video/nowhere.npy"),
        line(folder, 2, music=features(folder, "music/short.npy", (MUSIC[0] - 1, MUSIC[1]))),
        line(folder, 3, music=features(folder, "music/double.npy", MUSIC, "float64")),
    ]
    pairs = converted(written(folder, lines))
    assert [item.id for item in pairs.items] == ["video0-track0"]
    said = capsys.readouterr().out
    assert "2  features_damaged" in said
    assert "1  other_sampling" in said


@pytest.mark.parametrize(
    ("head", "reason"),
    [({"video_space": "clip-image:x"}, "`--like` names a checkpoint"), ({"format_version": 2}, "format_version")],
)
def test_a_folder_that_does_not_fit_is_refused(
    head: dict[str, Any], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "chosen"
    assert reason in refused(written(folder, [line(folder, 0)], **head), capsys)


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "chosen", [])
    (folder / "pairs.jsonl").write_text("{}\n")
    assert "pairs.jsonl: line 1" in refused(folder, capsys)


@pytest.mark.parametrize("missing", ["chosen.json", "pairs.jsonl"])
def test_a_folder_of_something_else_is_refused(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path / "chosen", [])
    (folder / missing).unlink()
    assert missing in refused(folder, capsys)


def test_shares_that_leave_nothing_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "chosen"
    assert "nothing to train on" in refused(written(folder, [line(folder, 0)]), capsys, "--test-share", "0.95")
