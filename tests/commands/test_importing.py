import json
import signal
from pathlib import Path

from tests.bgm_command import Bgm


def test_a_folder_is_imported_and_the_second_time_it_is_there_already(bgm: Bgm, music: Path) -> None:
    assert bgm("is-new")[0] == 0

    status, said, _ = bgm("import", music)

    assert (status, said.splitlines()[-1]) == (0, "added 2 (6 min of music), already there 0, refused 0, skipped 0")
    assert bgm("is-new")[0] == 1
    assert "already there 2" in bgm("import", music)[1]


def test_a_refused_file_is_told_and_makes_the_status_1(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    (music / "bad.mp3").write_bytes(b"raise SilentAudio")

    status, said, _ = bgm("import", music, "--report", tmp_path / "report.json")

    assert status == 1
    assert "silent_audio" in said
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["added"], report["refused"]) == (2, 1)


def test_the_list_says_what_the_tracks_are_called(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    (music / "songs.csv").write_text("file,title\none.mp3,First\nb/two.mp3,Second\n")
    (tmp_path / "clip.mp4").write_bytes(b"one")

    status, said, _ = bgm("import", music, "--csv", music / "songs.csv")

    assert (status, said.splitlines()[-1]) == (0, "added 2 (6 min of music), already there 0, refused 0, skipped 0")
    results = json.loads(bgm("recommend", tmp_path / "clip.mp4", "--json")[1])["results"]
    assert [result["track"]["title"] for result in results] == ["First", "Second"]


def test_a_faulty_list_stops_it_before_anything_is_done(bgm: Bgm, music: Path) -> None:
    (music / "songs.csv").write_text("file,bpm\none.mp3,fast\n")

    status, _, complaint = bgm("import", music, "--csv", music / "songs.csv")

    assert (status, complaint) == (2, "bgm: invalid_parameter: songs.csv line 2: bpm: 'fast' is no number\n")
    assert bgm("is-new")[0] == 0


def test_a_folder_that_is_not_there_is_a_wrong_word(bgm: Bgm, tmp_path: Path) -> None:
    assert bgm("import", tmp_path / "nowhere")[0] == 2


def test_ctrl_c_ends_it_in_order_and_the_next_run_goes_on_there(bgm: Bgm, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02d}.mp3").write_bytes(b"interrupt" if number == 0 else b"%d" % number)
    before = signal.getsignal(signal.SIGINT)

    status, said, complaint = bgm("import", folder, "--report", tmp_path / "report.json")

    assert status == 130
    assert "Ctrl-C again drops it" in complaint
    first = json.loads((tmp_path / "report.json").read_text())
    assert 1 <= first["added"] < 30
    assert signal.getsignal(signal.SIGINT) is before
    status, said, _ = bgm("import", folder)
    assert status == 0
    assert f"already there {first['added']}," in said
    assert f"added {30 - first['added']} " in said


def test_what_was_done_before_an_error_ended_it_is_told_with_the_error(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    (music / "z.mp3").write_bytes(b"raise DiskFull")

    status, said, complaint = bgm("import", music)

    assert status == 2
    assert "added" in said
    assert complaint == "bgm: disk_full: the disk that holds the library is full\n"
