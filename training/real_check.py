"""`python -m training.real_check CHECKPOINT FOLDER`: what a checkpoint makes of real files. Trains nothing.

Looks at all files of `FOLDER/video` and `FOLDER/music`. Prints the first tracks of each video, how much the most
frequent track crowds out the others, and how many feature values lie outside what training saw.

Axes: N files, V videos, M tracks, S steps, E features, K first places.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from app.domain import Brief, Float32Array, MediaLimits
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.material import sound_material, video_material
from app.encoders.signal_music import FEATURE_NAMES as MUSIC_FEATURES
from app.encoders.signal_video import FEATURE_NAMES as VIDEO_FEATURES
from app.errors import MediaError
from app.media.probe import probe
from training.hubs import hub_shares
from training.ranges import out_of_range
from training.report import table

DEPTH = 5
LIMITS = MediaLimits(max_duration_s=4 * 3600.0)
FEATURE_NAMES = {"signal-video": VIDEO_FEATURES, "signal-music": MUSIC_FEATURES}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.real_check", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path, help="holds the folders video and music")
    parsed = parser.parse_args(arguments)
    encoder = load_checkpoint(parsed.checkpoint, "cpu")
    videos = measured(sorted((parsed.folder / "video").iterdir()), lambda path: video_features(encoder, path))
    tracks = measured(sorted((parsed.folder / "music").iterdir()), lambda path: track_features(encoder, path))
    print("\n\n".join(report(encoder, videos, tracks)))


def measured(paths: Sequence[Path], measure: Callable[[Path], Float32Array]) -> dict[str, Float32Array]:
    """Features (S, E) by file name; what cannot be read is told and left out."""
    console, found = Console(stderr=True), {}
    for path in track(paths, description=f"measuring {len(paths)} files", console=console):
        try:
            found[path.name] = measure(path)
        except MediaError as error:
            console.print(f"left out: {path.name}: {error}")
    return found


def video_features(encoder: Encoder, path: Path) -> Float32Array:
    info = probe(path, LIMITS, want="video")
    material = video_material(path, encoder.spec.frame_plan(), limits=LIMITS, info=info)
    features_SE: Float32Array = encoder.video_features([material])[0]
    return features_SE


def track_features(encoder: Encoder, path: Path) -> Float32Array:
    info = probe(path, LIMITS, want="sound")
    material = sound_material(path, encoder.spec.sound_plan(), limits=LIMITS, info=info)
    features_SE: Float32Array = encoder.music_features([material])[0]
    return features_SE


def report(encoder: Encoder, videos: dict[str, Float32Array], tracks: dict[str, Float32Array]) -> list[str]:
    """Markdown, a part each: the first places, the hubs, the ranges of both sides."""
    video_NSE, music_NSE = np.stack(list(videos.values())), np.stack(list(tracks.values()))
    cosines_VM = encoder.embed_videos(video_NSE, [Brief()] * len(video_NSE)) @ encoder.embed_tracks(music_NSE).T
    names = list(tracks)
    first_VK = np.argsort(-cosines_VM, axis=1, kind="stable")[:, :DEPTH]
    places = [[video, "; ".join(names[at] for at in first)] for video, first in zip(videos, first_VK, strict=True)]
    return [
        table(["video", f"first {DEPTH} tracks"], places),
        _hub_part(cosines_VM, names),
        _range_part(encoder, "video", video_NSE),
        _range_part(encoder, "music", music_NSE),
    ]


def _hub_part(cosines_VM: Float32Array, names: Sequence[str]) -> str:
    hubs = hub_shares(cosines_VM, depth=DEPTH)
    return (
        f"Hubs, {len(cosines_VM)} videos and {len(names)} tracks: the most frequent track ({names[hubs.top_track]}) "
        f"is among the first {DEPTH} of {100 * hubs.top_share:.0f} % of the videos "
        f"(blind draws: {100 * hubs.chance:.0f} %); {100 * hubs.reached:.0f} % of the tracks are among the first "
        f"{DEPTH} of any video."
    )


def _range_part(encoder: Encoder, side: str, features_NSE: Float32Array) -> str:
    standardisation, seen = (
        getattr(encoder.spec, side).standardisation,
        encoder.spec.about.get("feature_range", {}).get(side),
    )
    if standardisation is None or not seen:
        return f"{side.capitalize()} features: the checkpoint does not tell what training saw, or standardises nothing."
    found = out_of_range(
        features_NSE,
        least_E=np.array(seen["least"], np.float32),
        greatest_E=np.array(seen["greatest"], np.float32),
        standardisation=standardisation,
    )
    worst = [
        [name, f"{100 * unseen:.1f} %", f"{100 * clamped:.1f} %"]
        for name, unseen, clamped in found.worst(_feature_names(encoder, side), 8)
    ]
    unseen, clamped = 100 * found.unseen.mean(), 100 * found.clamped.mean()
    head = (
        f"{side.capitalize()} features of {len(features_NSE)} files: {unseen:.2f} % of the values lie outside what "
        f"training saw, {clamped:.2f} % beyond {standardisation.limit:g} deviations."
    )
    return f"{head}\n\n{table(['feature', 'outside', 'clamped'], worst)}" if worst else head


def _feature_names(encoder: Encoder, side: str) -> tuple[str, ...]:
    """Of signals by name, of other spaces by number."""
    spec = getattr(encoder.spec, side)
    return FEATURE_NAMES.get(spec.backbone.name, tuple(str(number) for number in range(spec.feature_dim)))


if __name__ == "__main__":
    main()
