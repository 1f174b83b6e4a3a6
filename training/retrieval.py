"""Embeds the items of a pair set and tells how well they find each other. Trains nothing.

Axes: B items of a batch, N items of a split, D embedding width.
"""

import numpy as np
import torch

from app.domain import Float32Array
from app.encoders.models import VideoMusicModel
from training.batches import PairFeed
from training.evaluation import BothWays, recalls_both_ways
from training.pair_set import Items

# Which words a video is heard with, under the names that tables give them.
BRIEFS: dict[str, frozenset[str]] = {
    "video alone": frozenset(),
    "with title": frozenset({"title"}),
    "with keywords": frozenset({"keywords"}),
    "with both": frozenset({"title", "keywords"}),
}


def embed_items(
    model: VideoMusicModel, feed: PairFeed, items: Items, words: frozenset[str]
) -> tuple[Float32Array, Float32Array]:
    """Video and music embeddings of the items, (N, D) each; a video is heard with those of the named texts it has."""
    was_training = model.training
    model.eval()
    videos, tracks = [], []
    with torch.inference_mode():
        for batch in feed.evaluation_batches(items, words):
            videos.append(model.embed_video(batch.video_BTE, batch.text_BE, batch.has_text_B).cpu().numpy())
            tracks.append(model.embed_music(batch.music_BTE).cpu().numpy())
    model.train(was_training)
    return np.concatenate(videos), np.concatenate(tracks)


def recalls_with(model: VideoMusicModel, feed: PairFeed, items: Items, words: frozenset[str]) -> BothWays:
    return recalls_both_ways(*embed_items(model, feed, items, words), feed.pairs.track_codes[items])


def recalls_by_brief(model: VideoMusicModel, feed: PairFeed, items: Items) -> dict[str, BothWays]:
    """One pool, heard with each kind of words in turn."""
    return {name: recalls_with(model, feed, items, words) for name, words in BRIEFS.items()}
