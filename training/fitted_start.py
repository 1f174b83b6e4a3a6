"""How towers are fitted before they are trained: settings only. Fits nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FittedStart:
    """Ridges are shares of each side's mean variance, added to every variance.

    Statistics: each block of more than `components` values is cut down to so many principal components; both sides
    weigh a direction by its correlation to the power of `statistics_power`. Courses: the query alone weighs it, by the
    correlation itself; learnt ones start from whitened components, and so from a ridge of their own.
    """

    components: int = 100
    statistics_ridge: float = 1.0
    statistics_power: float = 1.5
    query_courses_ridge: float = 1.0
    query_components_ridge: float = 0.5
    target_courses_ridge: float = 0.3
