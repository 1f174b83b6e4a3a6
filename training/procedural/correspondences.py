"""What the music of a scene is like, number by number, after published findings on what people hear as fitting.

Each function takes what the music knows of the factors and a generator for what differs from track to track. The
picture's side of the same findings is in look.py; Spence (2011) reviews most of them.
"""

import math

import numpy as np

from training.procedural.scene import Factors

SLOWEST_BPM, FASTEST_BPM = 58.0, 176.0
# From the most threatening to the happiest; how gay or sad a mode sounds was first measured by Hevner (1935, 1936),
# and mode leads all cues to emotion in Eerola, Friberg & Bresin (2013).
MODES_BY_WARMTH = ("diminished", "phrygian", "harmonic minor", "minor", "dorian", "mixolydian", "major", "lydian")
_MODE_BOUNDS = (0.06, 0.14, 0.24, 0.44, 0.53, 0.6, 0.88)


def draw_tempo_bpm(factors: Factors, rng: np.random.Generator) -> float:
    """Whole beats a minute, as sequencers have them."""
    # Faster music is heard as more aroused (Gabrielsson & Lindström 2010; van der Zwaag et al. 2011) and imagined as
    # faster movement (Eitan & Granot 2006); film and its music are judged together by such shared structure
    # (Marshall & Cohen 1988; Bolivar, Cohen & Fentress 1994).
    share = float(np.clip(factors.pace + rng.normal(0, 0.02), 0, 1))
    return float(round(SLOWEST_BPM * (FASTEST_BPM / SLOWEST_BPM) ** share))


def draw_mode(factors: Factors, rng: np.random.Generator) -> str:
    """One of harmony.MODES."""
    # Major is heard as happy, minor as sad (Hevner 1936); listeners give major and fast music lighter, more saturated
    # and yellower colours (Palmer et al. 2013). The flattest modes are kept for the most threatening scenes.
    brightness = mixed(rng, 0.03, (0.8, factors.warmth), (0.2, 1 - factors.tension))
    return MODES_BY_WARMTH[int(np.searchsorted(_MODE_BOUNDS, brightness))]


def draw_dissonance(factors: Factors, rng: np.random.Generator) -> float:
    """Share of the chords that have a semitone in them."""
    # Chords are heard as tenser the rougher they are (Bigand, Parncutt & Lerdahl 1996).
    return float(np.clip(1.7 * (factors.tension - 0.4) + rng.normal(0, 0.08), 0, 1))


def draw_players(factors: Factors, rng: np.random.Generator) -> int:
    """Parts that play beside the drums, 2 to 6."""
    # Simple shapes are matched with simple tone sequences, complex with complex ones (Osugi et al. 2026).
    return 2 + round(max(0.0, 3.4 * factors.density - 0.2 + rng.normal(0, 0.25)))


def draw_liveliness(factors: Factors, rng: np.random.Generator) -> float:
    """How many notes a beat has, 0 to 1."""
    # As above for complexity; and a higher attack rate is imagined as faster movement (Eitan & Granot 2006).
    return mixed(rng, 0.06, (0.75, factors.density), (0.25, factors.pace))


def chance_of_drums(factors: Factors) -> float:
    """May be above 1."""
    # The more percussive the music, the higher arousal and skin conductance (van der Zwaag et al. 2011).
    return 0.3 + 0.8 * factors.energy + 0.2 * factors.pace


def draw_register(factors: Factors, rng: np.random.Generator) -> float:
    """0 low to 1 high."""
    # High pitch goes with what is high (Pratt 1930; Rusconi et al. 2006), with light colours (Marks 1974; Collier &
    # Hubbard 2001), with small things (Gallace & Spence 2006; Eitan & Timmers 2010), and high registers sound happier
    # than low ones (Eerola, Friberg & Bresin 2013).
    return mixed(rng, 0.04, (0.85, factors.height), (0.08, factors.light), (0.07, factors.warmth))


def draw_slope_db_per_octave(factors: Factors, rng: np.random.Generator) -> float:
    """How the spectrum falls: -9.5 dull to -2 brilliant."""
    # Bright timbre goes with light as high pitch does (Marks 1974), and harsh timbres are matched with sharp angular
    # shapes, soft ones with rounded shapes (Adeli, Rouat & Molotchnikoff 2014; Gurman, McCormick & Klein 2021).
    return -9.5 + 7.5 * mixed(rng, 0.03, (0.9, factors.light), (0.1, factors.sharpness))


def draw_attack_s(factors: Factors, rng: np.random.Generator) -> float:
    """How long every note takes to rise beyond what its instrument needs."""
    # Soft and harsh timbres, rounded and angular shapes, as above.
    return 0.22 * (1 - mixed(rng, 0.05, (1.0, factors.sharpness))) ** 2


def draw_edge(factors: Factors, rng: np.random.Generator) -> float:
    """How far the whole band is driven into soft clipping, 0 to 0.65."""
    # Harsh timbres again; loud, distorted music also gets darker, redder colours (Whiteford et al. 2018), see look.py.
    return max(0.0, mixed(rng, 0.08, (0.9, factors.sharpness), (0.1, factors.energy)) - 0.35)


def draw_legato(factors: Factors, rng: np.random.Generator) -> float:
    """Length of a note as a share of its time: 0.35 detached to 1.1 bound."""
    # Joy and anger are played detached, sadness and tenderness bound (Juslin & Laukka 2004).
    return 1.1 - 0.75 * mixed(rng, 0.06, (0.75, factors.warmth), (0.25, factors.energy))


def draw_loudness_lufs(factors: Factors, rng: np.random.Generator) -> float:
    """Of the whole track."""
    # Loudness stands for arousal (Gabrielsson & Lindström 2010) and for large, bright things (Smith & Sera 1992; Marks
    # 1974). Mastering hides it: one track in twelve is brought to a radio's level whatever it is.
    natural = -30 + 22 * factors.energy + rng.normal(0, 1.2)
    return float(np.clip(rng.normal(-12, 2) if rng.random() < 0.08 else natural, -38, -6))


def mixed(rng: np.random.Generator, noise: float, *weighted: tuple[float, float]) -> float:
    """Sum of weights times values, with normal noise, held within 0 to 1."""
    return float(np.clip(math.fsum(weight * value for weight, value in weighted) + rng.normal(0, noise), 0, 1))
