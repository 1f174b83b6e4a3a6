"""The paper's figures 4 to 7 as experiments: curves and bars of runs that differ in one thing."""

from dataclasses import replace
from pathlib import Path

from app.errors import SetupError
from training.classes import NOISES
from training.experiments.charts import WITH, WITHOUT, Line, draw_gains, draw_lines
from training.experiments.exhibit import Cell, Exhibit, Row
from training.experiments.outcomes import Laboratory, Measured, Outcome, Way
from training.experiments.published import FIGURE_4_CLOTHO
from training.experiments.tables import data_of, sized
from training.paper_runs import GAMMA_INTRA, Size, captions_run, classes_run, clvm_run
from training.run_config import RunConfig

GAMMAS = (0.0, 3.0, 6.0, 10.0)
BATCHES = (16, 32, 64, 128, 256)
# Of few pairs a large batch makes few steps: the paper's number of epochs, also where all else is small.
BATCH_EPOCHS = 30
CLASSES_GAMMA = 6.0
_LOSSES = (("inter", 0.0, WITHOUT), ("inter-intra", GAMMA_INTRA, WITH))


def figure_4(set_name: str, lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """R@1 against γ2 on a captioned set; the paper tells two points, of Clotho."""
    medium = lab.pairs.query[0]
    outcomes = [_ran(lab, sized(captions_run(medium=medium, gamma_intra=gamma, size=size), size)) for gamma in GAMMAS]
    rows, lines = [], []
    ways: tuple[tuple[str, Way, str], ...] = (
        (f"{medium} → text", "query_to_target", WITHOUT),
        (f"text → {medium}", "target_to_query", WITH),
    )
    for told, way, colour in ways:
        found = [outcome.recall(way, 1, pool=None) for outcome in outcomes]
        published = FIGURE_4_CLOTHO if set_name == "clotho" and way == "query_to_target" else {}
        cells = [
            Cell(f"γ2 = {gamma:g}", published.get(gamma), value) for gamma, value in zip(GAMMAS, found, strict=True)
        ]
        rows.append(Row(f"R@1, {told}", tuple(cells)))
        lines.append((told, colour, GAMMAS, [value for value in found if value is not None]))
    name = f"figure4-{set_name}"
    title = f"Figure 4: R@1 against the intra weight, {set_name}"
    draw_lines(title, {"R@1, %": lines}, folder / f"{name}.png", xlabel="γ2")
    return Exhibit(name, title, data_of(lab), tuple(rows), picture=f"{name}.png")


def figure_5(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """Inter loss, intra loss and R@1 by epoch, with and without back-propagating the intra loss."""
    medium = lab.pairs.query[0]
    if not len(lab.pairs.items_of("validation")):
        raise SetupError("figure 5 shows recall by epoch, and these pairs have no validation split")
    curves = {
        "inter loss, training": lambda epoch: epoch["parts"]["inter"],
        "intra loss, training": lambda epoch: epoch["parts"]["intra"],
        "R@1 on validation, %": lambda epoch: 100 * epoch["validation"]["alone"]["query_to_target"]["r1"],
    }
    panels: dict[str, list[Line]] = {name: [] for name in curves}
    rows = []
    for label, gamma, colour in _LOSSES:
        outcome = _ran(lab, sized(captions_run(medium=medium, gamma_intra=gamma, size=size), size))
        for name, figure in curves.items():
            measured = outcome.curve(figure)
            panels[name].append((label, colour, range(1, len(measured) + 1), measured))
        last = tuple(Cell(f"{name}, last epoch", None, panels[name][-1][3][-1]) for name in curves)
        rows.append(Row(label, last))
    title = "Figure 5: losses and recall by epoch"
    draw_lines(title, panels, folder / "figure5.png", xlabel="epoch")
    notes = ("Where the intra loss is not back-propagated it is computed all the same, as in the paper.",)
    curve = tuple(
        Row(f"{label}, epoch {epoch}", (Cell(name, None, value),))
        for name, drawn in panels.items()
        for label, _, epochs, values in drawn
        for epoch, value in zip(epochs, values, strict=True)
    )
    return Exhibit("figure5", title, data_of(lab), tuple(rows), notes, picture="figure5.png", sheet_rows=curve)


def figure_6(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """R@k against batch size, with and without the intra loss; the learning rate stays."""
    batches = [batch for batch in BATCHES if batch <= len(lab.pairs.items_of("train")) // 2]
    rows: list[Row] = []
    panels: dict[str, list[Line]] = {f"R@{k}, %": [] for k in (1, 10, 25)}
    for label, gamma, colour in _LOSSES:
        outcomes = [_ran(lab, _batched(size, gamma, batch)) for batch in batches]
        for k in (1, 10, 25):
            found = [_recall(outcome, k) for outcome in outcomes]
            panels[f"R@{k}, %"].append((label, colour, batches, found))
            cells = [Cell(f"B = {batch}", None, value) for batch, value in zip(batches, found, strict=True)]
            rows.append(Row(f"R@{k}, {label}", tuple(cells)))
    title = "Figure 6: recall against batch size, video → music"
    draw_lines(title, panels, folder / "figure6.png", xlabel="pairs a batch")
    notes = ("Every batch size sees the same number of epochs, so that a larger batch takes fewer steps.",)
    return Exhibit("figure6", title, data_of(lab), tuple(rows), notes, picture="figure6.png")


def figure_7(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """What the intra loss gains the more pairs of one class stand in a batch (Caltech-256, γ2 = 6, batches of 128)."""
    rows, groups = [], {}
    for noise in NOISES:
        runs = [classes_run(noise=noise, gamma_intra=gamma, size=size) for gamma in (0.0, CLASSES_GAMMA)]
        without, with_intra = (_ran(lab, sized(run, size)) for run in runs)
        pairs = {k: (_recall(without, k), _recall(with_intra, k)) for k in (1, 10)}
        cells = [
            Cell(f"R@{k}, {label}", None, value)
            for k, both in pairs.items()
            for label, value in zip(("inter", "inter-intra"), both, strict=True)
        ]
        rows.append(Row(f"{noise} noise", tuple(cells)))
        groups[f"{noise} noise"] = pairs[1]
    title = "Figure 7: gain by the intra loss against noise in the batch"
    draw_gains(title, groups, folder / "figure7.png", ylabel="R@1, %")
    return Exhibit("figure7", title, data_of(lab), tuple(rows), picture="figure7.png")


def _batched(size: Size, gamma: float, batch: int) -> RunConfig:
    return replace(sized(clvm_run(gamma_intra=gamma, size=size), size), batch_pairs=batch, epochs=BATCH_EPOCHS)


def _ran(lab: Laboratory, run: RunConfig) -> Outcome:
    """Raises SetupError where these pairs cannot feed the run: a figure shows nothing without it."""
    outcome = lab.outcome(run)
    if not outcome.seeds:
        raise SetupError(f"{run.name} cannot be run: {lab.refusals[run.name]}")
    return outcome


def _recall(outcome: Outcome, k: int) -> Measured:
    """In pools of 1000 where there are so many, else of the whole split. Raises ValueError where nothing was run."""
    found = outcome.recall("query_to_target", k, pool=1000) or outcome.recall("query_to_target", k, pool=None)
    if found is None:
        raise ValueError(f"{outcome.run.name} was not run")
    return found
