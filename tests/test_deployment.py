"""The Dockerfile and the compose file say the same as the project they deploy. Read, not run: no engine is needed."""

import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def exact_pins() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return dict(line.split("==") for line in project["dependencies"] if "==" in line)


def test_the_image_takes_the_exact_pair_of_torch_and_torchvision_that_the_project_names(dockerfile: str) -> None:
    pinned = dict(re.findall(r'"(torch|torchvision)==([\d.]+)\+\$\{TORCH_VARIANT\}"', dockerfile))
    assert pinned == exact_pins()


def test_the_image_runs_as_a_user_without_rights_and_watches_its_health(dockerfile: str) -> None:
    users = re.findall(r"^USER (\S+)$", dockerfile, flags=re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
    assert "HEALTHCHECK" in dockerfile
    assert "/healthz" in dockerfile


def test_everything_the_image_copies_passes_the_docker_ignore_file(dockerfile: str) -> None:
    sources = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, flags=re.MULTILINE)
        for source in line.split()[:-1]
    }
    let_through = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    assert sources <= let_through


def test_the_only_published_port_is_the_apps_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert published == {"app": ["127.0.0.1:${BGM_PORT:-8000}:8000"], "database": []}


def test_the_app_waits_for_a_healthy_database_and_keeps_its_data_in_volumes(compose: dict[str, Any]) -> None:
    app, database = compose["services"]["app"], compose["services"]["database"]
    assert app["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in database
    used = {volume.split(":")[0] for service in (app, database) for volume in service["volumes"]}
    assert used == set(compose["volumes"])


def test_any_password_of_the_database_reaches_the_app_as_it_is(compose: dict[str, Any]) -> None:
    app, database = (compose["services"][name]["environment"] for name in ("app", "database"))
    # Beside the URL, which some characters would end or change.
    assert "BGM_POSTGRES_PASSWORD" not in app["BGM_DATABASE_URL"]
    assert app["PGPASSWORD"] == database["POSTGRES_PASSWORD"] == "${BGM_POSTGRES_PASSWORD:-bgm}"


def test_the_app_asks_for_a_key_that_only_its_own_container_is_given(compose: dict[str, Any]) -> None:
    app = compose["services"]["app"]
    assert "BGM_ALLOW_WITHOUT_KEY" not in app["environment"]
    [secret] = app["secrets"]
    assert app["environment"]["BGM_INITIAL_KEY_FILE"] == f"/run/secrets/{secret}"
    assert "secrets" not in compose["services"]["database"]
    assert compose["secrets"] == {secret: {"file": ".secrets/initial-key"}}


def test_the_first_key_is_made_once_and_is_fit_to_be_one(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    made = tmp_path / ".secrets" / "initial-key"
    subprocess.run(["make", ".secrets/initial-key"], cwd=tmp_path, check=True, capture_output=True)
    key = made.read_text()
    assert re.fullmatch(r"bgm_[A-Za-z0-9_-]{43}\n", key)
    # The container's user is another than the one who made it; others on this machine do not get into the folder.
    assert stat.S_IMODE(made.stat().st_mode) == 0o644
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    subprocess.run(["make", ".secrets/initial-key"], cwd=tmp_path, check=True, capture_output=True)
    assert made.read_text() == key


def test_the_first_key_stays_out_of_the_repository_and_the_image() -> None:
    assert "/.secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert not [line for line in ignored if "secrets" in line]


def test_the_package_brings_every_file_of_the_page_along() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["app"]
    packed = {path for pattern in patterns for path in (ROOT / "app").glob(pattern) if path.is_file()}
    assert {path for path in (ROOT / "app" / "web").rglob("*") if path.is_file()} <= packed


def test_every_setting_that_the_compose_file_and_the_image_give_exists(
    compose: dict[str, Any], dockerfile: str
) -> None:
    from_compose = {name for name in compose["services"]["app"]["environment"] if name.startswith("BGM_")}
    from_image = set(re.findall(r"\b(BGM_[A-Z_]+)=", dockerfile))
    known = set(re.findall(r"^    (\w+): ", (ROOT / "app" / "settings.py").read_text(), flags=re.MULTILINE))
    assert {name.removeprefix("BGM_").lower() for name in from_compose | from_image} <= known


def test_every_pinned_package_of_the_project_stands_in_the_constraints_at_that_version() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    constrained = dict(line.split("==") for line in lines if "==" in line)
    assert constrained.items() >= exact_pins().items()
