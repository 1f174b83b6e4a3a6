"""Tables of a run's figures, in Markdown: readable in a terminal and in a page. Computes nothing.

Shares are printed in per cent, ranks as they are.
"""

from collections.abc import Mapping, Sequence

from training.evaluation import BothWays, Recalls


def recall_table(results: Mapping[str, Mapping[str, BothWays]]) -> str:
    """`results`: for each model, for each kind of words, what was found; a row for each of both directions."""
    head = ["model", "words", "direction", "R@1", "R@5", "R@10", "R@25", "median rank"]
    rows = []
    for model, by_words in results.items():
        for words, both in by_words.items():
            rows.append([model, words, "video → music", *_cells(both.video_to_music)])
            rows.append([model, words, "music → video", *_cells(both.music_to_video)])
    return table(head, rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are aligned in a terminal too."""
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def _cells(recalls: Recalls) -> list[str]:
    shares = (recalls.r1, recalls.r5, recalls.r10, recalls.r25)
    return [*(f"{100 * share:.1f}" for share in shares), f"{recalls.median_rank:g}"]
