from training.evaluation import BothWays, Recalls
from training.report import recall_table, table


def test_shares_are_printed_in_per_cent_both_ways() -> None:
    both = BothWays(
        pool=1000,
        video_to_music=Recalls(r1=0.0525, r5=0.2, r10=0.333, r25=0.5, median_rank=24.5),
        music_to_video=Recalls(r1=0.04, r5=0.1, r10=0.3, r25=0.4, median_rank=31.0),
    )
    lines = recall_table({"γ2 = 3": {"video alone": both}}).splitlines()
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == [
        "γ2 = 3", "video alone", "video → music", "5.2", "20.0", "33.3", "50.0", "24.5",
    ]  # fmt: skip
    assert "music → video" in lines[3]
    assert "31" in lines[3]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(["a", "bb"], [["ccc", "d"]]) == "| a   | bb |\n| --- | -- |\n| ccc | d  |"
