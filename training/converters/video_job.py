"""The job of one file of a folder of videos: its picture and its own sound become a pair, or several where it is cut.

Reasons for which something is left out: those of the folder, the codes of MediaError (`no_audio_stream`,
`silent_audio`, `media_too_short` …), `unreadable_file` and `features_not_finite`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from app.domain import Brief, MediaLimits
from app.errors import MediaError
from training.converters.parts import Converted, LeftOut
from training.converters.video_folder import FoundFile
from training.converters.video_measuring import Measuring
from training.converters.video_sections import Lengths, Material, materials
from training.converters.video_tags import words_of_tags
from training.pair_set import Item, Split
from training.pair_set_writer import Features


@dataclass(frozen=True, slots=True)
class VideoJob:
    """`brief`: what a list says of the file; None: the file's own tags are read."""

    file: FoundFile
    track: str
    split: Split
    brief: Brief | None
    lengths: Lengths
    measuring: Measuring

    @property
    def key(self) -> str:
        """Of all that is this job's alone, so that a part done before the file or its row changed is not used again."""
        file, told = self.file, self.file.passed_over
        own = [file.name, file.size_bytes, file.modified_ns, told and asdict(told)]
        said = [self.track, self.split, self.brief and asdict(self.brief)]
        return hashlib.sha256(json.dumps([*own, *said]).encode()).hexdigest()[:24]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.file.name,)

    def convert(self) -> Converted:
        taken: list[_Pair | LeftOut] = []
        try:
            for one in self._pairs():
                taken.append(one)
        except MediaError as error:
            taken.append(LeftOut(self.file.name, error.code, str(error)))
        except OSError as error:
            taken.append(LeftOut(self.file.name, "unreadable_file", error.strerror or ""))
        pairs = [one for one in taken if isinstance(one, _Pair)]
        names = {name for pair in pairs for name in pair.features}
        return Converted(
            items=tuple(pair.item for pair in pairs),
            features={name: [pair.features[name] for pair in pairs] for name in names},
            left_out=tuple(one for one in taken if isinstance(one, LeftOut)),
        )

    def _pairs(self) -> Iterator["_Pair | LeftOut"]:
        if self.file.passed_over is not None:
            yield self.file.passed_over
            return
        brief = self.brief if self.brief is not None else self._brief_of_tags()
        words = self.measuring.words(brief)
        plans = self.measuring.frame_plan, self.measuring.sound_plan
        for taken in materials(self.file.path, self.file.name, *plans, self.lengths):
            yield taken if isinstance(taken, LeftOut) else self._pair(taken, brief, words)

    def _brief_of_tags(self) -> Brief:
        return words_of_tags(self.file.path, MediaLimits(max_duration_s=self.lengths.longest_s))

    def _pair(self, material: Material, brief: Brief, words: Mapping[str, Features]) -> "_Pair | LeftOut":
        name = f"{self.file.name}{material.part}"
        video, music = self.measuring.video(material.video), self.measuring.sound(material.sound)
        if not (np.isfinite(video).all() and np.isfinite(music).all()):
            return LeftOut(name, "features_not_finite")
        item = Item(name, self.track, self.split, title=brief.title, keywords=brief.keywords)
        return _Pair(item, {"video": video, "music": music, **words})


@dataclass(frozen=True, slots=True)
class _Pair:
    item: Item
    features: Mapping[str, Features]
