from pathlib import Path

from tests.bgm_command import Bgm


def test_choices_are_written_to_a_folder_and_never_over_one(bgm: Bgm, tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    status, said, _ = bgm("chosen", folder)
    assert (status, said) == (0, f"{folder}: 0 pairs\n")
    assert (folder / "pairs.jsonl").read_text() == ""
    status, _, complaint = bgm("chosen", folder)
    assert status == 2
    assert "File exists" in complaint
