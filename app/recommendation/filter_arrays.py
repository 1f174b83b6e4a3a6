"""What filters look at, in arrays with a place for each track's number, and the filters over them. Asks nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.catalogue.filter_columns import FIGURES, UNKNOWN, WORDS, FilterColumns
from app.catalogue.rows import folded_value
from app.filters import TrackFilter
from app.recommendation.fold import NOBODY
from app.recommendation.fuse import Numbers

Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]
BOUNDS = {"bpm": ("bpm_min", "bpm_max"), "duration_s": ("duration_min", "duration_max")}
FLAGS = ("vocals", "explicit")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Stands for a word that nobody said, an artist among them.
NO_WORD = NOBODY
# So much larger than needed, so that a new track seldom moves the others.
ROOM = 1.25


class FilterArrays:
    """Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._is_there: Mask = np.zeros(0, dtype=np.bool_)
        self._words: dict[str, Codes] = {name: np.zeros(0, dtype=np.int32) for name in WORDS}
        self._figures: dict[str, NDArray[np.float64]] = {name: np.zeros(0) for name in FIGURES}
        self._added_us: Numbers = np.zeros(0, dtype=np.int64)
        # One row for each mood of a track.
        self._mood_numbers: Numbers = np.zeros(0, dtype=np.int64)
        self._mood_words: Codes = np.zeros(0, dtype=np.int32)
        self._codes: dict[str, int] = {"": NO_WORD}

    def put(self, columns: FilterColumns) -> None:
        """Takes these tracks in, none of which may be here."""
        if not len(columns.numbers):
            return
        self._make_room(int(columns.numbers.max()) + 1)
        self._is_there[columns.numbers] = True
        for name, words in columns.words.items():
            self._words[name][columns.numbers] = self._coded(words)
        for name, figures in columns.figures.items():
            self._figures[name][columns.numbers] = figures
        self._added_us[columns.numbers] = columns.added_us
        self._mood_numbers = np.concatenate([self._mood_numbers, columns.mood_numbers])
        self._mood_words = np.concatenate([self._mood_words, self._coded(columns.mood_words)])

    def remove(self, numbers: Sequence[int]) -> None:
        """These match nothing any more; some may not be here."""
        gone = np.array(numbers, dtype=np.int64)
        self._is_there[gone[gone < len(self._is_there)]] = False
        stays = np.isin(self._mood_numbers, gone, invert=True)
        self._mood_numbers, self._mood_words = self._mood_numbers[stays], self._mood_words[stays]

    def matching(self, wanted: TrackFilter, numbers: Numbers) -> Mask:
        """Which of these tracks match."""
        matches = np.append(self._matching(wanted), False)
        # All that are beyond the arrays share the last place.
        return matches[np.minimum(numbers, len(matches) - 1)]

    def count(self, wanted: TrackFilter) -> int:
        return int(self._matching(wanted).sum())

    def artists(self, numbers: Numbers) -> Numbers:
        """A number for each track's artist, the same for the same; NOBODY where nobody said who it is.

        Of tracks that are here, or were.
        """
        return self._words["artist"][numbers].astype(np.int64)

    def _matching(self, wanted: TrackFilter) -> Mask:
        found = self._is_there.copy()
        for name in WORDS:
            values = getattr(wanted, name)
            if values:
                found &= np.isin(self._words[name], self._known(values))
        for name, (least, most) in BOUNDS.items():
            _keep_within(found, self._figures[name], getattr(wanted, least), getattr(wanted, most))
        for name in FLAGS:
            flag = getattr(wanted, name)
            if flag is not None:
                found &= self._figures[name] == float(flag)
        if wanted.added_after is not None:
            found &= self._added_us > (wanted.added_after - BEGINNING) // timedelta(microseconds=1)
        return found & self._has_mood(wanted.mood) if wanted.mood else found

    def _has_mood(self, wanted: Sequence[str]) -> Mask:
        found = np.zeros(len(self._is_there), dtype=np.bool_)
        found[self._mood_numbers[np.isin(self._mood_words, self._known(wanted))]] = True
        return found

    def _coded(self, words: Sequence[str]) -> Codes:
        """A number for each word, the same for the same; NO_WORD for none."""
        codes = self._codes
        return np.array([codes.setdefault(word, len(codes)) for word in words], dtype=np.int32)

    def _known(self, values: Sequence[str]) -> list[int]:
        """The numbers of these values, as far as any track has them."""
        folded = {folded_value(value) for value in values} - {""}
        return [self._codes[value] for value in folded if value in self._codes]

    def _make_room(self, size: int) -> None:
        lacking = size - len(self._is_there)
        if lacking <= 0:
            return
        more = max(lacking, int(size * ROOM) - len(self._is_there))
        self._is_there = np.append(self._is_there, np.zeros(more, dtype=np.bool_))
        for name, codes in self._words.items():
            self._words[name] = np.append(codes, np.full(more, NO_WORD, dtype=np.int32))
        for name, figures in self._figures.items():
            self._figures[name] = np.append(figures, np.full(more, UNKNOWN))
        self._added_us = np.append(self._added_us, np.zeros(more, dtype=np.int64))


def _keep_within(found: Mask, figures: NDArray[np.float64], least: float | None, most: float | None) -> None:
    if least is None and most is None:
        return
    # What is UNKNOWN lies below every bound.
    found &= figures >= (least or 0.0)
    if most is not None:
        found &= figures <= most
