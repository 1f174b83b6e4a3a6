import numpy as np

from app.domain import Brief, TrackDetails
from benchmarks.text_weight import _index, _lexical, _rank, _tagged, _tags
from training.procedural.scene import draw_scene

COSINES = np.array([0.2, 0.5, 0.5, 0.1], dtype=np.float32)


def test_the_rank_counts_what_scores_better_and_equal_scores_by_cosine() -> None:
    words = np.array([0.0, 0.0, 1.0, 1.0])
    assert [_rank(COSINES, words, right, 0.0) for right in range(4)] == [3, 1, 1, 4]
    assert [_rank(COSINES, words, right, 1.0) for right in range(4)] == [4, 3, 1, 2]


def test_words_are_found_where_they_stand() -> None:
    index = _index([TrackDetails(title="Night", genre="Lo-Fi"), TrackDetails(moods=("night",), keywords=("x y",))])
    assert {field: numbers.tolist() for field, numbers in index("night").items()} == {
        "title": [0],
        "genre": [],
        "words": [1],
    }
    assert index("fi")["genre"].tolist() == [0]
    assert index("y")["words"].tolist() == [1]


def test_each_brief_scores_every_track() -> None:
    details = [TrackDetails(moods=("calm",)), TrackDetails()]
    scores = _lexical([Brief(keywords=("calm",)), Brief()], details)
    assert [row.tolist() for row in scores] == [[1.0, 0.0], [0.0, 0.0]]


def test_every_librarian_tags_every_track() -> None:
    scenes = [draw_scene(np.random.default_rng(seed)) for seed in range(5)]
    tags = _tags(scenes)
    assert {len(details) for details in tags.values()} == {5}
    assert all(len(details.keywords) == 4 and len(details.moods) == 2 for details in tags["own words"])


def test_a_track_is_tagged_in_the_words_of_its_neighbours() -> None:
    # The factors of "Iron Horses", a metal track, as the demo library plans them.
    factors = np.array([9.5, 9.5, 1.5, 3.5, 7.5, 9.5, 9.5, 2.5]) / 10
    details = _tagged(factors, np.random.default_rng(0))
    assert details.genre == "Metal"
