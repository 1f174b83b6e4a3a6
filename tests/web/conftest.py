from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.serving.server_process import ServerProcess, running_server
from tests.web.browsing import Watched, open_page, running_browser
from tests.web.made_music import PIECES, Piece, write_piece
from tests.web.painted_film import write_evening


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `evening.mp4` and the pieces of the library."""
    folder = tmp_path_factory.mktemp("media")
    write_evening(folder / "evening.mp4")
    for number, piece in enumerate(PIECES):
        write_piece(folder, piece, number)
    return folder


@pytest.fixture(scope="package")
def evening(media: Path) -> Path:
    return media / "evening.mp4"


@pytest.fixture(scope="package")
def shared_server(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server over a library of all PIECES, for all tests that leave it as it was."""
    with running_server(tmp_path_factory.mktemp("library")) as server:
        server.wait_until_ready()
        fill(server, media)
        yield server


@pytest.fixture(scope="package")
def address(shared_server: ServerProcess) -> str:
    return str(shared_server.client.base_url)


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[tuple[Page, Watched]]:
    """The page on a wide screen, and what it did unseen."""
    with open_page(browser, address) as opened:
        yield opened


@pytest.fixture
def page(opened: tuple[Page, Watched]) -> Page:
    return opened[0]


@pytest.fixture
def watched(opened: tuple[Page, Watched]) -> Watched:
    return opened[1]


def fill(server: ServerProcess, media: Path) -> None:
    """Uploads every piece with all that is said of it, the first one last, so that it is the newest."""
    newest, *others = PIECES

    def upload(piece: Piece) -> None:
        file = media / piece.file_name
        answer = server.client.post("/music", data=piece.form, files={"file": (file.name, file.read_bytes())})
        assert answer.status_code == 201, answer.text

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(upload, others))
    upload(newest)
