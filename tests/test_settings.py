import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text()
ROW = re.compile(r"^\| `(BGM_[A-Z_]+)` \| ([^|]*) \| ([^|]*) \|$", flags=re.MULTILINE)


def test_the_readme_lists_every_setting_and_no_other() -> None:
    assert [name for name, _, _ in ROW.findall(README)] == [f"BGM_{name.upper()}" for name in Settings.model_fields]


def test_the_readme_says_of_each_setting_what_the_code_says() -> None:
    described = {name: text.strip() for name, _, text in ROW.findall(README)}
    assert described == {f"BGM_{name.upper()}": field.description for name, field in Settings.model_fields.items()}


def test_a_setting_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BGM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BGM_DECODERS", "3")
    settings = Settings()
    assert (settings.data_dir, settings.decoders) == (tmp_path, 3)
    assert settings.catalogue_url() == f"sqlite:///{tmp_path}/catalogue.sqlite3"


def test_the_database_can_be_set_and_is_then_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGM_DATABASE_URL", "postgresql+psycopg://bgm@localhost/bgm")
    assert Settings().catalogue_url() == "postgresql+psycopg://bgm@localhost/bgm"


@pytest.mark.parametrize(("name", "value"), [("BGM_DECODERS", "0"), ("BGM_DEVICE", "tpu"), ("BGM_PORT", "70000")])
def test_a_wrong_value_is_refused_and_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("BGM_").lower()):
        Settings()


def test_nothing_is_read_from_the_environment_at_import() -> None:
    environment = {**os.environ, "BGM_DECODERS": "not a number"}
    subprocess.run([sys.executable, "-c", "import app.settings, app.main, app.cli"], env=environment, check=True)
