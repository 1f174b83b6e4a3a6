import os

import pytest

from training.processes import one_thread_each

NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def test_processes_started_inside_get_one_thread_and_the_setting_of_before_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with one_thread_each():
        assert [os.environ[name] for name in NAMES] == ["1", "1"]
    assert [os.environ.get(name) for name in NAMES] == [None, "7"]


def test_the_setting_of_before_comes_back_after_a_failure_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with pytest.raises(KeyError), one_thread_each():
        raise KeyError
    assert os.environ["OMP_NUM_THREADS"] == "7"
