"""Makes the procedural pair set: draws scenes and measures them with the encoder's own backbones, in two processes.

Resumable by shard. The set's name holds a digest of all that decides its content, so an unchanged one is used again.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from app.domain import Brief
from app.encoders.backbones import build_backbones
from app.encoders.hashed_text import HashedText
from app.encoders.spec import EncoderSpec
from training.measured_with import MEASURED_WITH_FILE, document_of, measured_by
from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.procedural.pairs import draw_pair
from training.processes import one_thread_each
from training.run_config import ProceduralPairs

PROCESSES = 2
SHARD_PAIRS = 50
_TOP = Path(__file__).parent.parent
# Everything that decides what a pair looks, sounds and reads like, or how it is measured.
_SOURCES = (
    "training/procedural/*.py",
    "training/procedural_pairs.py",
    "training/pair_set_writer.py",
    *(
        f"app/encoders/{name}.py"
        for name in ("backbones", "hashed_text", "rhythm", "sampling", "signal_music", "signal_video", "spectra")
    ),
)
_LIBRARIES = ("numpy", "torch")


@dataclass(frozen=True, slots=True)
class Shard:
    """A stretch of seeds to draw, and the file their features go to."""

    path: Path
    first_seed: int
    count: int


def procedural_pair_set(
    wanted: ProceduralPairs,
    encoder: EncoderSpec,
    *,
    root: Path,
    on_pairs: Callable[[int], None],
) -> Path:
    """The folder of the pair set under `root`, made where it is not there yet; `on_pairs` hears how many are done."""
    folder = root / f"procedural-{digest_of_making(wanted, encoder)[:16]}"
    total = wanted.train + wanted.validation + wanted.test
    if folder.exists():
        on_pairs(total)
        return folder
    shard_folder = folder.with_suffix(".shards")
    shard_folder.mkdir(parents=True, exist_ok=True)
    shards = [
        Shard(shard_folder / f"{first:07d}.npz", wanted.first_seed + first, min(SHARD_PAIRS, total - first))
        for first in range(0, total, SHARD_PAIRS)
    ]
    for count in _make_missing(shards, encoder):
        on_pairs(count)
    _write_pair_set(folder, shards, wanted, encoder)
    shutil.rmtree(shard_folder)
    return folder


def digest_of_making(wanted: ProceduralPairs, encoder: EncoderSpec) -> str:
    """Hex digest of the sources, libraries and settings that decide the pairs; nothing else is in it."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _SOURCES for path in _TOP.glob(pattern)):
        digest.update(path.relative_to(_TOP).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    settings = {
        "pairs": asdict(wanted),
        "shard_pairs": SHARD_PAIRS,
        "encoder": encoder.model_dump(
            mode="json", include={"video": {"backbone", "sampling"}, "music": {"backbone", "sampling"}, "text": True}
        ),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
    digest.update(json.dumps(settings, sort_keys=True).encode())
    return digest.hexdigest()


def make_shard(shard: Shard, encoder: EncoderSpec) -> int:
    """Draws and measures a shard's pairs, one by one, and returns how many. Runs in a process of its own."""
    backbones = build_backbones(encoder, shard.path.parent, device=torch.device("cpu"), cache_dir=None)
    frame_plan, sound_plan = encoder.frame_plan(), encoder.sound_plan()
    videos, tracks, briefs = [], [], []
    for seed in range(shard.first_seed, shard.first_seed + shard.count):
        pair = draw_pair(seed, frame_plan=frame_plan, sound_plan=sound_plan)
        with torch.inference_mode():
            videos.append(backbones.video.features([pair.video])[0].numpy())
            tracks.append(backbones.music.measure(torch.from_numpy(pair.sound.windows[None]))[0][0].numpy())
        briefs.append([asdict(brief) for brief in pair.briefs])
    unfinished = shard.path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez(file, video=np.stack(videos), music=np.stack(tracks), briefs=np.array(json.dumps(briefs)))
    unfinished.rename(shard.path)
    return shard.count


def _make_missing(shards: list[Shard], encoder: EncoderSpec) -> Iterator[int]:
    """Counts of pairs as shards come to be; those there already first."""
    missing = [shard for shard in shards if not shard.path.exists()]
    yield sum(shard.count for shard in shards) - sum(shard.count for shard in missing)
    with one_thread_each(), ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        made = [processes.submit(make_shard, shard, encoder) for shard in missing]
        try:
            for future in as_completed(made):
                yield future.result()
        finally:
            processes.shutdown(wait=False, cancel_futures=True)


def _write_pair_set(folder: Path, shards: list[Shard], wanted: ProceduralPairs, encoder: EncoderSpec) -> None:
    video, music, text = encoder.video, encoder.music, encoder.text
    if text is None or text.backbone.name != "hashed-text":
        raise ValueError("procedural pairs are read by hashed words")
    reader = HashedText(word_buckets=text.backbone.word_buckets, ngram_buckets=text.backbone.ngram_buckets)
    words = StreamPlan(StreamForm("text", text.space, text.feature_dim, "one a text"), stored_as="float16")
    streams = {
        "video": StreamPlan(StreamForm("video", video.space, video.feature_dim, f"{video.steps} instants")),
        "title": words,
        "keywords": words,
        "music": StreamPlan(StreamForm("music", music.space, music.feature_dim, f"{music.steps} windows")),
    }
    with PairSetWriter(folder, streams=streams, query=["video", "title", "keywords"], target=["music"]) as writer:
        for shard in shards:
            made = np.load(shard.path)
            for number, listed in enumerate(json.loads(str(made["briefs"]))):
                briefs = [Brief(**brief) for brief in listed]
                seed = shard.first_seed + number
                item = Item(
                    id=f"procedural-{seed}",
                    track=f"procedural-{seed}",
                    split=_split_of(seed - wanted.first_seed, wanted),
                    title=briefs[0].title,
                    keywords=tuple(briefs[0].keywords),
                )
                features = {"video": made["video"][number], "music": made["music"][number]}
                features["title"] = reader.vectors([brief.title for brief in briefs if brief.title])
                features["keywords"] = reader.vectors([", ".join(brief.keywords) for brief in briefs if brief.keywords])
                writer.add(item, features)
        writer.attach(MEASURED_WITH_FILE, document_of(measured_by(encoder)))


def _split_of(number: int, wanted: ProceduralPairs) -> Split:
    if number < wanted.train:
        return "train"
    return "validation" if number < wanted.train + wanted.validation else "test"
