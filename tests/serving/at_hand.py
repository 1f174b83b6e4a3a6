"""A running server with something in it to ask for: a song that is known, others, and a video that is kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.serving.server_process import ServerProcess, until
from tests.serving.small_media import SmallMedia

TITLE, KEYWORDS = "a humming city", ["night", "neon"]


@dataclass(frozen=True, slots=True)
class AtHand:
    """`song` is the body of a stored track, `page` that of a recommendation which keeps its video."""

    server: ServerProcess
    media: SmallMedia
    imports: Path
    song: dict[str, Any]
    page: dict[str, Any]

    @property
    def client(self) -> httpx.Client:
        return self.server.client

    def new_track(self, **fields: str) -> dict[str, Any]:
        """One that no other test knows."""
        return _added(self.client, self.media.another_song(), fields)

    def recommended(self, **fields: Any) -> httpx.Response:
        return _recommended(self.client, self.media.clip, fields)

    def rendered(self, **wanted: Any) -> dict[str, Any]:
        """The job that has laid the song under the kept video."""
        asked = {"track_id": self.song["id"], **wanted}
        answer = self.client.post(f"/recommend/{self.page['id']}/render", json=asked)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """The job once it has."""
        until(lambda: self.job(job_id)["finished_at"] is not None)
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/jobs/{job_id}").json()
        return found


def put_at_hand(server: ServerProcess, media: SmallMedia, imports: Path) -> AtHand:
    said = {"title": "Humming", "artist": "A. Hummer", "genre": "Humming", "license": "CC-BY-4.0"}
    song = _added(server.client, media.song, said | {"attribution": "Humming by A. Hummer, CC BY 4.0"})
    for genre in ("Folk", "Jazz"):
        _added(server.client, media.another_song(), {"genre": genre})
    fields = {"keep": "true", "title": TITLE, "keywords": KEYWORDS, "limit": "2"}
    return AtHand(server, media, imports, song, _recommended(server.client, media.clip, fields).json())


def _added(client: httpx.Client, song: Path, fields: dict[str, str]) -> dict[str, Any]:
    answer = client.post("/music", files={"file": (song.name, song.read_bytes())}, data=fields)
    assert answer.status_code == 201, answer.text
    track: dict[str, Any] = answer.json()
    return track


def _recommended(client: httpx.Client, clip: Path, fields: dict[str, Any]) -> httpx.Response:
    answer = client.post("/recommend", files={"video": (clip.name, clip.read_bytes())}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer
