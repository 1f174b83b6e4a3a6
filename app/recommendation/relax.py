"""Which filter costs a list most. Pure: asks whoever counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.filters import TrackFilter

# Two bounds are one filter to whoever set them.
PAIRS = {"bpm": ("bpm_min", "bpm_max"), "duration": ("duration_min", "duration_max")}
NOTHING = TrackFilter()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Without the filter `would_match` tracks match, with it `matching`."""

    filter: str
    would_match: int
    matching: int


def relaxation(wanted: TrackFilter, *, matching: int, count: Callable[[TrackFilter], int]) -> Relaxation | None:
    """The filter whose removal adds most; None where no single one adds anything. `count`: how many tracks match."""
    counted = [Relaxation(name, count(_without(wanted, fields)), matching) for name, fields in _given(wanted).items()]
    best = max(counted, key=lambda one: one.would_match, default=None)
    return best if best is not None and best.would_match > matching else None


def _given(wanted: TrackFilter) -> dict[str, tuple[str, ...]]:
    """The filters that narrow anything, as a person names them, and the fields that make each."""
    named = {field: name for name, fields in PAIRS.items() for field in fields}
    found: dict[str, tuple[str, ...]] = {}
    for field in wanted.given():
        name = named.get(field, field)
        found[name] = (*found.get(name, ()), field)
    return found


def _without(wanted: TrackFilter, fields: tuple[str, ...]) -> TrackFilter:
    return replace(wanted, **{field: getattr(NOTHING, field) for field in fields})
