"""From a score to sound: notes placed, parts levelled, panned, sent to the room, the whole brought to its loudness."""

import numpy as np

from app.domain import Float32Array
from training.procedural.drums import drum_of
from training.procedural.effects import Tone, distorted, limited, slope_db_per_octave, with_room
from training.procedural.instruments import INSTRUMENTS, WIDE, note_of
from training.procedural.loudness import block_energies, loudness_lufs
from training.procedural.score import Hit, Part, Score
from training.procedural.style import Style
from training.procedural.tones import Timbre

RING_S = 2.0
# By role: loudness against the lead in dB, place from left -1 to right 1, share sent to the room.
DESK = {
    "lead": (0.0, 0.0, 0.3),
    "second lead": (-5.0, 0.3, 0.3),
    "chords": (-5.5, -0.25, 0.22),
    "pad": (-9.0, 0.0, 0.4),
    "figure": (-6.5, 0.35, 0.3),
    "bass": (-6.0, 0.0, 0.03),
    "drone": (0.0, 0.0, 0.3),
}
DRUM_PANS = {
    "hat": 0.3,
    "open hat": 0.3,
    "ride": -0.35,
    "shaker": -0.4,
    "tambourine": 0.45,
    "tom high": 0.3,
    "tom low": -0.3,
}
DRUM_SENDS = {"kick": 0.02, "snare": 0.18, "clap": 0.25, "taiko": 0.3, "tom low": 0.25, "tom high": 0.25, "crash": 0.2}
DRUM_LEVEL = 0.34
PART_LEVEL = 0.1
CEILING = 0.86


def record(score: Score, style: Style, *, rate_hz: int, channels: int) -> Float32Array:
    """The score as sound, float32 (channels, samples), ringing out at the end, at the style's loudness."""
    samples = int((score.beats * 60 / score.tempo_bpm + RING_S) * rate_hz)
    dry = np.zeros((channels, samples), dtype=np.float32)
    send = np.zeros(samples, dtype=np.float32)
    pump = _pump(score, style, samples, rate_hz)
    for part in score.parts:
        level_db, pan, sent = DESK[part.role]
        level_db += _own_level_db(part, style)
        sound = _levelled(_played(part, score, style, samples, rate_hz, channels), level_db, rate_hz)
        if pump is not None and part.role != "lead":
            sound *= pump
        if part.role in ("lead", "figure") and style.echo:
            send += _echo(sound.mean(axis=0), score, rate_hz) * np.float32(style.echo)
        dry += sound * _panned(pan, channels)
        send += (sound.sum(axis=0) if len(sound) > 1 else sound[0]) * np.float32(sent * 2.2 / len(sound))
    _add_drums(score.hits, score, style, dry, send, rate_hz)
    send *= np.float32(style.wetness)
    if style.edge > 0:
        dry = np.tanh(dry * np.float32(12 * style.edge)) / np.float32(12 * style.edge)
    sound = with_room(dry, send, room_s=style.room_s, tone=_tone(dry[0], style, rate_hz), rate_hz=rate_hz)
    fade = min(samples, int(0.6 * rate_hz))
    sound[:, samples - fade :] *= np.linspace(1, 0, fade, dtype=np.float32) ** 2
    return mastered(sound, target_lufs=style.loudness_lufs, rate_hz=rate_hz)


def _own_level_db(part: Part, style: Style) -> float:
    """What a style adds to the desk: crowded music is full in the background, bare music leaves the lead alone."""
    levels_db = {"lead": 0.0, "second lead": 0.0, "bass": style.bass_db, "drone": style.drone_db}
    return levels_db.get(part.role, 9 * (style.density - 0.5))


def mastered(sound: Float32Array, *, target_lufs: float, rate_hz: int) -> Float32Array:
    """Brought to a loudness, and limited where that would clip (twice, since limiting makes it softer)."""
    for _ in range(2):
        measured = loudness_lufs(sound, rate_hz=rate_hz)
        if measured is None:
            return sound
        sound = sound * np.float32(10 ** ((target_lufs - measured) / 20))
        if max(sound.max(), -sound.min()) <= CEILING:
            return sound
        sound = limited(sound, ceiling=CEILING)
    return sound


def _tone(sound: Float32Array, style: Style, rate_hz: int) -> Tone:
    """Most of the way from the spectrum the band happens to have to the one the style wants, as in mastering."""
    missing = style.slope_db_per_octave - slope_db_per_octave(sound, rate_hz=rate_hz)
    return Tone(float(np.clip(0.95 * missing, -9, 9)), low_cut_hz=style.low_cut_hz)


