"""Every path of a running server, driven over HTTP as a client would; nothing faked."""

from typing import Any

import pytest

from tests.serving import answers
from tests.serving.at_hand import AtHand
from tests.serving.driving_music import MUSIC
from tests.serving.driving_recommend import RECOMMEND
from tests.serving.driving_the_page import UNLISTED
from tests.serving.driving_the_rest import REST

DRIVERS = {**MUSIC, **RECOMMEND, **REST, **UNLISTED}


@pytest.fixture(scope="module")
def paths(library: AtHand) -> dict[str, Any]:
    found: dict[str, Any] = library.client.get("/openapi.json").json()["paths"]
    return found


def test_every_path_of_openapi_is_driven_here_and_every_one_that_it_leaves_out(paths: dict[str, Any]) -> None:
    listed = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert DRIVERS.keys() - UNLISTED.keys() == listed
    assert UNLISTED.keys() == {f"GET {path}" for path in answers.UNLISTED}


@pytest.mark.parametrize("operation", DRIVERS)
def test_a_client_drives(operation: str, at_hand: AtHand, paths: dict[str, Any]) -> None:
    answer = DRIVERS[operation](at_hand)
    assert answer.is_success
    assert answers.operation_of(answer.request, paths) == operation
