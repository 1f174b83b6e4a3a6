import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.pair_set import Stream, StreamForm
from training.rows import DataPlace, open_rows

CPU = torch.device("cpu")
PICKED = np.array([[3, 0], [1, 1]])


def stream(dtype: str, *, scale: NDArray[np.float32] | None = None) -> Stream:
    rows = np.random.default_rng(0).uniform(0, 255, size=(5, 3)).astype(dtype)
    return Stream("video", StreamForm("video", "test", 3, "any"), rows, np.array([0, 5]), scale)


@pytest.mark.parametrize("place", ["file", "device"])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rows_come_as_float32_in_the_shape_of_what_was_picked(dtype: str, place: DataPlace) -> None:
    stored = stream(dtype)
    taken = open_rows({"video": stored}, CPU, place)["video"](PICKED)
    assert taken.dtype == torch.float32
    assert taken.shape == (2, 2, 3)
    assert taken.tolist() == stored.rows[PICKED].astype(np.float32).tolist()


@pytest.mark.parametrize("place", ["file", "device"])
def test_quantised_rows_come_as_the_values_they_stand_for(place: DataPlace) -> None:
    scale = np.array([[0.1, 2.0, 0.3], [-1.0, 10.0, 0.0]], np.float32)
    stored = stream("uint8", scale=scale)
    taken = open_rows({"video": stored}, CPU, place)["video"](np.array([4, 2]))
    expected = stored.rows[[4, 2]].astype(np.float32) * scale[0] + scale[1]
    np.testing.assert_allclose(taken.numpy(), expected, rtol=1e-6)


def test_both_places_give_the_very_same_values() -> None:
    scale = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)
    streams = {"video": stream("uint8", scale=scale), "music": stream("float16"), "title": stream("float32")}
    mapped, resident = (open_rows(streams, CPU, place) for place in ("file", "device"))
    assert mapped.keys() == resident.keys() == streams.keys()
    for name in streams:
        assert mapped[name](PICKED).tolist() == resident[name](PICKED).tolist()


@pytest.mark.parametrize(("place", "is_copied"), [("file", False), ("auto", False), ("device", True)])
def test_on_a_processor_rows_are_copied_only_where_that_is_asked_for(place: DataPlace, is_copied: bool) -> None:
    stored = stream("float32")
    take = open_rows({"video": stored}, CPU, place)["video"]
    before = take(PICKED)
    stored.rows[:] = 7.0
    assert torch.equal(take(PICKED), before) is is_copied


def test_a_gpu_takes_the_streams_whole_only_where_there_is_room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = {"video": stream("float32"), "music": stream("float32")}
    opened: list[str] = []
    monkeypatch.setattr("training.rows._resident", lambda *_: opened.append("device"))
    monkeypatch.setattr("training.rows._mapped", lambda *_: opened.append("file"))
    # 120 bytes of features; the rest is for weights, activations and the optimiser.
    for free in (1_000, 150):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _, free=free: (free, 10_000))
        open_rows(streams, torch.device("cuda"), "auto")
    assert opened == ["device", "device", "file", "file"]
