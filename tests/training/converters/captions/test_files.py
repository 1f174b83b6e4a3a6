from pathlib import Path

from training.converters.captions.files import find_file


def test_the_first_name_with_the_first_ending_wins_and_dots_in_names_are_no_endings(tmp_path: Path) -> None:
    for name in ("20130327.02.wav", "b.flac", "in/b.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    endings = (".wav", ".flac")
    assert find_file(tmp_path, ["20130327.02"], endings) == tmp_path / "20130327.02.wav"
    assert find_file(tmp_path, ["a", "in/b", "b"], endings) == tmp_path / "in/b.wav"
    assert find_file(tmp_path, ["b"], endings) == tmp_path / "b.flac"
    assert find_file(tmp_path, ["20130327"], endings) is None


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").mkdir()
    assert find_file(tmp_path, ["a"], (".wav",)) is None


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").touch()
    (tmp_path / "in").mkdir()
    assert find_file(tmp_path / "in", ["../secret", f"{tmp_path}/secret"], (".wav",)) is None
