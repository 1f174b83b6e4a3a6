"""Takes away files that nothing names: of uploads cut short, and of processes killed between file and row."""

import logging

from app.catalogue.catalogue import Catalogue
from app.catalogue.recommendations import RecommendationStore
from app.recommendation.library import Library

LOG = logging.getLogger(__name__)

# Far longer than any track takes from its file to its row.
GRACE_S = 3600.0


def sweep(library: Library) -> list[str]:
    """The hashes of the files removed. Blocking; reads the names of all files of the library."""
    library.blobs.clear_temporary()
    removed = library.blobs.sweep(named_files(library.catalogue), older_than_s=GRACE_S)
    if removed:
        LOG.info("removed %d files that nothing names", len(removed))
    return removed


def named_files(catalogue: Catalogue) -> set[str]:
    """The hashes of all files that belong to a track, deleted or not, or to a recommendation that keeps its video."""
    with catalogue.reading() as queries:
        tracks = queries.sha256s()
    return tracks | RecommendationStore(catalogue.transactions).kept_videos()
