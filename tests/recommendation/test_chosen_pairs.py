import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.access import ANYBODY
from app.catalogue.feedback import FeedbackStore
from app.catalogue.recordings import RecordingStore
from app.domain import Brief, Track
from app.recommendation.chosen_pairs import Written, write_chosen_pairs
from app.recommendation.feedback import FeedbackEvent, give_feedback
from app.recommendation.library import Library
from tests.fake_pool import FakePool
from tests.recommendation.asked_about import ask
from tests.recommendation.varied_tracks import fill


def choose(library: Library, recommendation_id: str, track: Track, event: FeedbackEvent = "chosen") -> None:
    give_feedback(recommendation_id, track.id, event, caller=ANYBODY, library=library)


def asked(library: Library, pool: FakePool, video: bytes = b"a video") -> str:
    return ask(library, pool, video, brief=Brief("A title", ("calm",))).recommendation.id


def measured(library: Library, *tracks: Track) -> None:
    for track in tracks:
        features = np.full((2, 3), track.number, np.float32)
        library.blobs.put_features(track.sha256, library.spec.music.stored_space, features)


def write(library: Library, folder: Path, *, video_space: str | None = None) -> Written:
    spec, store = library.spec, FeedbackStore(library.catalogue.transactions)
    spaces = {"video_space": video_space or spec.video.space, "music_space": spec.music.stored_space}
    return write_chosen_pairs(folder, store, library.blobs, **spaces)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]


def test_a_choice_is_written_with_words_and_the_features_of_both(
    library: Library, pool: FakePool, tmp_path: Path
) -> None:
    (track,) = fill(library, 1)
    measured(library, track)
    video = asked(library, pool)
    choose(library, video, track)
    assert write(library, tmp_path / "out") == Written(1)
    (line,) = lines(tmp_path / "out")
    assert (line["id"], line["title"], line["keywords"]) == (f"{video}-{track.id}", "A title", ["calm"])
    assert np.load(tmp_path / "out" / line["music"]).tolist() == [[track.number] * 3] * 2
    assert np.load(tmp_path / "out" / line["video"]).ndim == 2
    head = json.loads((tmp_path / "out" / "chosen.json").read_text())
    assert head["video_space"] == library.spec.video.space


def test_only_what_was_chosen_last_counts_and_counts_once(library: Library, pool: FakePool, tmp_path: Path) -> None:
    kept, rejected, played, again = tracks = fill(library, 4)
    measured(library, *tracks)
    video = asked(library, pool)
    for track, events in ((kept, "cc"), (rejected, "cr"), (played, "p"), (again, "crpc")):
        for event in events:
            choose(library, video, track, {"c": "chosen", "r": "rejected", "p": "played"}[event])  # type: ignore[arg-type]
    write(library, tmp_path / "out")
    assert [line["id"] for line in lines(tmp_path / "out")] == [f"{video}-{track.id}" for track in (kept, again)]


def test_two_files_of_one_recording_are_one_track(library: Library, pool: FakePool, tmp_path: Path) -> None:
    one, other, third = tracks = fill(library, 3)
    measured(library, *tracks)
    RecordingStore(library.catalogue.transactions).join({other.number: [one.number], third.number: []})
    for track in tracks:
        choose(library, asked(library, pool, track.id.encode()), track)
    write(library, tmp_path / "out")
    first, second, last = [line["track"] for line in lines(tmp_path / "out")]
    assert first == second != last


def test_what_lacks_its_features_is_left_out_and_counted(library: Library, pool: FakePool, tmp_path: Path) -> None:
    track, bare = fill(library, 2)
    measured(library, track)
    video = asked(library, pool)
    choose(library, video, track)
    choose(library, video, bare)
    assert write(library, tmp_path / "out") == Written(1, left_out={"track_gone": 1})  # type: ignore[arg-type]
    found = write(library, tmp_path / "other", video_space="clip-image:x")
    assert found == Written(0, left_out={"other_space": 2})  # type: ignore[arg-type]


def test_a_folder_that_is_there_is_left_as_it_is(library: Library, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError):
        write(library, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_many_choices_are_read_part_by_part_and_none_is_lost(
    library: Library, pool: FakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.catalogue.feedback.ROWS_AT_ONCE", 2)
    tracks = fill(library, 5)
    measured(library, *tracks)
    video = asked(library, pool)
    for track in tracks:
        choose(library, video, track)
    write(library, tmp_path / "out")
    assert [line["id"] for line in lines(tmp_path / "out")] == [f"{video}-{track.id}" for track in tracks]
