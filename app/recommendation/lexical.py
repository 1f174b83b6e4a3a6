"""How well the words that came with a video cover what is said of a track. Pure: words and sets of numbers."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.catalogue.word_numbers import WordField, WordNumbers
from app.domain import Brief, TrackDetails
from app.filters import words_of
from app.recommendation.fuse import Numbers, Scores

# A mood, keyword or genre tells how a track sounds; a title may be called anything.
FIELD_WEIGHTS: Mapping[WordField, float] = {"words": 1.0, "genre": 1.0, "title": 0.6}
MOST_WORDS = 32
_EMPTY_WORDS = (
    "a an and are as at be but by for from had has have he her his how i if in into is it its me my no not of off on "
    "or our out s she so t than that the their them then they this to us was we were what when where which who why "
    "will with you your"
)
# What people and cameras write into the title of any video.
_TITLE_WORDS = (
    "clip copy draft edit ep episode export final footage full hd img mov mp4 mvi official part project raw recording "
    "screen sequence test untitled upload vid video videos 4k 8k 720p 1080p"
)
EMPTY_WORDS = frozenset(words_of(_EMPTY_WORDS))
EMPTY_TITLE_WORDS = EMPTY_WORDS | frozenset(words_of(_TITLE_WORDS))


def query_words(brief: Brief) -> tuple[str, ...]:
    """The words to look for, each once: keywords first, for they were chosen; at most MOST_WORDS."""
    keywords = [word for keyword in brief.keywords for word in words_of(keyword) if word not in EMPTY_WORDS]
    title = [word for word in words_of(brief.title or "") if word not in EMPTY_TITLE_WORDS]
    return tuple(dict.fromkeys(word for word in keywords + title if not word.isdecimal()))[:MOST_WORDS]


def matched_words(words: Sequence[str], said: TrackDetails) -> tuple[str, ...]:
    """Those of the words that a track has in title, genre, moods or keywords."""
    texts = (said.title or "", said.genre or "", *said.moods, *said.keywords)
    has = {word for text in texts for word in words_of(text)}
    return tuple(word for word in words if word in has)


def lexical_scores(words: Sequence[WordNumbers], numbers: Numbers) -> Scores:
    """How much of the words each track has, 0 to 1, at the place of its number; the last place is nobody's, and 0.

    `words`: for each word, which tracks have it where; `numbers`: all tracks that there are. A score is the share of
    the words that a track has, each word weighed by how few tracks have it and by the best field it stands in: 1 is
    every word, none of them in the title alone.
    """
    highest = max(int(some.max(initial=0)) for some in (numbers, *(at for fields in words for at in fields.values())))
    totals, whole = np.zeros(highest + 2), 0.0
    for fields in words:
        weights = np.zeros(len(totals))
        for field, weight in sorted(FIELD_WEIGHTS.items(), key=lambda item: item[1]):
            weights[fields[field]] = weight
        rarity = _rarity(int(np.count_nonzero(weights)), len(numbers))
        totals += rarity * weights
        whole += rarity
    return totals / whole if words else totals


def _rarity(count: int, library_size: int) -> float:
    """Inverse document frequency as BM25 has it (Robertson and Zaragoza 2009), always above 0."""
    return float(np.log1p((max(library_size - count, 0) + 0.5) / (count + 0.5)))
