"""Finds out which tracks are the same recording, one after the other, and notes it. Decides by `same_recording`."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from app.catalogue.recordings import RecordingStore
from app.domain import Float32Array, Match, Track
from app.errors import FeaturesDamaged, MediaError
from app.recommendation.library import Library
from app.recommendation.same_recording import (
    Fingerprint,
    Heard,
    have_same_length,
    is_same_recording,
    is_worth_a_look,
)

LOG = logging.getLogger(__name__)

NEIGHBOURS = 50
# Looked at before it is noted; what was found in between is found again after a crash.
AT_ONCE = 50
# Kept in place of a fingerprint where there was too little sound for one.
NO_FINGERPRINT = np.full((1, 2), -1, np.float32)


class Fingerprinter(Protocol):
    """In production `app.inference.fingerprints`. `space`: the name under which its fingerprints may be used again."""

    @property
    def space(self) -> str: ...

    def take(
        self, path: Path, container: str, output: Path, *, is_unwanted: Callable[[], bool]
    ) -> Fingerprint | None: ...


def look_for_recordings(
    library: Library, *, fingerprinter: Fingerprinter | None, is_unwanted: Callable[[], bool], after: int = 0
) -> int:
    """Looks at every track beyond number `after` that nobody has looked at yet; how many. Ends early once it
    `is_unwanted`.

    Without a fingerprinter only files of one length are told. Raises CatalogueError, DiskFull and NotReady.
    """
    store, finder = RecordingStore(library.catalogue.transactions), Finder(library, fingerprinter, is_unwanted)
    looked = 0
    while not is_unwanted() and (numbers := store.unlooked(after=after, limit=AT_ONCE)):
        # Of two that came together the later one must find the earlier one.
        library.upkeep.catch_up()
        found = finder.found(numbers)
        store.join(found)
        looked, after = looked + len(found), numbers[-1]
    return looked


class Finder:
    """Looks at one track's neighbours in the index."""

    def __init__(self, library: Library, fingerprinter: Fingerprinter | None, is_unwanted: Callable[[], bool]) -> None:
        self._library, self._fingerprinter, self._is_unwanted = library, fingerprinter, is_unwanted

    def found(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """For each track the numbers of those that are the same recording, among older ones and those looked at.

        Without tracks that are gone or have no embedding for this checkpoint yet, and those that came after it was
        unwanted.
        """
        found: dict[int, list[int]] = {}
        for number in numbers:
            same = self._same_as(number)
            if self._is_unwanted():
                break
            if same is not None:
                found[number] = same
        return found

    def _same_as(self, number: int) -> list[int] | None:
        matches = self._neighbours(number)
        if matches is None:
            return None
        with self._library.catalogue.reading() as queries:
            tracks = queries.tracks([number, *(match.number for match in matches)])
        if number not in tracks:
            return None
        track = tracks.pop(number)
        # A younger one that nobody looked at will be compared with this one in its turn.
        others = [
            (tracks[match.number], match.score)
            for match in matches
            if match.number in tracks and (match.number < number or tracks[match.number].recording is not None)
        ]
        one = self._heard(track)
        heard = [(other, self._heard(other, beside=one), cosine) for other, cosine in others]
        alike = [(other, its) for other, its, cosine in heard if is_worth_a_look(one, its, cosine=cosine)]
        return self._same(track, one, alike) if alike else []

    def _neighbours(self, number: int) -> Sequence[Match] | None:
        with self._library.catalogue.reading() as queries:
            found = list(queries.embeddings(self._library.digest, numbers=[number]))
        if not found:
            return None
        [(_, embeddings)] = found
        matches = self._library.upkeep.index.search(embeddings[0], limit=NEIGHBOURS + 1)
        return [match for match in matches if match.number != number]

    def _same(self, track: Track, one: Heard, alike: Sequence[tuple[Track, Heard]]) -> list[int]:
        one = replace(one, fingerprint=self._fingerprint(track))
        compared = [(other.number, replace(heard, fingerprint=self._fingerprint(other))) for other, heard in alike]
        return [number for number, other in compared if is_same_recording(one, other)]

    def _heard(self, track: Track, *, beside: Heard | None = None) -> Heard:
        """`beside`: what it is compared with; features are read only where they count."""
        heard = Heard(track.duration_s)
        if beside is not None and not have_same_length(heard, beside):
            return heard
        return replace(heard, features=self._kept(track, self._library.spec.music.stored_space))

    def _fingerprint(self, track: Track) -> Fingerprint | None:
        """Kept beside the track once it was taken; None where nobody can, or wants it any more."""
        if self._fingerprinter is None:
            return None
        kept = self._kept(track, self._fingerprinter.space)
        if kept is not None:
            return _fingerprint_of(kept)
        with self._library.blobs.new_upload() as output:
            taken = self._taken(track, output, self._fingerprinter)
        if taken is not None:
            self._library.blobs.put_features(track.sha256, self._fingerprinter.space, _kept_form(taken))
        return taken

    def _taken(self, track: Track, output: Path, fingerprinter: Fingerprinter) -> Fingerprint | None:
        path = self._library.blobs.path(track.sha256)
        try:
            return fingerprinter.take(path, track.container, output, is_unwanted=self._is_unwanted)
        except MediaError as error:
            LOG.warning("no fingerprint of track %s: %s", track.id, error)
            return np.empty(0, np.uint32)

    def _kept(self, track: Track, space: str) -> Float32Array | None:
        try:
            return self._library.blobs.features(track.sha256, space)
        except FeaturesDamaged:
            return None


def _kept_form(fingerprint: Fingerprint) -> Float32Array:
    """Each value as its two halves, which float32 holds exactly."""
    halves = np.stack([fingerprint >> np.uint32(16), fingerprint & np.uint32(0xFFFF)], axis=1).astype(np.float32)
    return halves if len(halves) else NO_FINGERPRINT


def _fingerprint_of(kept: Float32Array) -> Fingerprint:
    if kept[0, 0] < 0:
        return np.empty(0, np.uint32)
    high, low = kept.astype(np.uint32).T
    values: Fingerprint = (high << np.uint32(16)) | low
    return values