def _played(part: Part, score: Score, style: Style, samples: int, rate_hz: int, channels: int) -> Float32Array:
    sides = channels if part.instrument in WIDE else 1
    out = np.zeros((sides, samples), dtype=np.float32)
    beat_s = 60 / score.tempo_bpm
    timbre = INSTRUMENTS[part.instrument]
    release = int(timbre.release_s * rate_hz)
    ramp = np.linspace(1, 0, release, dtype=np.float32) ** 2
    soft = int(style.attack_s * rate_hz) if part.role != "bass" else 0
    rise = np.linspace(0, 1, soft, dtype=np.float32)
    for note in part.notes:
        start, held = int(note.start * beat_s * rate_hz), int(note.length * beat_s * rate_hz)
        for side in range(sides):
            tone = note_of(part.instrument, note.pitch, rate_hz=rate_hz, length_s=(held + release) / rate_hz, side=side)
            for begin, length in _breaths(start, held, len(tone) - release, timbre, rate_hz):
                _place(out[side], tone, begin, length, rise, ramp, np.float32(note.velocity**1.5))
    return distorted(out, style.drive) if part.role == "chords" and style.drive else out


def _breaths(start: int, held: int, longest: int, timbre: Timbre, rate_hz: int) -> list[tuple[int, int]]:
    """A note in pieces as long as the instrument holds; the next begins while the last is let go, as bows change."""
    if held <= longest or timbre.decay_s is not None:
        return [(start, held)]
    step = max(longest - int(timbre.attack_s * rate_hz), rate_hz // 4)
    return [(start + late, min(longest, held - late)) for late in range(0, held, step)]


def _place(
    out: Float32Array,
    tone: Float32Array,
    start: int,
    held: int,
    rise: Float32Array,
    ramp: Float32Array,
    level: np.float32,
) -> None:
    """Adds a note that rises, is held for `held` samples and released by `ramp`; nothing is written beyond the end."""
    held = min(held, len(tone) - len(ramp), len(out) - start - len(ramp))
    if held <= 0:
        return
    soft = min(len(rise), held)
    out[start : start + soft] += level * tone[:soft] * rise[:soft]
    out[start + soft : start + held] += level * tone[soft:held]
    out[start + held : start + held + len(ramp)] += level * tone[held : held + len(ramp)] * ramp


def _levelled(sound: Float32Array, level_db: float, rate_hz: int) -> Float32Array:
    """Brought to one K-weighted level where it sounds, so that no instrument drowns the others."""
    energies = block_energies(sound, rate_hz=rate_hz, every=3) / len(sound)
    # Only blocks within 20 dB of the loudest: a part that rests most of the time must not be blown up.
    loud = float(np.quantile(energies[energies >= 0.01 * energies.max()], 0.8))
    levelled: Float32Array = sound * np.float32(PART_LEVEL * 10 ** (level_db / 20) / np.sqrt(max(loud, 1e-8)))
    return levelled


def _panned(pan: float, channels: int) -> Float32Array:
    if channels == 1:
        return np.ones((1, 1), dtype=np.float32)
    angle = (pan + 1) * np.pi / 4
    gains: Float32Array = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32) * np.float32(np.sqrt(2))
    return gains


def _pump(score: Score, style: Style, samples: int, rate_hz: int) -> Float32Array | None:
    """The ducking of everything under the kick drum, known from dance music."""
    if not style.pump or not score.hits:
        return None
    beat = np.arange(samples, dtype=np.float32) * np.float32(score.tempo_bpm / 60 / rate_hz) % 1
    ducked: Float32Array = 1 - np.float32(style.pump) * np.exp(-6 * beat)
    return ducked


def _echo(sound: Float32Array, score: Score, rate_hz: int) -> Float32Array:
    out = np.zeros_like(sound)
    for repeat in (1, 2, 3):
        late = int(repeat * 0.75 * 60 / score.tempo_bpm * rate_hz)
        if late < len(sound):
            out[late:] += sound[: len(sound) - late] * np.float32(0.55**repeat)
    return out


def _add_drums(
    hits: tuple[Hit, ...], score: Score, style: Style, dry: Float32Array, send: Float32Array, rate_hz: int
) -> None:
    beat_s = 60 / score.tempo_bpm
    for hit in hits:
        sound = drum_of(style.kit, hit.drum, rate_hz=rate_hz)
        start = int(hit.start * beat_s * rate_hz)
        sound = sound[: max(0, dry.shape[1] - start)] * np.float32(DRUM_LEVEL * style.drum_gain * hit.velocity**1.5)
        dry[:, start : start + len(sound)] += sound * _panned(DRUM_PANS.get(hit.drum, 0.0), len(dry))
        if hit.drum in DRUM_SENDS:
            send[start : start + len(sound)] += sound * np.float32(DRUM_SENDS[hit.drum])
