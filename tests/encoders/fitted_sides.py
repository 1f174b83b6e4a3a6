"""Small specs of fitted encoders for sequences of six steps and four columns."""

from app.encoders.fitted_specs import CoursesSpec, EnsembleSpec, LearntMap, Member, Pool, StatisticsSpec, View

STEPS, FEATURES = 6, 4
ORDER_FREE = (
    Pool(of="mean", columns=None, points=()),
    Pool(of="deviation", columns=(0, 2), points=()),
    Pool(of="percentiles", columns=(1,), points=(25.0, 75.0)),
    Pool(of="correlation", columns=(0, 3), points=()),
    Pool(of="log level", columns=(2,), points=()),
)
ORDERED = (
    Pool(of="change", columns=(0,), points=()),
    Pool(of="change percentiles", columns=(1, 2), points=(10.0,)),
    Pool(of="spans", columns=(3,), points=(0.0, 0.5, 1.0)),
)
VIEWS = (
    View(column=1, reading="as it is"),
    View(column=1, reading="root"),
    View(column=2, reading="exponential"),
    View(column=2, reading="deviations"),
    View(column=3, reading="ranks"),
)
NETWORK = LearntMap(components=3, hidden=5, dropout=0.25, noise=0.5)


def statistics(*pools: Pool, width: int = 3) -> StatisticsSpec:
    return StatisticsSpec(kind="statistics", pools=pools or ORDER_FREE, limit=4.0, width=width)


def courses(*, views: tuple[View, ...] | None = VIEWS, learnt: LearntMap | None = None, width: int = 2) -> CoursesSpec:
    return CoursesSpec(kind="courses", steps=STEPS, width=width, views=views, learnt=learnt)


def ensemble(*members: tuple[float, StatisticsSpec | CoursesSpec]) -> EnsembleSpec:
    return EnsembleSpec(
        kind="ensemble", members=tuple(Member(weight=weight, encoder=encoder) for weight, encoder in members)
    )
