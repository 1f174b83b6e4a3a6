"""Pictures of exhibits, drawn without a display. They show figures and compute none.

Published and measured values never share a bar or a line: they come of different data.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.experiments.exhibit import Exhibit
from training.experiments.outcomes import Measured

# Distinct for colour-blind readers, and in grey.
PUBLISHED, WITHOUT, WITH = "#9aa0a6", "#0b6e99", "#d1495b"
Line = tuple[str, str, Sequence[float], Sequence[Measured]]


def draw_table(exhibit: Exhibit, path: Path) -> None:
    """A panel a column: a published and a measured bar for each row, with the deviation over seeds."""
    columns = exhibit.columns()
    with _figure(path, len(columns), height=0.9 + 0.42 * len(exhibit.rows), title=exhibit.title) as panels:
        for panel, column in zip(panels, columns, strict=True):
            _bars(panel, exhibit, column, is_first=panel is panels[0])
        figure = panels[0].figure
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)


def draw_lines(title: str, panels_lines: Mapping[str, Sequence[Line]], path: Path, *, xlabel: str) -> None:
    """A panel of lines each; a line is its label, colour, x and measured y."""
    with _figure(path, len(panels_lines), height=3.4, title=title) as panels:
        for panel, (name, lines) in zip(panels, panels_lines.items(), strict=True):
            for label, colour, xs, ys in lines:
                means, deviations = np.array([y.mean for y in ys]), np.array([y.deviation for y in ys])
                panel.plot(xs, means, color=colour, label=label, marker="o", markersize=3)
                panel.fill_between(xs, means - deviations, means + deviations, color=colour, alpha=0.2, linewidth=0)
            panel.set_title(name, fontsize=10)
            panel.set_xlabel(xlabel)
        panels[0].legend(frameon=False, fontsize=8)


def draw_gains(title: str, groups: Mapping[str, tuple[Measured, Measured]], path: Path, *, ylabel: str) -> None:
    """Bars without the intra loss, with the gain (or loss) by it on top."""
    with _figure(path, 1, height=3.4, title=title) as panels:
        panel, names = panels[0], list(groups)
        without, with_intra = (np.array([groups[name][at].mean for name in names]) for at in (0, 1))
        gain = with_intra - without
        panel.bar(names, without, color=PUBLISHED, label="inter loss alone")
        panel.bar(
            names,
            gain,
            bottom=without,
            color=[WITH if value >= 0 else WITHOUT for value in gain],
            label="inter-intra: gain",
        )
        for at, value in enumerate(gain):
            panel.annotate(f"{value:+.1f}", (at, max(without[at], with_intra[at])), ha="center", va="bottom")
        panel.set_ylabel(ylabel)
        panel.legend(frameon=False, fontsize=8)


def _bars(panel: Axes, exhibit: Exhibit, column: str, *, is_first: bool) -> None:
    labels = [row.label for row in exhibit.rows]
    found = [{cell.column: cell for cell in row.cells}.get(column) for row in exhibit.rows]
    at = np.arange(len(labels))
    published = [cell.published if cell is not None and cell.published is not None else np.nan for cell in found]
    ours = [cell.measured if cell is not None else None for cell in found]
    means = [value.mean if value is not None else np.nan for value in ours]
    errors = [value.deviation if value is not None else 0.0 for value in ours]
    panel.barh(at - 0.2, published, 0.38, color=PUBLISHED, label="published, on the paper's data")
    panel.barh(at + 0.2, means, 0.38, xerr=errors, color=WITHOUT, label="measured, on the data named")
    panel.set_yticks(at, labels if is_first else [""] * len(labels))
    panel.invert_yaxis()
    panel.set_title(f"{column}, %", fontsize=10)


@contextmanager
def _figure(path: Path, count: int, *, height: float, title: str) -> Iterator[Sequence[Axes]]:
    figure = Figure(figsize=(2.2 + 3.0 * count, height), layout="constrained")
    FigureCanvasAgg(figure)
    panels = [figure.add_subplot(1, count, number + 1) for number in range(count)]
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=11)
    yield panels
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the version of the library in it, the same figures give the same file.
    figure.savefig(path, dpi=110, metadata={"Software": None})
