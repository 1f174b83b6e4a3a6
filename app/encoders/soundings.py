"""How tracks sound, told from their stored features where those have names. Knows no files and no model.

Axes: N tracks, S steps, E features.
"""

from app.character import Sounding
from app.domain import Float32Array
from app.encoders.signal_music import FEATURE_NAMES

NAMED_BACKBONE = "signal-music"
_BRIGHTNESS, _MAJOR, _MINOR, _ONSETS = (
    FEATURE_NAMES.index(name) for name in ("brightness_mean", "major_key_fit", "minor_key_fit", "onsets_per_s")
)


def soundings_of(features: Float32Array, *, backbone: str) -> tuple[Sounding | None, ...]:
    """One for each track of (N, S, E), means over its steps; None from a backbone whose features have no names."""
    if backbone != NAMED_BACKBONE:
        return (None,) * len(features)
    return tuple(_sounding(means_E) for means_E in features.mean(axis=1))


def _sounding(means_E: Float32Array) -> Sounding:
    return Sounding(
        brightness_octaves=float(means_E[_BRIGHTNESS]),
        major_less_minor=float(means_E[_MAJOR] - means_E[_MINOR]),
        onsets_per_s=float(means_E[_ONSETS]),
    )
