"""Takes away files that no track names: of uploads cut short, and of processes killed between file and row."""

import logging

from app.recommendation.library import Library

LOG = logging.getLogger(__name__)

# Far longer than any track takes from its file to its row.
GRACE_S = 3600.0


def sweep(library: Library) -> list[str]:
    """The hashes of the files removed. Blocking; reads the names of all files of the library."""
    library.blobs.clear_temporary()
    with library.catalogue.reading() as queries:
        known = queries.sha256s()
    removed = library.blobs.sweep(known, older_than_s=GRACE_S)
    if removed:
        LOG.info("removed %d files that no track names", len(removed))
    return removed
