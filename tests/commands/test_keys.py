from pathlib import Path

import pytest

from app.access import Caller
from app.catalogue.keys import KeyStore
from app.opening import has_keys, open_catalogue
from app.recommendation.keys import caller_of_key
from app.request_errors import KeyUnknown
from app.settings import Settings
from tests.bgm_command import Bgm


def caller(folder: Path, key: str) -> Caller:
    with open_catalogue(Settings(data_dir=folder / "data")) as catalogue:
        return caller_of_key(key, keys=KeyStore(catalogue.transactions))


def test_a_key_is_printed_alone_so_that_a_script_can_take_it(bgm: Bgm, tmp_path: Path) -> None:
    status, said, hint = bgm("keys", "create", "phone")

    assert status == 0
    assert said.startswith("bgm_")
    assert said.count("\n") == 1
    assert "cannot be shown again" in hint
    found = caller(tmp_path, said.strip())
    assert (found.name, found.scope) == ("phone", "recommend")


@pytest.mark.parametrize("scope", ["recommend", "manage", "admin"])
def test_a_key_has_the_scope_that_was_asked_for(bgm: Bgm, tmp_path: Path, scope: str) -> None:
    key = bgm("keys", "create", "phone", "--scope", scope)[1].strip()
    assert caller(tmp_path, key).scope == scope


def test_an_unknown_scope_makes_no_key(bgm: Bgm, tmp_path: Path) -> None:
    assert bgm("keys", "create", "phone", "--scope", "all")[0] == 2
    assert not has_keys(Settings(data_dir=tmp_path / "data"))


def test_a_name_in_use_is_refused_in_one_line(bgm: Bgm) -> None:
    bgm("keys", "create", "phone")
    status, said, complaint = bgm("keys", "create", "phone")
    assert (status, said) == (2, "")
    assert complaint == "bgm: invalid_parameter: name: there is a key 'phone' already\n"


def test_the_list_shows_names_and_scopes_and_no_key(bgm: Bgm) -> None:
    first = bgm("keys", "create", "[bold]phone", "--scope", "manage")[1].strip()
    bgm("keys", "create", "laptop")
    bgm("keys", "revoke", "laptop")

    status, said, _ = bgm("keys", "list")

    assert status == 0
    heading, phone, laptop = said.splitlines()
    assert heading.split() == ["name", "scope", "created", "revoked"]
    assert phone.split()[:2] == ["[bold]phone", "manage"]
    assert phone.count("UTC") == 1
    assert laptop.split()[:2] == ["laptop", "recommend"]
    assert laptop.count("UTC") == 2
    assert first not in said


def test_a_revoked_key_opens_nothing_any_more(bgm: Bgm, tmp_path: Path) -> None:
    key = bgm("keys", "create", "phone")[1].strip()
    bgm("keys", "create", "laptop")

    assert bgm("keys", "revoke", "phone") == (0, "'phone' is revoked\n", "")

    with pytest.raises(KeyUnknown):
        caller(tmp_path, key)


def test_revoking_the_last_key_says_that_nobody_gets_in_any_more(bgm: Bgm) -> None:
    bgm("keys", "create", "phone")
    status, _, hint = bgm("keys", "revoke", "phone")
    assert status == 0
    assert "no key is left" in hint


def test_what_is_not_there_cannot_be_revoked(bgm: Bgm) -> None:
    status, _, complaint = bgm("keys", "revoke", "phone")
    assert (status, complaint) == (2, "bgm: invalid_parameter: name: there is no key 'phone'\n")


def test_keys_need_no_checkpoint(bgm: Bgm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BGM_CHECKPOINT", str(tmp_path / "nothing"))
    assert bgm("keys", "create", "phone")[0] == 0
