"""From factors to a style: how the music of a scene is made, by published correspondences. Knows no note and no sound."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from training.procedural.ensembles import ENSEMBLES, Ensemble, Figure
from training.procedural.scene import Factors

Choice = TypeVar("Choice")
SLOWEST_BPM, FASTEST_BPM = 54.0, 184.0
# From the happiest to the most threatening; how gay or sad a mode sounds was first measured by Hevner (1935, 1936),
# and mode leads all cues to emotion in Eerola, Friberg & Bresin (2013).
MODES_BY_WARMTH = ("phrygian", "harmonic minor", "minor", "dorian", "mixolydian", "major", "lydian")


@dataclass(frozen=True, slots=True)
class Style:
    """Everything a composition and its mix are made from. Levels in dB or LUFS, times in seconds or beats."""

    ensemble: str
    tempo_bpm: float
    beats_per_bar: int
    swing: float
    tonic: int
    mode: str
    colour: str
    clash: bool
    lead: str | None
    chords: str | None
    stroke: str
    pad: str | None
    figure: Figure | None
    bass: str | None
    bass_pattern: str
    groove: str | None
    kit: str
    liveliness: float
    legato: float
    centre: float
    bass_centre: float
    energy: float
    form: str
    tilt_db_per_octave: float
    drive: float
    pump: float
    echo: float
    room_s: float
    wetness: float
    loudness_lufs: float


def draw_style(factors: Factors, rng: np.random.Generator, *, ensemble: str | None = None) -> Style:
    """A style for music factors; several lie near any factors, since ensembles, keys and parts are drawn by chance."""
    name = ensemble or _draw_ensemble(factors, rng)
    band = ENSEMBLES[name]
    sparse = 1.15 - factors.density
    style = Style(
        ensemble=name,
        tempo_bpm=_tempo_bpm(factors, rng),
        beats_per_bar=pick(rng, band.meters),
        swing=band.swing,
        tonic=int(rng.integers(12)),
        mode=_mode(factors, rng),
        colour=pick(rng, band.colours),
        clash=_has_clash(factors, rng),
        lead=_maybe(rng, band.leads, 0.3 * sparse),
        chords=_maybe(rng, band.chords, 0.25 * sparse),
        stroke=pick(rng, band.strokes),
        pad=_maybe(rng, band.pads, 0.5 * sparse),
        figure=_maybe(rng, band.figures, 0.6 * sparse),
        bass=_maybe(rng, band.basses, 0.2 * sparse),
        bass_pattern=pick(rng, band.bass_patterns),
        groove=_maybe(rng, band.grooves, 1.1 - factors.energy - 0.5 * factors.pace),
        kit=pick(rng, band.kits),
        liveliness=_mixed(rng, 0.15, (0.5, factors.pace), (0.3, factors.energy), (0.2, factors.density)),
        legato=_legato(factors, rng),
        centre=_centre(factors, rng),
        bass_centre=33 + 8 * factors.height + rng.normal(0, 2),
        energy=factors.energy,
        form=pick(rng, ("song", "song", "build", "flat", "verse")),
        tilt_db_per_octave=_tilt_db_per_octave(factors, rng),
        drive=_drive(band, factors),
        pump=band.pump,
        echo=band.echo,
        room_s=rng.uniform(*band.rooms),
        wetness=float(rng.uniform(0.3, 1.0)),
        loudness_lufs=_loudness_lufs(factors, rng),
    )
    return _someone_plays(style, band)


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    """One of the choices, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def _draw_ensemble(factors: Factors, rng: np.random.Generator) -> str:
    """Bands whose home is near are likelier; the temperature leaves about eight that could as well play."""
    here = np.array([factors.pace, factors.energy, factors.warmth, factors.density, factors.tension, factors.sharpness])
    homes = np.array([band.home for band in ENSEMBLES.values()])
    weights = np.exp(-((homes - here) ** 2).sum(axis=1) / 0.13)
    return str(rng.choice(list(ENSEMBLES), p=weights / weights.sum()))


