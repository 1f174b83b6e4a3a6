"""A video file to what backbones eat, picture and own sound, whole or cut into sections. Knows no backbones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from app.domain import FramePlan, MediaLimits, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.material import Section, sound_material, sound_materials, video_material
from app.errors import MediaError, MediaTooShort, SilentAudio
from app.media.probe import probe
from app.media.sound import SILENT_PEAK
from training.converters.parts import LeftOut

# Sound of many sections is decoded in one pass, but no more of it than this is held.
MOST_BYTES_OF_SOUND = 256 << 20


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds. `cut_s`: files twice as long and longer become equal sections at least so long; None: none is cut."""

    shortest_s: float
    longest_s: float
    cut_s: float | None


@dataclass(frozen=True, slots=True)
class Material:
    """`part`: which section it is, as a media fragment ("#t=10.00,20.00"); empty for the whole file."""

    part: str
    video: VideoMaterial
    sound: SoundMaterial


def materials(
    path: Path, name: str, frames: FramePlan, sound: SoundPlan, lengths: Lengths
) -> Iterator[Material | LeftOut]:
    """The whole, exactly as a server takes it, or each section; a section that is silent, say, is left out alone.

    Raises MediaError where nothing of the file can be used.
    """
    limits = MediaLimits(max_duration_s=lengths.longest_s)
    seen, heard = probe(path, limits, want="video"), probe(path, limits, want="sound")
    common_s = min(seen.duration_s, heard.duration_s)
    if common_s < lengths.shortest_s:
        raise MediaTooShort(duration_s=common_s, minimum_s=lengths.shortest_s)
    sections = sections_of(common_s, lengths.cut_s)
    if len(sections) == 1:
        whole_sound = sound_material(path, sound, limits=limits, info=heard)
        yield Material("", video_material(path, frames, limits=limits, info=seen), whole_sound)
        return
    for section, section_sound in _sounds(path, sound, sections, limits):
        part = f"#t={section.start_s:.2f},{section.end_s:.2f}"
        try:
            if np.abs(section_sound.windows).max() < SILENT_PEAK:
                raise SilentAudio
            pictures = video_material(path, frames, limits=limits, info=seen, section=section)
        except MediaError as error:
            yield LeftOut(f"{name}{part}", error.code, str(error))
        else:
            yield Material(part, pictures, section_sound)


def sections_of(duration_s: float, cut_s: float | None) -> list[Section]:
    """Equal sections of the whole, as many as are at least `cut_s` long; one where that is None."""
    count = max(1, int(duration_s / cut_s)) if cut_s is not None else 1
    borders_s = [duration_s * number / count for number in range(count + 1)]
    return [Section(*ends) for ends in pairwise(borders_s)]


def _sounds(
    path: Path, plan: SoundPlan, sections: Sequence[Section], limits: MediaLimits
) -> Iterator[tuple[Section, SoundMaterial]]:
    at_once = max(1, MOST_BYTES_OF_SOUND // (4 * plan.windows * plan.window_samples))
    for first in range(0, len(sections), at_once):
        some = sections[first : first + at_once]
        yield from zip(some, sound_materials(path, plan, limits=limits, sections=some), strict=True)
