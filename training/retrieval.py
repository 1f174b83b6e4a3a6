"""Embeds the items of a pair set and tells how well they find each other. Trains nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from app.encoders.device import inference
from app.encoders.models import TwoTowers
from training.batches import PairFeed
from training.classes import class_codes, first_two_of_classes
from training.errors import PairSetError
from training.evaluation import BothWays, Embedded, recalls_both_ways
from training.pair_set import Items

# Which words a query is heard with, under the names that tables give them.
BRIEFS: dict[str, frozenset[str]] = {
    "video alone": frozenset(),
    "with title": frozenset({"title"}),
    "with keywords": frozenset({"keywords"}),
    "with both": frozenset({"title", "keywords"}),
}
ALONE = {"alone": frozenset[str]()}


def embed_queries(model: TwoTowers, feed: PairFeed, items: Items, words: frozenset[str]) -> Embedded:
    """The items' queries, heard with those of the named texts that they have; of a text side every caption."""
    queries, _, tracks = _sides(feed, items)
    vectors, owners = [], []
    with _evaluating(model):
        for owned, steps_BTE, text_BE, has_text_B in feed.query_batches(queries, words):
            vectors.append(model.embed_query(steps_BTE, text_BE, has_text_B).cpu().numpy())
            owners.append(owned)
    return Embedded(np.concatenate(vectors), tracks[np.concatenate(owners)])


def embed_targets(model: TwoTowers, feed: PairFeed, items: Items) -> Embedded:
    """The items' targets; of a text side every caption."""
    _, targets, tracks = _sides(feed, items)
    vectors, owners = [], []
    with _evaluating(model):
        for owned, steps_BTE in feed.target_batches(targets):
            vectors.append(model.embed_target(steps_BTE).cpu().numpy())
            owners.append(owned)
    return Embedded(np.concatenate(vectors), tracks[np.concatenate(owners)])


def recalls_with(model: TwoTowers, feed: PairFeed, items: Items, words: frozenset[str]) -> BothWays:
    return recalls_both_ways(embed_queries(model, feed, items, words), embed_targets(model, feed, items))


def recalls_by_brief(model: TwoTowers, feed: PairFeed, items: Items) -> dict[str, BothWays]:
    """One pool, heard with each kind of words in turn."""
    target = embed_targets(model, feed, items)
    return {
        name: recalls_both_ways(embed_queries(model, feed, items, words), target)
        for name, words in briefs_of(feed).items()
    }


def briefs_of(feed: PairFeed) -> dict[str, frozenset[str]]:
    """The kinds of words that the model can tell apart."""
    heard = set(feed.words_streams)
    return {name: words for name, words in BRIEFS.items() if words <= heard} if heard else ALONE


def _sides(feed: PairFeed, items: Items) -> tuple[Items, Items, Items]:
    """Which items are queries and which targets, and for every item of the set what counts as its track.

    An item is both, but where both sides are one stream: there the first of each class is sought with the second.
    """
    if feed.spec.query.stream != feed.spec.target.stream:
        return items, items, feed.pairs.track_codes
    classes = class_codes(feed.pairs)
    first, second = first_two_of_classes(classes, items)
    if not len(first):
        reason = "no class has two of the items that were to be sought with each other"
        raise PairSetError(file="items.jsonl", field="labels", reason=reason)
    return first, second, classes


@contextmanager
def _evaluating(model: TwoTowers) -> Iterator[None]:
    was_training = model.training
    model.eval()
    with inference():
        yield
    model.train(was_training)
