"""Everything a piece of music is made from, drawn for a scene: who plays, how, and how it is mixed. Knows no note."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from training.procedural import correspondences as fitting
from training.procedural.accompaniment import BASSES, FIGURES, STROKES
from training.procedural.ensembles import ENSEMBLES, Ensemble, Figure
from training.procedural.harmony import COLOURS
from training.procedural.instruments import INSTRUMENTS
from training.procedural.scene import Factors

Choice = TypeVar("Choice")
EVERYONE = 6
AMONG_BANDS = 0.06


@dataclass(frozen=True, slots=True)
class LineUp:
    """Who plays; None: nobody."""

    lead: str | None = None
    chords: str | None = None
    pad: str | None = None
    figure: Figure | None = None
    bass: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """Levels in dB or LUFS, times in seconds or beats, pitches in MIDI. `centre`: where the lead lies.

    `edge` and `drive`: soft clipping of the band and of its chords; `pump`: ducking under the kick drum; `is_doubled`:
    chords also an octave higher; the names are those of ensembles, harmony, accompaniment, grooves and drums.
    """

    ensemble: str
    line_up: LineUp
    tempo_bpm: float
    beats_per_bar: int
    swing: float
    tonic: int
    mode: str
    colour: str
    dissonance: float
    stroke: str
    bass_pattern: str
    groove: str | None
    kit: str
    form: str
    energy: float
    warmth: float
    liveliness: float
    density: float
    legato: float
    attack_s: float
    is_doubled: bool
    centre: float
    bass_centre: float
    bass_db: float
    drone_db: float
    drum_gain: float
    slope_db_per_octave: float
    low_cut_hz: float
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
    """A style for music factors; several lie near any factors, since bands, keys and patterns are drawn by chance.

    `is_complete`: everyone of the ensemble plays, however bare the scene.
    """
    name = ensemble or _draw_ensemble(factors, rng)
    band = ENSEMBLES[name]
    liveliness = fitting.draw_liveliness(factors, rng)
    register = fitting.draw_register(factors, rng)
    has_drums = is_complete or rng.random() < fitting.chance_of_drums(factors)
    return Style(
        ensemble=name,
        line_up=_draw_line_up(band, factors, rng, EVERYONE if is_complete else fitting.draw_players(factors, rng)),
        tempo_bpm=fitting.draw_tempo_bpm(factors, rng),
        beats_per_bar=pick(rng, band.meters),
        swing=band.swing,
        tonic=int(rng.integers(12)),
        mode=fitting.draw_mode(factors, rng),
        colour=_draw_colour(band, factors, rng),
        dissonance=fitting.draw_dissonance(factors, rng),
        stroke=_ranked(rng, band.strokes, _strokes_a_bar, liveliness),
        bass_pattern=_ranked(rng, band.bass_patterns, _bass_notes_a_bar, liveliness),
        groove=pick(rng, band.grooves) if has_drums else None,
        kit=pick(rng, band.kits),
        form=pick(rng, ("song", "song", "build", "flat", "verse")),
        energy=factors.energy,
        warmth=factors.warmth,
        liveliness=liveliness,
        density=factors.density,
        legato=fitting.draw_legato(factors, rng),
        attack_s=fitting.draw_attack_s(factors, rng),
        is_doubled=fitting.mixed(rng, 0.1, (1.0, factors.density)) > 0.62,
        centre=52 + 36 * register,
        bass_centre=31 + 10 * register + rng.normal(0, 1.5),
        bass_db=7 - 18 * register + rng.normal(0, 0.7),
        drone_db=-26 + 24 * factors.tension + rng.normal(0, 1.5),
        drum_gain=10 ** (0.8 * (factors.sharpness - 0.5)),
        # High music has less below it, by nature; the engineer leaves that as it is.
        slope_db_per_octave=fitting.draw_slope_db_per_octave(factors, rng) + 3.5 * (register - 0.5),
        low_cut_hz=28.0 * 2 ** (6 * max(0.0, register - 0.35)),
        drive=band.drive * (0.5 + 0.7 * factors.tension),
        edge=fitting.draw_edge(factors, rng),
        pump=band.pump,
        echo=band.echo,
        room_s=rng.uniform(*band.rooms),
        wetness=float(rng.uniform(0.3, 1.0)),
        loudness_lufs=fitting.draw_loudness_lufs(factors, rng),
    )


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    """One of the choices, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def _draw_ensemble(factors: Factors, rng: np.random.Generator) -> str:
    """Bands whose home is near are likelier; AMONG_BANDS leaves several that could as well play."""
    here = np.array([factors.pace, factors.energy, factors.warmth, factors.density, factors.tension, factors.sharpness])
    homes = np.array([band.home for band in ENSEMBLES.values()])
    weights = np.exp(-((homes - here) ** 2).sum(axis=1) / AMONG_BANDS)
    return str(rng.choice(list(ENSEMBLES), p=weights / weights.sum()))


def _draw_line_up(band: Ensemble, factors: Factors, rng: np.random.Generator, players: int) -> LineUp:
    """As many parts as there are players, the ones that carry a piece first; hard scenes get the harder instruments."""
    drawn = LineUp(
        lead=_ranked(rng, band.leads, _hardness, factors.sharpness),
        chords=_ranked(rng, band.chords, _hardness, factors.sharpness),
        pad=_ranked(rng, band.pads, _hardness, factors.sharpness),
        figure=_ranked(rng, band.figures, _steps_a_beat, factors.density),
        bass=_ranked(rng, band.basses, _hardness, factors.sharpness),
    )
    if not (drawn.lead or drawn.figure or drawn.pad or drawn.chords):
        return LineUp(pad=next((name for name in band.pads if name), "warm pad"), bass=drawn.bass)
    by_tune = ("lead", "figure", "chords", "pad", "bass")
    order = by_tune if rng.random() < 0.5 else ("pad", "lead", "chords", "bass", "figure")
    present = [part for part in order if getattr(drawn, part)][:players]
    return LineUp(**{part: getattr(drawn, part) for part in present})


def _draw_colour(band: Ensemble, factors: Factors, rng: np.random.Generator) -> str:
    """Chords without a third say neither happy nor sad, and are kept for scenes that are neither."""
    with_third = [colour for colour in band.colours if 2 in COLOURS[colour]]
    return pick(rng, with_third if with_third and rng.random() < 2.5 * abs(factors.warmth - 0.5) else band.colours)


def _ranked(
    rng: np.random.Generator, choices: Sequence[Choice], rank: Callable[[Choice], float], share: float
) -> Choice:
    """The choice that stands at a share 0 to 1 of all in the order of `rank`, or one near it."""
    ordered = sorted(choices, key=rank)
    return ordered[int(np.clip(len(ordered) * share + rng.normal(0, 0.3), 0, len(ordered) - 1))]


def _hardness(instrument: str | None) -> float:
    """How bright and how sudden an instrument's tone is; who is missing counts as soft."""
    if instrument is None:
        return -3.0
    timbre = INSTRUMENTS[instrument]
    return -timbre.slope - 4 * timbre.attack_s


def _strokes_a_bar(stroke: str) -> float:
    return len(STROKES[stroke].beats)


def _bass_notes_a_bar(pattern: str) -> float:
    return len(BASSES[pattern])


def _steps_a_beat(figure: Figure | None) -> float:
    return 0.0 if figure is None else 1 / FIGURES[figure[0]][1]
