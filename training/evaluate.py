"""`python -m training.evaluate CHECKPOINT PAIRSET`: how well a model's sides find each other in a pair set.

Any checkpoint and any pair set whose feature spaces are the checkpoint's, also one that it has never seen.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from app.encoders.device import DeviceName, resolve_device
from app.errors import SetupError
from training.batches import PairFeed
from training.checkpoints import LoadedModel, load_model
from training.errors import PairSetError
from training.evaluation import recalls_both_ways
from training.pair_set import SPLITS, PairSet, Split
from training.pair_set_reader import open_pair_set
from training.plain import plain
from training.pools import DRAWS, POOL_SIZES, SEED, recalls_in_pools
from training.preparation import require_spec
from training.report import pool_table
from training.retrieval import briefs_of, embed_queries, embed_targets
from training.rows import open_rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("pairset", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--pools", type=int, nargs="*", default=list(POOL_SIZES), help="sizes of the random pools")
    parser.add_argument("--draws", type=int, default=DRAWS, help="pools drawn of each size")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--json", type=Path, help="where to write the figures (default: evaluation.json here)")
    parsed = parser.parse_args(arguments)
    if parsed.draws < 1 or any(size < 1 for size in parsed.pools):
        parser.error("--draws and sizes of --pools must be at least 1")
    try:
        loaded, pairs = load_model(parsed.checkpoint), open_pair_set(parsed.pairset)
        feed = feed_of(loaded, pairs, parsed.device)
        result, table = evaluate(loaded, feed, parsed.split, pool_sizes=parsed.pools, draws=parsed.draws)
    except SetupError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    # Not through a console, which would fold lines that are wider than the terminal.
    print(table)
    where = parsed.json or Path("evaluation.json")
    try:
        where.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        parser.exit(2, f"{parser.prog}: {where} cannot be written: {error.strerror}\n")
    print(f"\nfigures in {where}")


def feed_of(loaded: LoadedModel, pairs: PairSet, device: DeviceName) -> PairFeed:
    """Raises PairSetError where the model cannot take the pairs, and moves it to the device."""
    require_spec(pairs, loaded.spec)
    where = resolve_device(device)
    loaded.model.to(where)
    streams = {name: pairs.streams[name] for name in loaded.spec.streams}
    return PairFeed(pairs, loaded.spec, where, open_rows(streams, where, "file"))


def evaluate(
    loaded: LoadedModel, feed: PairFeed, split: Split, *, pool_sizes: Sequence[int], draws: int
) -> tuple[dict[str, object], str]:
    """The figures, fit for JSON, and their table. Pools larger than the split are left out, and said so."""
    spec, pairs = loaded.spec, feed.pairs
    items = pairs.items_of(split, owning=spec.text_sides)
    if not len(items):
        raise PairSetError(file="items.jsonl", field="split", reason=f"no item of '{split}' can be evaluated")
    target = embed_targets(loaded.model, feed, items)
    whole, pools = {}, {}
    for name, words in briefs_of(feed).items():
        query = embed_queries(loaded.model, feed, items, words)
        whole[name] = recalls_both_ways(query, target)
        drawn = [recalls_in_pools(query, target, size=size, draws=draws) for size in pool_sizes]
        pools[name] = [found for found in drawn if found is not None]
    result = {
        "checkpoint": loaded.digest,
        "pairs": pairs.name,
        "split": split,
        "items": len(items),
        "seed": SEED,
        "whole": plain(whole),
        "pools": plain(pools),
    }
    table = pool_table(whole, pools, spec)
    too_large = [str(size) for size in pool_sizes if size > next(iter(whole.values())).pool]
    if too_large:
        table += f"\n\nNo pools of {', '.join(too_large)}: there are {next(iter(whole.values())).pool} tracks."
    return result, table


if __name__ == "__main__":
    main()
