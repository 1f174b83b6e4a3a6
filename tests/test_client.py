import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.client import AsyncClient, Client
from tests.asking.answers_made_up import JOB, RECOMMENDATION, RENDERED, STORED
from tests.both_clients import HASTY
from tests.scripted_server import Reply, running_scripted_server, saying


def public(kind: type) -> dict[str, Callable[..., Any]]:
    return {name: method for name, method in vars(kind).items() if not name.startswith("_")}


def test_both_clients_have_the_same_methods_said_in_the_same_words() -> None:
    in_threads, in_loops = public(Client), public(AsyncClient)

    assert in_threads.keys() == in_loops.keys()
    for name in in_threads.keys() - {"close", "tracks"}:
        assert inspect.signature(in_threads[name]) == inspect.signature(in_loops[name]), name
        assert in_threads[name].__doc__ == in_loops[name].__doc__, name
    assert inspect.signature(Client.tracks).parameters == inspect.signature(AsyncClient.tracks).parameters


def test_a_clip_gets_its_music_in_one_short_program(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"video")
    film = Reply(body=b"the whole film")
    with running_scripted_server() as server:
        server.script = [saying(RECOMMENDATION), saying(JOB, 202), saying(RENDERED), film]

        with Client(server.address, key="secret") as client:
            found = client.recommend(tmp_path / "clip.mp4", keywords=["calm", "spring"], keep=True)
            job = client.render(found.id, found.results[0].track.id)
            path = client.download(client.wait(job), tmp_path / "with-music.mp4")

        assert path.read_bytes() == b"the whole film"
        assert [seen.method for seen in server.seen] == ["POST", "POST", "GET", "GET"]
        assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer secret"}


def test_a_loop_goes_through_tracks_page_by_page() -> None:
    with running_scripted_server() as server:
        server.script = [
            saying({"items": [STORED, STORED], "next_cursor": "c"}),
            saying({"items": [STORED], "next_cursor": None}),
        ]

        async def count() -> int:
            async with AsyncClient(server.address, retries=HASTY) as client:
                return len([track async for track in client.tracks()])

        assert asyncio.run(count()) == 3


def test_threads_share_a_client() -> None:
    with running_scripted_server() as server, Client(server.address, retries=HASTY) as client:
        server.script = [saying(STORED)]
        found: list[str] = []
        threads = [Thread(target=lambda: found.append(client.track("01JC").id)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == ["01JC"] * 8


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_is_not_shown_where_a_client_is_printed(kind: type[Client] | type[AsyncClient]) -> None:
    assert "secret" not in repr(kind("http://127.0.0.1:1", key="secret"))
