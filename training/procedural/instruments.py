"""The orchestra: every instrument by name, and its notes, which are kept once made. Knows no score."""

from functools import lru_cache

from app.domain import Float32Array
from training.procedural.tones import LONGEST_S, Timbre, sound_of

_BAR_RATIOS = (1.0, 3.93, 9.2)
_BELL_RATIOS = (0.5, 1.0, 1.19, 1.5, 2.0, 2.74, 3.0, 4.1, 5.43)

INSTRUMENTS: dict[str, Timbre] = {
    # Struck and plucked: they fade by themselves.
    "piano": Timbre(
        slope=1.15,
        harmonics=26,
        stiffness=0.0004,
        decay_s=5.0,
        damping=0.22,
        knock=0.25,
        voices=2,
        detune_cents=0.8,
        release_s=0.18,
    ),
    "felt piano": Timbre(
        slope=2.0,
        harmonics=14,
        stiffness=0.0003,
        decay_s=4.0,
        damping=0.35,
        attack_s=0.012,
        knock=0.35,
        voices=2,
        detune_cents=1.2,
        release_s=0.25,
    ),
    "electric piano": Timbre(
        ratios=(1, 2, 3, 4, 7, 14),
        slope=1.6,
        decay_s=4.0,
        damping=0.5,
        attack_s=0.006,
        voices=2,
        detune_cents=2.5,
        release_s=0.15,
    ),
    "nylon guitar": Timbre(slope=1.35, harmonics=18, pluck=0.22, decay_s=2.6, damping=0.3, knock=0.3),
    "steel guitar": Timbre(
        slope=0.9, harmonics=28, pluck=0.13, decay_s=3.4, damping=0.18, knock=0.3, voices=2, detune_cents=3.0
    ),
    "muted guitar": Timbre(slope=0.8, harmonics=20, pluck=0.1, decay_s=0.35, damping=0.15, knock=0.5),
    "harp": Timbre(slope=1.5, harmonics=16, pluck=0.35, decay_s=3.6, damping=0.28, release_s=0.6),
    "koto": Timbre(slope=0.85, harmonics=22, pluck=0.07, decay_s=1.6, damping=0.2, knock=0.35),
    "music box": Timbre(ratios=(1, 3.0, 6.27, 9.9), slope=1.3, decay_s=2.2, damping=0.9, release_s=0.8),
    "celesta": Timbre(ratios=(1, 2, 4.0, 7.9), slope=1.9, decay_s=2.0, damping=0.7, release_s=0.5),
    "marimba": Timbre(ratios=_BAR_RATIOS, slope=1.5, decay_s=0.9, damping=1.6, knock=0.2, release_s=0.3),
    "xylophone": Timbre(ratios=(1, 3, 6.1, 9.9), slope=0.9, decay_s=0.45, damping=0.6, knock=0.5, release_s=0.2),
    "vibraphone": Timbre(
        ratios=(1, 4, 10.2), slope=2.0, decay_s=3.5, damping=1.5, voices=2, detune_cents=4.0, release_s=0.4
    ),
    "kalimba": Timbre(ratios=(1, 2.0, 5.4, 6.1), slope=2.2, decay_s=1.6, damping=1.2, knock=0.3, release_s=0.3),
    "bell": Timbre(ratios=_BELL_RATIOS, slope=0.7, decay_s=4.5, damping=0.35, release_s=1.0),
    "pizzicato": Timbre(slope=1.4, harmonics=14, decay_s=0.5, damping=0.25, knock=0.2, voices=3, detune_cents=8.0),
    "synth pluck": Timbre(
        slope=0.95, harmonics=30, decay_s=0.9, damping=0.35, voices=3, detune_cents=8.0, release_s=0.12
    ),
    # Held: they sound until they are let go.
    "warm pad": Timbre(slope=1.9, harmonics=18, voices=4, detune_cents=9.0, attack_s=0.45, release_s=0.9),
    "bright pad": Timbre(slope=1.15, harmonics=24, voices=5, detune_cents=12.0, attack_s=0.25, release_s=0.6),
    "glass pad": Timbre(ratios=(1, 2, 3, 5, 8.02), slope=1.6, voices=3, detune_cents=5.0, attack_s=0.6, release_s=1.2),
    "drone": Timbre(slope=1.05, harmonics=30, even=0.7, voices=4, detune_cents=14.0, attack_s=0.8, release_s=1.2),
    "strings": Timbre(
        slope=1.25,
        harmonics=22,
        voices=5,
        detune_cents=10.0,
        attack_s=0.16,
        release_s=0.35,
        formants_hz=(500, 1200, 2600),
        breath=0.03,
    ),
    "tremolo strings": Timbre(
        slope=1.1,
        harmonics=22,
        voices=6,
        detune_cents=28.0,
        attack_s=0.08,
        release_s=0.3,
        formants_hz=(500, 1200, 2600),
        breath=0.06,
    ),
    "violin": Timbre(
        slope=1.0,
        harmonics=22,
        formants_hz=(480, 1100, 2700),
        attack_s=0.07,
        release_s=0.16,
        vibrato_cents=18.0,
        breath=0.04,
    ),
    "cello": Timbre(
        slope=1.2,
        harmonics=22,
        formants_hz=(250, 600, 1500),
        attack_s=0.09,
        release_s=0.2,
        vibrato_cents=14.0,
        breath=0.04,
    ),
    "choir": Timbre(
        slope=0.9,
        harmonics=26,
        formants_hz=(600, 1000, 2800),
        voices=5,
        detune_cents=11.0,
        attack_s=0.3,
        release_s=0.6,
        breath=0.06,
    ),
    "voice": Timbre(
        slope=0.8,
        harmonics=28,
        formants_hz=(650, 1080, 2650, 3300),
        attack_s=0.08,
        release_s=0.14,
        vibrato_cents=26.0,
        breath=0.05,
    ),
    "organ": Timbre(
        ratios=(0.5, 1, 1.5, 2, 3, 4, 6, 8), slope=0.65, voices=2, detune_cents=2.0, attack_s=0.02, release_s=0.07
    ),
    "accordion": Timbre(slope=0.75, harmonics=20, even=0.8, voices=2, detune_cents=9.0, attack_s=0.05, release_s=0.08),
    "brass": Timbre(
        slope=0.75, harmonics=18, formants_hz=(900, 1500), voices=3, detune_cents=6.0, attack_s=0.05, release_s=0.12
    ),
    "horn": Timbre(
        slope=1.5, harmonics=14, formants_hz=(450,), voices=2, detune_cents=4.0, attack_s=0.09, release_s=0.2
    ),
    "flute": Timbre(slope=2.2, harmonics=8, attack_s=0.06, release_s=0.1, vibrato_cents=12.0, breath=0.09),
    "clarinet": Timbre(slope=1.2, harmonics=16, even=0.15, attack_s=0.04, release_s=0.08, breath=0.02),
    "soft lead": Timbre(
        slope=1.9, harmonics=10, even=0.2, attack_s=0.03, release_s=0.12, vibrato_cents=10.0, voices=2, detune_cents=4.0
    ),
    "saw lead": Timbre(slope=1.0, harmonics=34, voices=3, detune_cents=11.0, attack_s=0.008, release_s=0.08),
    "square lead": Timbre(slope=1.0, harmonics=30, even=0.0, attack_s=0.006, release_s=0.05, vibrato_cents=10.0),
    "chip pulse": Timbre(slope=1.0, harmonics=36, pluck=0.25, attack_s=0.002, release_s=0.015),
    "chip square": Timbre(slope=1.0, harmonics=36, even=0.0, attack_s=0.002, release_s=0.015),
    "rock guitar": Timbre(
        slope=0.8,
        harmonics=24,
        pluck=0.12,
        decay_s=7.0,
        damping=0.12,
        attack_s=0.003,
        voices=2,
        detune_cents=6.0,
        release_s=0.05,
    ),
    # Basses.
    "upright bass": Timbre(slope=1.5, harmonics=14, pluck=0.3, decay_s=2.2, damping=0.35, knock=0.35, release_s=0.1),
    "finger bass": Timbre(slope=1.35, harmonics=16, pluck=0.2, decay_s=4.5, damping=0.22, knock=0.2),
    "picked bass": Timbre(slope=0.95, harmonics=24, pluck=0.1, decay_s=4.0, damping=0.15, knock=0.4),
    "sub bass": Timbre(slope=2.8, harmonics=4, attack_s=0.012, release_s=0.07),
    "synth bass": Timbre(
        slope=1.0, harmonics=28, decay_s=6.0, damping=0.25, voices=2, detune_cents=5.0, attack_s=0.005, release_s=0.05
    ),
    "chip bass": Timbre(slope=2.0, harmonics=12, even=0.0, attack_s=0.002, release_s=0.015),
}

