"""What a server answers that asks for a key; and one whose library is moved to another checkpoint meanwhile."""

from collections.abc import Callable, Mapping

import httpx

from tests.serving.many_servers import FIRST_KEY, REQUESTS_PER_MINUTE, ManyServers
from tests.serving.server_process import until
from tests.settings_at_hand import another_checkpoint


def _key_required(servers: ManyServers) -> httpx.Response:
    return servers.keyed.send("GET", "/music", key=None)


def _key_unknown(servers: ManyServers) -> httpx.Response:
    return servers.keyed.send("GET", "/music", key=f"{FIRST_KEY}x")


def _key_lacks_scope(servers: ManyServers) -> httpx.Response:
    key = servers.keyed.new_key("listener", "recommend")
    song = servers.media.song
    answer = servers.keyed.send("POST", "/music", key=key, files={"file": (song.name, song.read_bytes())})
    assert (answer.json()["scope"], answer.json()["needed"]) == ("recommend", "manage")
    return answer


def _rate_limited(servers: ManyServers) -> httpx.Response:
    key = servers.keyed.new_key("in a hurry", "recommend")
    answers = (servers.keyed.send("GET", "/jobs", key=key) for _ in range(2 * REQUESTS_PER_MINUTE))
    return next(answer for answer in answers if answer.status_code != 200)


def _encoder_changed(servers: ManyServers) -> httpx.Response:
    keyed, clip = servers.keyed, servers.media.clip
    asked = keyed.send("POST", "/recommend", files={"video": (clip.name, clip.read_bytes())}).json()
    keyed.bgm("reembed", "--checkpoint", another_checkpoint(servers.folder / "other"), "--background")
    until(lambda: keyed.send("GET", f"/recommend/{asked['id']}").status_code != 200)
    return keyed.send("GET", f"/recommend/{asked['id']}")


KEYS: Mapping[str, Callable[[ManyServers], httpx.Response]] = {
    "key_required": _key_required,
    "key_unknown": _key_unknown,
    "key_lacks_scope": _key_lacks_scope,
    "rate_limited": _rate_limited,
    "encoder_changed": _encoder_changed,
}
