from pathlib import Path

import numpy as np

from app.filters import TrackFilter
from app.opening import open_library
from app.settings import Settings
from benchmarks.made_up_library import RAREST_GENRE, fill_catalogue


def test_a_filled_catalogue_opens_as_a_library_of_the_starter_checkpoint(tmp_path: Path) -> None:
    fill_catalogue(tmp_path / "data", tracks=50)

    with open_library(Settings(data_dir=tmp_path / "data")) as library:
        assert len(library.upkeep.index) == 50
        with library.catalogue.reading() as queries:
            ((numbers, vectors),) = queries.embeddings(library.digest)
    assert len(numbers) == 50
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_made_up_tracks_are_found_as_if_they_had_been_added_one_by_one(tmp_path: Path) -> None:
    fill_catalogue(tmp_path / "data", tracks=50)

    with open_library(Settings(data_dir=tmp_path / "data")) as library, library.catalogue.reading() as queries:
        (rarest,), _ = queries.list_tracks(limit=10, tracks=TrackFilter(genre=(RAREST_GENRE,)))
        title, mood = str(rarest.details.title), queries.facets(TrackFilter()).mood[0]
        assert queries.list_tracks(limit=10, q=title)[0] == [rarest]
        assert queries.count_matching(TrackFilter(mood=(mood.value,))) == mood.count
        assert [change.number for change in queries.changes_since(0, limit=100)] == list(range(1, 51))
        assert queries.last_change() == library.upkeep.index.last_change == 50