# Tones that fill the room: the two ears get different copies.
WIDE = frozenset(
    {
        "warm pad",
        "bright pad",
        "glass pad",
        "drone",
        "strings",
        "tremolo strings",
        "choir",
        "rock guitar",
        "electric piano",
        "vibraphone",
        "synth pluck",
        "piano",
        "felt piano",
        "steel guitar",
        "saw lead",
    }
)


# Notes are kept at a few lengths, so that short ones take little room.
_KEPT_LENGTHS_S = (0.35, 0.8, 1.6, LONGEST_S)


def note_of(instrument: str, pitch: int, *, rate_hz: int, length_s: float, side: int = 0) -> Float32Array:
    """A note of a named instrument, not to be written to; as long as asked for or longer, LONGEST_S at most."""
    kept_s = next((kept for kept in _KEPT_LENGTHS_S if kept >= length_s), LONGEST_S)
    return _kept_note(instrument, pitch, rate_hz, kept_s, side)


# Notes are the same whoever asks, and training asks for the same thousand again and again (about 270 MB at 22,050 Hz).
@lru_cache(maxsize=4000)
def _kept_note(instrument: str, pitch: int, rate_hz: int, length_s: float, side: int) -> Float32Array:
    sound = sound_of(INSTRUMENTS[instrument], pitch, rate_hz=rate_hz, length_s=length_s, side=side)
    sound.setflags(write=False)
    return sound
