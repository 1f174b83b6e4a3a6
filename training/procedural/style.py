"""From factors to a style: how the music of a scene is made, by published correspondences. Knows no note."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from training.procedural.accompaniment import STROKES
from training.procedural.ensembles import ENSEMBLES, Ensemble, Figure
from training.procedural.scene import Factors

Choice = TypeVar("Choice")
SLOWEST_BPM, FASTEST_BPM = 54.0, 184.0
# From the happiest to the most threatening; how gay or sad a mode sounds was first measured by Hevner (1935, 1936),
# and mode leads all cues to emotion in Eerola, Friberg & Bresin (2013).
MODES_BY_WARMTH = ("diminished", "phrygian", "harmonic minor", "minor", "dorian", "mixolydian", "major", "lydian")


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
    dissonance: float
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
    attack_s: float
    centre: float
    bass_centre: float
    bass_db: float
    drone_db: float
    is_doubled: bool
    energy: float
    warmth: float
    form: str
    slope_db_per_octave: float
    low_cut_hz: float
    drum_gain: float
    drive: float
    edge: float
    pump: float
    echo: float
    room_s: float
    wetness: float
    loudness_lufs: float


def draw_style(
    factors: Factors, rng: np.random.Generator, *, ensemble: str | None = None, is_complete: bool = False
) -> Style:
    """A style for music factors; several lie near any factors, since ensembles, keys and parts are drawn by chance.

    `is_complete`: everyone of the ensemble plays, however bare the scene.
    """
    name = ensemble or _draw_ensemble(factors, rng)
    band = ENSEMBLES[name]
    liveliness = _mixed(rng, 0.08, (0.5, factors.pace), (0.2, factors.energy), (0.3, factors.density))
    parts = _line_up(band, rng, 6 if is_complete else _players(factors, rng))
    return Style(
        ensemble=name,
        tempo_bpm=_tempo_bpm(factors, rng),
        beats_per_bar=pick(rng, band.meters),
        swing=band.swing,
        tonic=int(rng.integers(12)),
        mode=_mode(factors, rng),
        colour=pick(rng, band.colours),
        dissonance=_dissonance(factors, rng),
        lead=parts.lead,
        chords=parts.chords,
        stroke=_by_rate(rng, band.strokes, _beats_struck, liveliness),
        pad=parts.pad,
        figure=parts.figure,
        bass=parts.bass,
        bass_pattern=pick(rng, band.bass_patterns),
        groove=pick(rng, band.grooves) if is_complete or rng.random() < _drumming(factors) else None,
        kit=pick(rng, band.kits),
        liveliness=liveliness,
        legato=_legato(factors, rng),
        attack_s=0.09 * (1 - _mixed(rng, 0.08, (1.0, factors.sharpness))) ** 2,
        centre=_centre(factors, rng),
        bass_centre=31 + 10 * factors.height + rng.normal(0, 1.5),
        bass_db=5 - 13 * factors.height + rng.normal(0, 0.7),
        drone_db=-26 + 24 * factors.tension + rng.normal(0, 1.5),
        is_doubled=bool(factors.density + rng.normal(0, 0.1) > 0.62),
        energy=factors.energy,
        warmth=factors.warmth,
        form=pick(rng, ("song", "song", "build", "flat", "verse")),
        slope_db_per_octave=_slope_db_per_octave(factors, rng),
        low_cut_hz=28.0 * 2 ** (5 * max(0.0, factors.height - 0.4)),
        drum_gain=10 ** (0.6 * (factors.sharpness - 0.5)),
        drive=_drive(band, factors),
        edge=max(0.0, _mixed(rng, 0.08, (0.8, factors.sharpness), (0.2, factors.energy)) - 0.35),
        pump=band.pump,
        echo=band.echo,
        room_s=rng.uniform(*band.rooms),
        wetness=float(rng.uniform(0.3, 1.0)),
        loudness_lufs=_loudness_lufs(factors, rng),
    )


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    """One of the choices, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def _by_rate(rng: np.random.Generator, names: Sequence[str], rate: Callable[[str], float], liveliness: float) -> str:
    """One of the patterns, the busier the livelier the music is to be."""
    ordered = sorted(names, key=rate)
    return ordered[int(np.clip(len(ordered) * liveliness + rng.normal(0, 0.5), 0, len(ordered) - 1))]


def _beats_struck(stroke: str) -> float:
    return len(STROKES[stroke].beats)


def _draw_ensemble(factors: Factors, rng: np.random.Generator) -> str:
    """Bands whose home is near are likelier; the temperature leaves about eight that could as well play."""
    here = np.array([factors.pace, factors.energy, factors.warmth, factors.density, factors.tension, factors.sharpness])
    homes = np.array([band.home for band in ENSEMBLES.values()])
    weights = np.exp(-((homes - here) ** 2).sum(axis=1) / 0.1)
    return str(rng.choice(list(ENSEMBLES), p=weights / weights.sum()))