def _tempo_bpm(factors: Factors, rng: np.random.Generator) -> float:
    # Faster music is heard as more aroused (Gabrielsson & Lindström 2010; van der Zwaag et al. 2011) and imagined as
    # faster movement (Eitan & Granot 2006); film and its music are judged together by such shared structure
    # (Marshall & Cohen 1988; Bolivar, Cohen & Fentress 1994). Whole numbers, as sequencers have them.
    share = float(np.clip(factors.pace + rng.normal(0, 0.05), 0, 1))
    return float(round(SLOWEST_BPM * (FASTEST_BPM / SLOWEST_BPM) ** share))


def _mode(factors: Factors, rng: np.random.Generator) -> str:
    # Major is heard as happy, minor as sad (Hevner 1936); listeners give major and fast music lighter, more saturated
    # and yellower colours (Palmer et al. 2013). The flattest modes are kept for the most threatening scenes.
    brightness = _mixed(rng, 0.08, (0.75, factors.warmth), (0.25, 1 - factors.tension))
    bounds = (0.1, 0.2, 0.42, 0.52, 0.6, 0.9)
    return MODES_BY_WARMTH[int(np.searchsorted(bounds, brightness))]


def _has_clash(factors: Factors, rng: np.random.Generator) -> bool:
    # Chords are heard as tenser the rougher they are (Bigand, Parncutt & Lerdahl 1996).
    return bool(rng.random() < 2.2 * (factors.tension - 0.6))


def _centre(factors: Factors, rng: np.random.Generator) -> float:
    # High pitch goes with what is high (Pratt 1930; Rusconi et al. 2006), with light colours (Marks 1974; Collier &
    # Hubbard 2001) and with small things (Gallace & Spence 2006; Eitan & Timmers 2010).
    return 58 + 26 * _mixed(rng, 0.08, (0.65, factors.height), (0.35, factors.light))


def _tilt_db_per_octave(factors: Factors, rng: np.random.Generator) -> float:
    # Harsh timbres are matched with sharp angular shapes, soft ones with rounded shapes (Adeli, Rouat & Molotchnikoff
    # 2014; Gurman, McCormick & Klein 2021); bright timbre goes with light as high pitch does (Marks 1974).
    return -2.6 + 5.2 * _mixed(rng, 0.12, (0.65, factors.sharpness), (0.35, factors.light))


def _legato(factors: Factors, rng: np.random.Generator) -> float:
    # Joy and anger are played detached, sadness and tenderness bound (Juslin & Laukka 2004).
    return 1.08 - 0.65 * _mixed(rng, 0.15, (0.5, factors.sharpness), (0.5, factors.energy))


def _drive(band: Ensemble, factors: Factors) -> float:
    # Loud, distorted music is given darker and redder colours, by way of its agitated feel (Whiteford et al. 2018).
    return band.drive * (0.5 + 0.7 * factors.tension)


def _loudness_lufs(factors: Factors, rng: np.random.Generator) -> float:
    # Loudness stands for arousal (Gabrielsson & Lindström 2010) and for large, bright things (Smith & Sera 1992; Marks
    # 1974). Mastering hides much of it: a third of all tracks is brought to a radio's level whatever they are.
    natural = -27 + 17 * factors.energy + rng.normal(0, 2.5)
    return float(np.clip(rng.normal(-12, 2) if rng.random() < 0.33 else natural, -38, -6))


def _mixed(rng: np.random.Generator, noise: float, *weighted: tuple[float, float]) -> float:
    return float(np.clip(math.fsum(weight * value for weight, value in weighted) + rng.normal(0, noise), 0, 1))


def _maybe(rng: np.random.Generator, choices: Sequence[Choice | None], leave_out: float) -> Choice | None:
    return None if rng.random() < leave_out else pick(rng, choices)


def _someone_plays(style: Style, band: Ensemble) -> Style:
    if style.lead or style.chords or style.pad or style.figure:
        return style
    lead = next((name for name in band.leads if name), None)
    return replace(style, lead=lead, pad=None if lead else next(name for name in band.pads if name))
