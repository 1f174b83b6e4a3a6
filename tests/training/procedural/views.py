"""Views of scenes whose factors a test chooses, and the plans that tests draw for. Small, so that tests are quick."""

from dataclasses import replace

from app.domain import FramePlan, SoundPlan
from training.procedural.scene import ARC_KNOTS, Factors, View

FRAME_PLAN = FramePlan(
    instants=12, width=48, height=27, fit="stretch", interpolation="area", motion_instants=6, frame_budget=600
)
SOUND_PLAN = SoundPlan(rate_hz=11_025, windows=4, window_samples=2 * 11_025)
FLAT = (0.0,) * ARC_KNOTS
MIDDLING = Factors(pace=0.5, energy=0.5, warmth=0.5, light=0.5, density=0.5, tension=0.3, sharpness=0.5, height=0.5)


def factors_with(**levels: float) -> Factors:
    """Middling but for the factors named."""
    return replace(MIDDLING, **levels)


def view_with(*, arc: tuple[float, ...] = FLAT, **levels: float) -> View:
    return View(factors_with(**levels), arc)
