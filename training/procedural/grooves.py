"""Drum patterns by name, and fills. Steps are quarters of a beat; knows no sound."""

from collections.abc import Mapping

import numpy as np

from training.procedural.score import Hit, Section, Song

LOUDNESS_OF_SIGN = {"X": 1.0, "x": 0.8, "o": 0.45, "-": 0.28}

# One bar a row, one sign a sixteenth: X accent, x stroke, o soft, - ghost.
GROOVES: dict[str, Mapping[str, str]] = {
    "rock": {"kick": "X.......x.x.....", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
    "driving rock": {"kick": "X...x...X.x.x...", "snare": "....X.......X..o", "hat": "X.x.X.x.X.x.X.x."},
    "half time": {"kick": "X.........x.....", "snare": "........X.......", "hat": "x.o.x.o.x.o.x.o."},
    "four on the floor": {
        "kick": "X...X...X...X...",
        "clap": "....x.......x...",
        "open hat": "..x...x...x...x.",
        "hat": "o..oo..oo..oo..o",
    },
    "disco": {
        "kick": "X...X...X...X...",
        "snare": "....X.......X...",
        "hat": "x.xxx.xxx.xxx.xx",
        "open hat": "..x...x...x...x.",
    },
    "boom bap": {"kick": "X..x......x.....", "snare": "....X..-....X..-", "hat": "x.o.x.o.x.o.x.oo"},
    "lazy": {"kick": "X......o..x.....", "snare": "....x.......x...", "hat": "o.-.o.-.o.-.o.-."},
    "trap": {"kick": "X......x..X.....", "clap": "........X.......", "hat": "x.x.x.xxx.x.xxxx"},
    "breakbeat": {"kick": "X.x.......xx....", "snare": "....X..o.o..X..o", "hat": "x.x.x.x.x.x.x.x."},
    "drum and bass": {
        "kick": "X.........x.....",
        "snare": "....X.......X...",
        "hat": "x.x.x.xox.x.x.xo",
        "ride": "x...x...x...x...",
    },
    "funk": {"kick": "X..x..x...x..x..", "snare": "....X.-.-..-X..-", "hat": "xoxoxoxoxoxoxoxo"},
    "brushes": {"brush": "x..ox..ox..ox..o", "kick": "o.......o.......", "ride": "....o..-....o..-"},
    "jazz ride": {"ride": "x...x..ox...x..o", "hat": "....o.......o...", "kick": "o...-...o...-..."},
    "bossa": {"kick": "x..ox..ox..ox..o", "rim": "x..x..x...x..x..", "shaker": "oxoxoxoxoxoxoxox"},
    "latin": {
        "kick": "x..x..x.x..x..x.",
        "rim": "x..x..x...x.x...",
        "shaker": "xoxoxoxoxoxoxoxo",
        "tom high": "......x.......xx",
    },
    "shaker": {"shaker": "xoxoxoxoxoxoxoxo", "kick": "o.......o......."},
    "folk": {"kick": "x.......x.......", "tambourine": "....x.......x...", "shaker": "o.o.o.o.o.o.o.o."},
    "train": {"snare": "oooxoooxoooxooox", "kick": "x...x...x...x..."},
    "march": {"kick": "X.......X.......", "snare": "x..xx.xxx..xx.oo"},
    "epic": {"taiko": "X.....x.X...x.x.", "tom low": "..o...o...o...oo"},
    "war drums": {"taiko": "X..x..x.X..x..xx", "tom low": "x.xx.xx.x.xx.xx.", "snare": "............X..."},
    "heartbeat": {"kick": "x.o.............", "tom low": "........o......."},
    "ticking": {"rim": "x...o...x...o...", "shaker": "..o...o...o...o."},
    "chip": {"kick": "X...X...X...X...", "snare": "....X.......X..x", "hat": "x.xxx.xxx.xxx.xx"},
    "waltz": {"kick": "x...........", "brush": "....o...o...", "hat": "....o...o..."},
    "ballroom": {"kick": "X...........", "snare": "....o...x...", "ride": "x...o...o..."},
}


def play_groove(groove: str, song: Song, section: Section, rng: np.random.Generator) -> list[Hit]:
    """The pattern over a section, a crash at its beginning where it is loud, and a fill at its end."""
    hits: list[Hit] = []
    for bar in range(section.bars):
        start = float((section.first_bar + bar) * song.beats_per_bar)
        filled = bar == section.bars - 1 and section.bars > 1 and bool({"snare", "taiko"} & GROOVES[groove].keys())
        hits += _bar(GROOVES[groove], start, song.beats_per_bar, filled=filled)
        if filled:
            hits += _fill(start + song.beats_per_bar - 1, groove, rng)
    struck = GROOVES[groove].get("snare", "") + GROOVES[groove].get("clap", "")
    if section.intensity > 0.65 and section.label != "intro" and "X" in struck:
        hits.append(Hit(section.first_bar * song.beats_per_bar, "crash", 0.7))
    return hits


def _bar(rows: Mapping[str, str], start: float, beats_per_bar: int, *, filled: bool) -> list[Hit]:
    """One bar of a pattern of any length, cut or repeated to the bar; its last beat is left to a fill."""
    steps = (beats_per_bar - (1 if filled else 0)) * 4
    return [
        Hit(start + step / 4, drum, LOUDNESS_OF_SIGN[row[step % len(row)]])
        for drum, row in rows.items()
        for step in range(steps)
        if row[step % len(row)] != "."
    ]


def _fill(start: float, groove: str, rng: np.random.Generator) -> list[Hit]:
    """Four sixteenths over the drums that the groove uses; a groove without snare and toms is left alone."""
    drums = [drum for drum in ("tom high", "snare", "tom low", "taiko") if drum in GROOVES[groove]]
    if not drums:
        return []
    played = rng.random(4) < 0.75
    return [Hit(start + step / 4, drums[step % len(drums)], 0.45 + 0.1 * step) for step in range(4) if played[step]]
