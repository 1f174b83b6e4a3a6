from pathlib import Path

import numpy as np

from app.lifespan import open_library
from app.settings import Settings
from benchmarks.made_up_library import fill_catalogue


def test_a_filled_catalogue_opens_as_a_library_of_the_starter_checkpoint(tmp_path: Path) -> None:
    fill_catalogue(tmp_path / "data", tracks=50)

    with open_library(Settings(data_dir=tmp_path / "data")) as library:
        assert len(library.upkeep.index) == 50
        with library.catalogue.reading() as queries:
            ((numbers, vectors),) = queries.embeddings(library.digest)
    assert len(numbers) == 50
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
