from dataclasses import replace

import numpy as np
import pytest

from tests.training.procedural.views import factors_with
from training.procedural.composition import FORMS, compose
from training.procedural.ensembles import ENSEMBLES
from training.procedural.harmony import MODES
from training.procedural.style import Style, draw_style


def _style(ensemble: str | None = None, seed: int = 0, **levels: float) -> Style:
    return draw_style(factors_with(**levels), np.random.default_rng(seed), ensemble=ensemble, is_complete=True)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_every_ensemble_gets_a_score_of_the_length_asked_for(ensemble: str) -> None:
    style = _style(ensemble)
    score = compose(style, np.random.default_rng(1), length_s=24)
    bar_s = 60 / score.tempo_bpm * style.beats_per_bar
    assert abs(score.beats * 60 / score.tempo_bpm - 24) <= bar_s
    assert score.parts
    assert all(0 <= note.start < score.beats and note.length > 0 for part in score.parts for note in part.notes)
    assert all(0 < note.velocity <= 1 for part in score.parts for note in part.notes)


@pytest.mark.parametrize("form", FORMS)
def test_sections_fill_the_piece_without_gap(form: str) -> None:
    score = compose(replace(_style(), form=form), np.random.default_rng(1), length_s=40)
    bars = [bar for section in score.sections for bar in range(section.first_bar, section.first_bar + section.bars)]
    assert bars == list(range(len(bars)))


def test_without_tension_all_notes_belong_to_the_key() -> None:
    style = replace(_style("chamber", tension=0.1), dissonance=0.0)
    score = compose(style, np.random.default_rng(2), length_s=30)
    scale = {(style.tonic + step) % 12 for step in MODES[style.mode]}
    assert {note.pitch % 12 for part in score.parts for note in part.notes} <= scale


def test_a_piece_ends_on_a_held_chord_of_the_tonic() -> None:
    style = replace(_style("pop"), dissonance=0.0)
    score = compose(style, np.random.default_rng(3), length_s=30)
    final = [n for p in score.parts for n in p.notes if n.start > score.beats - style.beats_per_bar - 0.2]
    assert final
    assert {note.length for note in final} == {style.beats_per_bar}
    assert style.tonic in {note.pitch % 12 for note in final}


def test_a_lone_lead_plays_from_the_first_bar_to_the_last() -> None:
    style = _style("pop")
    alone = replace(style, line_up=replace(style.line_up, chords=None, pad=None, figure=None, bass=None), form="song")
    (lead,) = [part for part in compose(alone, np.random.default_rng(0), length_s=30).parts if part.role == "lead"]
    assert lead.notes[0].start < style.beats_per_bar


def test_music_follows_a_rising_arc() -> None:
    style = replace(_style("pop"), form="flat")
    score = compose(style, np.random.default_rng(0), length_s=40, arc=(-1.0, -0.5, 0.0, 0.5, 1.0))
    assert score.sections[-1].intensity > score.sections[0].intensity + 0.3


def test_the_same_generator_writes_the_same_piece() -> None:
    first, second = (compose(_style(), np.random.default_rng(5), length_s=20) for _ in range(2))
    assert first == second
