from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.tiny_stand_ins import captioned, digest_of_files
from training.pair_set import SPLITS, PairSet
from training.stand_ins.captioned import CAPTIONED, Captioned, write_captioned

TINY_CLOTHO = replace(CAPTIONED["clotho"], train=8, validation=4, test=4)


@pytest.fixture(scope="module", params=sorted(CAPTIONED))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Captioned, PairSet]:
    return CAPTIONED[request.param], captioned(tmp_path_factory.mktemp("made") / request.param, request.param)


def lengths(pairs: PairSet, stream: str) -> np.ndarray:
    return pairs.streams[stream].lengths(np.arange(len(pairs.items)))


def test_the_sets_have_the_media_and_the_number_of_captions_of_the_real_lists() -> None:
    assert {name: (wanted.medium, wanted.captions) for name, wanted in CAPTIONED.items()} == {
        "clotho": ("audio", 5),
        "mscoco": ("image", 5),
        "flickr30k": ("image", 5),
        "msvd": ("video", 40),
        "msrvtt": ("video", 20),
        "vatex": ("video", 10),
    }


def test_a_medium_is_sought_with_its_captions(made: tuple[Captioned, PairSet]) -> None:
    wanted, pairs = made
    assert (pairs.query, pairs.target) == ((wanted.medium,), ("captions",))
    modalities = {name: stream.form.modality for name, stream in pairs.streams.items()}
    assert modalities == {wanted.medium: wanted.medium, "captions": "text"}
    assert [len(pairs.items_of(split)) for split in SPLITS] == [16, 6, 10]


def test_every_item_has_as_many_captions_as_the_list_and_rows_in_its_range(made: tuple[Captioned, PairSet]) -> None:
    wanted, pairs = made
    assert set(lengths(pairs, "captions").tolist()) == {wanted.captions}
    least, beyond = wanted.rows
    rows = lengths(pairs, wanted.medium)
    assert least <= rows.min() <= rows.max() < beyond
    assert (rows.min() < rows.max()) == (beyond - least > 1)


def test_captions_are_unit_vectors_that_differ_and_tell_of_their_item(made: tuple[Captioned, PairSet]) -> None:
    wanted, pairs = made
    stream = pairs.streams["captions"]
    assert stream.rows.dtype == np.float16
    captions = stream.values(np.arange(len(stream.rows)))
    np.testing.assert_allclose(np.linalg.norm(captions, axis=1), 1, atol=1e-2)
    assert len(np.unique(captions, axis=0)) == len(captions)
    cosines = captions @ captions.T
    owner = np.repeat(np.arange(len(pairs.items)), wanted.captions)
    is_own = (owner[:, None] == owner) & ~np.eye(len(owner), dtype=bool)
    assert cosines[is_own].mean() > cosines[owner[:, None] != owner].mean() + 0.1


def test_the_same_settings_make_the_same_files(tmp_path: Path) -> None:
    first, second = (digest_of_files(write_captioned(tmp_path / name, TINY_CLOTHO)) for name in ("one", "two"))
    assert first == second


@pytest.mark.parametrize("change", [{"seed": 9}, {"name": "other"}])
def test_another_seed_or_name_makes_another_set(tmp_path: Path, change: dict[str, object]) -> None:
    before = digest_of_files(write_captioned(tmp_path / "one", TINY_CLOTHO))
    after = digest_of_files(write_captioned(tmp_path / "two", replace(TINY_CLOTHO, **change)))  # type: ignore[arg-type]
    assert before["audio.npy"] != after["audio.npy"]
    assert before["captions.npy"] != after["captions.npy"]
