"""The paper's tables as experiments: which runs, which columns, and what was published in them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from training.experiments.charts import draw_table
from training.experiments.exhibit import Cell, Exhibit, Row
from training.experiments.outcomes import Laboratory, Outcome, Way
from training.experiments.published import CAPTIONS, TABLE_1, TABLE_2A, TABLE_2B, TABLE_4, Three
from training.pair_set import SPLITS
from training.paper_runs import (
    GAMMA_INTRA,
    PAPER,
    EncoderKind,
    Size,
    captions_run,
    cbvmr_run,
    cca_run,
    cltm_run,
    clvm_run,
    clvtm_run,
    cme_run,
    small,
    triplet_run,
)
from training.run_config import RunConfig

AT = (1, 10, 25)
_LOSSES = (("CLVM", 0.0), ("II-CLVM", GAMMA_INTRA))
_INTRA = (("", 0.0), ("II-", GAMMA_INTRA))
NOTHING: Three = (None, None, None)
_KINDS: tuple[tuple[str, EncoderKind], ...] = (("FC", "fc"), ("GCN", "gcn"), ("Att", "attention"), ("biLSTM", "bilstm"))
_WORDS: tuple[tuple[str, Literal["title", "keywords"]], ...] = (("keyword", "keywords"), ("title", "title"))


def table_1(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """Fixed-duration against global sparse sampling, biLSTM, of 1000."""
    samplings: tuple[Literal["fd", "gs"], ...] = ("fd", "gs")
    rows = []
    for sampling in samplings:
        for name, gamma in _LOSSES:
            label = f"biLSTM ({name}) {sampling.upper()}"
            outcome = lab.outcome(sized(clvm_run(gamma_intra=gamma, sampling=sampling, size=size), size))
            rows.append(Row(label, _cells(outcome, TABLE_1[label], 1000, "query_to_target")))
    exhibit = _table("table1", "Table I: sampling, video → music", lab, rows, folder)
    if lab.pairs.streams["video"].form.steps == "1 Hz":
        return exhibit
    note = "These pairs have no row a second: the window is 30 rows around the centre, whatever time that is."
    return replace(exhibit, notes=(*exhibit.notes, note))


def table_2a(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """Encoders and baselines, video to music, of 1024 and of 1000."""
    rows = _rows_of_table_2(lab, size, TABLE_2A, "query_to_target")
    return _table("table2a", "Table II (a): video → music", lab, rows, folder)


def table_2b(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """The same runs, music to video."""
    rows = _rows_of_table_2(lab, size, TABLE_2B, "target_to_query")
    return _table("table2b", "Table II (b): music → video", lab, rows, folder)


def table_4(lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """Words alone, video alone, and both, of 1000."""
    rows = [
        Row(label, _cells(lab.outcome(sized(run, size)), TABLE_4[label], 1000, "query_to_target"))
        for label, run in _table_4_runs(size)
    ]
    return _table("table4", "Table IV: words and video → music", lab, rows, folder)


def captions_table(set_name: str, number: str, lab: Laboratory, size: Size, folder: Path) -> Exhibit:
    """Tables VI, VII and VIII for one captioned set: R@1 both ways without and with the intra loss."""
    medium = lab.pairs.query[0]
    outcomes = [
        lab.outcome(sized(captions_run(medium=medium, gamma_intra=gamma, size=size), size)) for _, gamma in _LOSSES
    ]
    ways: tuple[tuple[str, Way], ...] = (
        (f"{medium} → text", "query_to_target"),
        (f"text → {medium}", "target_to_query"),
    )
    cells = [
        Cell(f"{told}, {name}", None, outcome.recall(way, 1, pool=None))
        for told, way in ways
        for name, outcome in zip(("inter", "inter-intra"), outcomes, strict=True)
    ]
    columns = [cell.column for cell in cells]
    rows = [
        Row(f"{features} (published)", tuple(Cell(*both, None) for both in zip(columns, figures, strict=True)))
        for features, figures in CAPTIONS[set_name].items()
    ]
    taken = (lab.pairs.streams[name] for name in (medium, "captions") if name in lab.pairs.streams)
    features = ", ".join(stream.form.space for stream in taken)
    rows.append(Row(f"{features} (measured)", tuple(cells)))
    name = f"table{number.lower()}-{set_name}"
    return _table(name, f"Table {number}: {set_name}, R@1", lab, rows, folder)


def sized(run: RunConfig, size: Size) -> RunConfig:
    """On a processor's terms where the size is not the paper's."""
    return run if size is PAPER else small(run)


def data_of(lab: Laboratory) -> str:
    """What was measured on, for readers."""
    counts = ", ".join(f"{len(lab.pairs.items_of(split))} {split}" for split in SPLITS)
    made_up = any(stream.form.space.startswith("made-up:") for stream in lab.pairs.streams.values())
    seeds = f"{len(lab.seeds)} seed{'s' if len(lab.seeds) > 1 else ''}"
    return f"`{lab.pairs.name}`{' (procedural)' if made_up else ''}, {counts} pairs, {seeds}"


def _rows_of_table_2(lab: Laboratory, size: Size, published: Mapping[str, tuple[Three, Three]], way: Way) -> list[Row]:
    rows = []
    for label, run in _table_2_runs(size):
        outcome = lab.outcome(sized(run, size))
        of_1024, of_1000 = published.get(label, (NOTHING, NOTHING))
        rows.append(Row(label, (*_cells(outcome, of_1024, 1024, way), *_cells(outcome, of_1000, 1000, way))))
    return rows


def _table_2_runs(size: Size) -> list[tuple[str, RunConfig]]:
    runs = [("CME", cme_run(size=size)), ("CBVMR", cbvmr_run(size=size))]
    for label, kind in _KINDS:
        runs += [(f"{label} ({name})", clvm_run(kind=kind, gamma_intra=gamma, size=size)) for name, gamma in _LOSSES]
    return [*runs, ("biLSTM, plain triplet", triplet_run(size=size)), ("linear CCA", cca_run())]


def _table_4_runs(size: Size) -> list[tuple[str, RunConfig]]:
    runs: list[tuple[str, RunConfig]] = []
    for told, words in _WORDS:
        runs += [
            (f"{prefix}CLTM ({told})", cltm_run(words=words, gamma_intra=gamma, size=size)) for prefix, gamma in _INTRA
        ]
    runs += [(f"{prefix}CLVM", clvm_run(gamma_intra=gamma, size=size)) for prefix, gamma in _INTRA]
    for told, words in _WORDS:
        runs += [
            (f"{prefix}CLVTM ({told})", clvtm_run(words=words, gamma_intra=gamma, size=size))
            for prefix, gamma in _INTRA
        ]
    return [(label, replace(run, owning=("title", "keywords"))) for label, run in runs]


def _cells(outcome: Outcome, published: Three, pool: int, way: Way) -> tuple[Cell, ...]:
    """R@1, 10 and 25; of the whole split where it is smaller than the pool."""
    found = [outcome.recall(way, k, pool=pool) or outcome.recall(way, k, pool=None) for k in AT]
    names = [f"R@{k} of {pool}" for k in AT]
    return tuple(Cell(*parts) for parts in zip(names, published, found, strict=True))


def _table(name: str, title: str, lab: Laboratory, rows: Sequence[Row], folder: Path) -> Exhibit:
    notes = []
    if lab.test_count < 1024 and any("of 10" in cell.column for row in rows for cell in row.cells):
        notes.append(f"The test split has {lab.test_count} items: where a pool wants more, it is the whole split.")
    notes += [f"Not run, {run}: {reason}." for run, reason in lab.refusals.items()]
    exhibit = Exhibit(name, title, data_of(lab), tuple(rows), tuple(notes), picture=f"{name}.png")
    draw_table(exhibit, folder / f"{name}.png")
    return exhibit