def _tempo_bpm(factors: Factors, rng: np.random.Generator) -> float:
    # Faster music is heard as more aroused (Gabrielsson & Lindström 2010; van der Zwaag et al. 2011) and imagined as
    # faster movement (Eitan & Granot 2006); film and its music are judged together by such shared structure
    # (Marshall & Cohen 1988; Bolivar, Cohen & Fentress 1994). Whole numbers, as sequencers have them.
    share = float(np.clip(factors.pace + rng.normal(0, 0.03), 0, 1))
    return float(round(SLOWEST_BPM * (FASTEST_BPM / SLOWEST_BPM) ** share))


def _mode(factors: Factors, rng: np.random.Generator) -> str:
    # Major is heard as happy, minor as sad (Hevner 1936); listeners give major and fast music lighter, more saturated
    # and yellower colours (Palmer et al. 2013). The flattest modes are kept for the most threatening scenes.
    brightness = _mixed(rng, 0.03, (0.8, factors.warmth), (0.2, 1 - factors.tension))
    bounds = (0.06, 0.14, 0.24, 0.44, 0.53, 0.6, 0.88)
    return MODES_BY_WARMTH[int(np.searchsorted(bounds, brightness))]


def _dissonance(factors: Factors, rng: np.random.Generator) -> float:
    # Chords are heard as tenser the rougher they are (Bigand, Parncutt & Lerdahl 1996): the share of chords with a
    # semitone in them.
    return float(np.clip(1.7 * (factors.tension - 0.4) + rng.normal(0, 0.08), 0, 1))


def _players(factors: Factors, rng: np.random.Generator) -> int:
    # Simple shapes are matched with simple tone sequences, complex with complex ones (Osugi et al. 2026).
    return 2 + round(max(0.0, 3.4 * factors.density - 0.2 + rng.normal(0, 0.25)))


def _drumming(factors: Factors) -> float:
    # The more percussive the music, the higher arousal and skin conductance (van der Zwaag et al. 2011).
    return 0.15 + 0.9 * factors.energy + 0.2 * factors.pace


def _centre(factors: Factors, rng: np.random.Generator) -> float:
    # High pitch goes with what is high (Pratt 1930; Rusconi et al. 2006), with light colours (Marks 1974; Collier &
    # Hubbard 2001), with small things (Gallace & Spence 2006; Eitan & Timmers 2010), and high registers sound happier
    # than low ones (Eerola, Friberg & Bresin 2013).
    return 52 + 36 * _mixed(rng, 0.04, (0.72, factors.height), (0.16, factors.light), (0.12, factors.warmth))


def _slope_db_per_octave(factors: Factors, rng: np.random.Generator) -> float:
    # Bright timbre goes with light as high pitch does (Marks 1974), and harsh timbres are matched with sharp angular
    # shapes, soft ones with rounded shapes (Adeli, Rouat & Molotchnikoff 2014; Gurman, McCormick & Klein 2021).
    return -9.5 + 7.5 * _mixed(rng, 0.05, (0.75, factors.light), (0.25, factors.sharpness))


def _legato(factors: Factors, rng: np.random.Generator) -> float:
    # Joy and anger are played detached, sadness and tenderness bound (Juslin & Laukka 2004).
    return 1.1 - 0.75 * _mixed(rng, 0.06, (0.8, factors.sharpness), (0.2, factors.energy))


def _drive(band: Ensemble, factors: Factors) -> float:
    # Loud, distorted music is given darker and redder colours, by way of its agitated feel (Whiteford et al. 2018).
    return band.drive * (0.5 + 0.7 * factors.tension)


def _loudness_lufs(factors: Factors, rng: np.random.Generator) -> float:
    # Loudness stands for arousal (Gabrielsson & Lindström 2010) and for large, bright things (Smith & Sera 1992; Marks
    # 1974). Mastering hides it: one track in twelve is brought to a radio's level whatever it is.
    natural = -30 + 22 * factors.energy + rng.normal(0, 1.2)
    return float(np.clip(rng.normal(-12, 2) if rng.random() < 0.08 else natural, -38, -6))


def _mixed(rng: np.random.Generator, noise: float, *weighted: tuple[float, float]) -> float:
    return float(np.clip(math.fsum(weight * value for weight, value in weighted) + rng.normal(0, noise), 0, 1))


@dataclass(frozen=True, slots=True)
class _Parts:
    lead: str | None = None
    chords: str | None = None
    bass: str | None = None
    figure: Figure | None = None
    pad: str | None = None


def _line_up(band: Ensemble, rng: np.random.Generator, players: int) -> _Parts:
    """As many parts as there are players, the ones that carry a piece first."""
    drawn: dict[str, str | Figure | None] = {
        "lead": pick(rng, band.leads),
        "chords": pick(rng, band.chords),
        "bass": pick(rng, band.basses),
        "figure": pick(rng, band.figures),
        "pad": pick(rng, band.pads),
    }
    if not (drawn["lead"] or drawn["figure"] or drawn["pad"] or drawn["chords"]):
        drawn["pad"] = next((name for name in band.pads if name), "warm pad")
    order = (
        ["lead", "figure", "chords", "pad", "bass"]
        if rng.random() < 0.5
        else ["pad", "lead", "chords", "bass", "figure"]
    )
    present = [part for part in order if drawn[part]][:players]
    return _Parts(**{part: drawn[part] for part in present})  # type: ignore[arg-type]
