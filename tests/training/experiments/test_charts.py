from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from training.experiments.charts import WITH, WITHOUT, Line, draw_gains, draw_lines, draw_table
from training.experiments.exhibit import Cell, Exhibit, Row
from training.experiments.outcomes import Measured

TABLE = Exhibit(
    name="tableX",
    title="Table X",
    data="made up",
    rows=(
        Row("biLSTM (II-CLVM)", (Cell("R@1", 22.1, Measured(18.0, 1.5, 3)), Cell("R@10", 55.1, None))),
        Row("linear CCA", (Cell("R@1", None, Measured(9.0, 0.0, 1)),)),
    ),
)
LINES: dict[str, list[Line]] = {
    "R@1, %": [
        ("inter", WITHOUT, (16, 32), [Measured(1.0, 0.1, 3), Measured(2.0, 0.0, 3)]),
        ("inter-intra", WITH, (16, 32), [Measured(1.5, 0.1, 3), Measured(3.0, 0.2, 3)]),
    ]
}
GAINS = {"no noise": (Measured(10.0, 0.0, 1), Measured(12.0, 0.0, 1)), "most": (Measured(9.0, 0, 1), Measured(8, 0, 1))}


def pixels(path: Path) -> np.ndarray:
    """(height, width, 3) from 0 to 255; only a whole picture can be read."""
    assert path.read_bytes().startswith(b"\x89PNG")
    picture: np.ndarray = np.rint(255 * np.asarray(imread(path))[..., :3])
    return picture


def count_of(path: Path, colour: str) -> int:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return int((pixels(path) == wanted).all(axis=2).sum())


def test_a_table_is_drawn_with_bars_of_what_was_published_and_measured(tmp_path: Path) -> None:
    draw_table(TABLE, tmp_path / "new" / "table.png")
    path = tmp_path / "new" / "table.png"
    height, width, _ = pixels(path).shape
    assert width > height > 100
    assert count_of(path, "#9aa0a6") > 500
    assert count_of(path, "#0b6e99") > 500


def test_a_row_without_figures_has_no_bars(tmp_path: Path) -> None:
    bare = replace(TABLE, rows=(Row("nothing", (Cell("R@1", None, None), Cell("R@10", None, None))),))
    for name, exhibit in (("both.png", TABLE), ("bare.png", bare)):
        draw_table(exhibit, tmp_path / name)
    for colour in ("#9aa0a6", "#0b6e99"):
        assert count_of(tmp_path / "bare.png", colour) < count_of(tmp_path / "both.png", colour) / 4


def test_lines_have_their_colours(tmp_path: Path) -> None:
    draw_lines("Figure 6", LINES, tmp_path / "lines.png", xlabel="pairs a batch")
    assert count_of(tmp_path / "lines.png", WITHOUT) > 50
    assert count_of(tmp_path / "lines.png", WITH) > 50


def test_every_panel_is_as_wide_as_the_others(tmp_path: Path) -> None:
    draw_lines("one", LINES, tmp_path / "one.png", xlabel="x")
    draw_lines("two", LINES | {"R@10, %": LINES["R@1, %"]}, tmp_path / "two.png", xlabel="x")
    one, two = (pixels(tmp_path / f"{name}.png").shape[1] for name in ("one", "two"))
    assert two - one == 330


def test_a_gain_and_a_loss_are_told_apart(tmp_path: Path) -> None:
    draw_gains("Figure 7", GAINS, tmp_path / "both.png", ylabel="R@1, %")
    draw_gains("Figure 7", {"no noise": GAINS["no noise"]}, tmp_path / "gain.png", ylabel="R@1, %")
    # The gain alone is in the legend as well.
    assert count_of(tmp_path / "both.png", WITHOUT) > 500
    assert count_of(tmp_path / "gain.png", WITHOUT) == 0
    assert count_of(tmp_path / "gain.png", WITH) > 500


@pytest.mark.parametrize("kind", ["table", "lines", "gains"])
def test_the_same_figures_give_the_same_file_and_others_another(tmp_path: Path, kind: str) -> None:
    def drawn(name: str, shift: float) -> bytes:
        path, moved = tmp_path / name, Measured(18.0 + shift, 1.5, 3)
        if kind == "table":
            draw_table(replace(TABLE, rows=(Row("one", (Cell("R@1", 22.1, moved),)),)), path)
        elif kind == "lines":
            draw_lines("Figure", {"R@1": [("inter", WITH, (1, 2), [moved, Measured(5, 0, 1)])]}, path, xlabel="x")
        else:
            draw_gains("Figure", {"no noise": (moved, Measured(20, 0, 1))}, path, ylabel="y")
        return path.read_bytes()

    first = drawn("first.png", 0)
    assert drawn("second.png", 0) == first
    assert drawn("third.png", 1) != first


def test_the_file_does_not_name_the_library_that_drew_it(tmp_path: Path) -> None:
    draw_gains("Figure", GAINS, tmp_path / "gains.png", ylabel="y")
    assert b"Matplotlib" not in (tmp_path / "gains.png").read_bytes()
