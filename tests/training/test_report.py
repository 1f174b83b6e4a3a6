from app.encoders.sequence_specs import FCSpec
from training.evaluation import BothWays, Recalls
from training.model_spec import ModelSpec, TowerSpec
from training.pair_set import Modality
from training.pools import PoolRecalls, Spread
from training.report import cells, directions, pool_table, recall_table, spread_cells, table

THERE = Recalls(r1=0.0525, r5=0.2, r10=0.333, r25=0.5, median_rank=24.5)
BACK = Recalls(r1=0.04, r5=0.1, r10=0.3, r25=0.4, median_rank=31.0)


def tower(stream: str, modality: Modality) -> TowerSpec:
    return TowerSpec(
        stream=stream,
        modality=modality,
        space="some",
        feature_dim=4,
        steps=2,
        sampling="gs",
        window_rows=30,
        standardisation=None,
        sequence_encoder=FCSpec(kind="fc", width=4, layers=1, dropout=0.0, batch_norm=False),
    )


def spec_of(query: TowerSpec, target: TowerSpec) -> ModelSpec:
    return ModelSpec(format_version=1, embedding_dim=3, query=query, words=None, target=target, shared=False)


VIDEO_TO_MUSIC = spec_of(tower("video", "video"), tower("music", "music"))
CAPTION_TO_SOUND = spec_of(tower("caption", "text"), tower("sound", "audio"))


def split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_shares_are_printed_in_per_cent_both_ways() -> None:
    lines = recall_table({"γ2 = 3": {"video alone": BothWays(1000, THERE, BACK)}}, VIDEO_TO_MUSIC).splitlines()
    assert split(lines[0]) == ["run", "words", "direction", "R@1", "R@5", "R@10", "R@25", "median rank"]
    there = ["γ2 = 3", "video alone", "video → music", "5.2", "20.0", "33.3", "50.0", "24.5"]
    back = ["γ2 = 3", "video alone", "music → video", "4.0", "10.0", "30.0", "40.0", "31"]
    assert [split(line) for line in lines[2:]] == [there, back]


def test_every_run_and_every_kind_of_words_has_its_two_rows() -> None:
    both = BothWays(9, THERE, BACK)
    lines = recall_table({"a": {"video alone": both, "with title": both}, "b": {"video alone": both}}, VIDEO_TO_MUSIC)
    found = [split(line)[:2] for line in lines.splitlines()[2:]]
    assert found[::2] == found[1::2] == [["a", "video alone"], ["a", "with title"], ["b", "video alone"]]


def test_the_directions_are_named_by_the_streams() -> None:
    assert directions(CAPTION_TO_SOUND) == ("caption → sound", "sound → caption")
    lines = recall_table({"run": {"alone": BothWays(9, THERE, BACK)}}, CAPTION_TO_SOUND).splitlines()
    assert [split(line)[2] for line in lines[2:]] == ["caption → sound", "sound → caption"]


def pool(size: int, share: float) -> PoolRecalls:
    there = Spread(Recalls(share, 0.2, 0.3, 0.4, 12.5), Recalls(0.012, 0.02, 0.03, 0.04, 1.25))
    back = Spread(Recalls(share / 2, 0.2, 0.3, 0.4, 20.0), Recalls(0.0, 0.0, 0.0, 0.0, 0.0))
    return PoolRecalls(size, 10, there, back)


def test_the_whole_split_comes_first_then_each_pool_with_its_deviation() -> None:
    found = pool_table(
        {"alone": BothWays(3000, THERE, BACK)}, {"alone": [pool(1000, 0.5), pool(1024, 0.25)]}, VIDEO_TO_MUSIC
    )
    lines = [split(line) for line in found.splitlines()]
    assert lines[0][:4] == ["words", "direction", "pool", "R@1"]
    assert [line[1:4] for line in lines[2:]] == [
        ["video → music", "all 3000", "5.2"],
        ["video → music", "1000, 10 draws", "50.0 ± 1.2"],
        ["video → music", "1024, 10 draws", "25.0 ± 1.2"],
        ["music → video", "all 3000", "4.0"],
        ["music → video", "1000, 10 draws", "25.0 ± 0.0"],
        ["music → video", "1024, 10 draws", "12.5 ± 0.0"],
    ]


def test_a_split_too_small_for_pools_has_its_whole_alone() -> None:
    found = pool_table({"alone": BothWays(30, THERE, BACK)}, {"alone": []}, VIDEO_TO_MUSIC)
    assert [split(line)[2] for line in found.splitlines()[2:]] == ["all 30", "all 30"]


def test_ranks_are_printed_as_they_are() -> None:
    assert cells(BACK)[-1] == "31"
    assert cells(THERE)[-1] == "24.5"
    assert spread_cells(pool(5, 0.5).query_to_target)[1:] == ["20.0 ± 2.0", "30.0 ± 3.0", "40.0 ± 4.0", "12.5 ± 1.2"]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(["a", "bb"], [["ccc", "d"]]) == "| a   | bb |\n| --- | -- |\n| ccc | d  |"
