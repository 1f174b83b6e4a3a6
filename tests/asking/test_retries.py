from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.asking.errors import ApiError, ServerUnreachable
from app.asking.messages import Answer, Request, Unanswered
from app.asking.retries import Retries, pause_after
from app.client import Client
from tests.asking.answers_made_up import RECOMMENDATION, STORED
from tests.scripted_server import BROKEN, Reply, ScriptedServer, refusing, saying

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
RETRIES = Retries(tries=4, first_pause_s=0.5, in_work_pause_s=3.0, longest_wait_s=30.0)
READING = Request(method="GET", target="/music", is_repeatable=True)
CHANGING = Request(method="POST", target="/feedback")


def pause(status: int, headers: dict[str, str] | None = None, *, tries: int = 1, body: bytes = b"") -> float | None:
    return pause_after(Answer(status, headers or {}, body, NOON), READING, tries=tries, retries=RETRIES)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_growing_pauses(status: int) -> None:
    assert [pause(status, tries=tries) for tries in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, None]


@pytest.mark.parametrize("status", [200, 202, 400, 404, 409, 500, 502, 504, 507])
def test_any_other_answer_is_the_last(status: int) -> None:
    assert pause(status, {"retry-after": "1"}) is None


@pytest.mark.parametrize(
    ("said", "waits_s"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("30", 30.0),
        ("31", None),
        ("86400", None),
        ("Tue, 03 Feb 2026 12:00:09 GMT", 9.0),
        ("Tue, 03 Feb 2026 11:00:00 GMT", 0.0),
        ("Tue, 03 Feb 2099 11:00:00 GMT", None),
        ("Tue, 03 Feb 2026 12:00:09 -0000", 9.0),
        ("soon", 0.5),
        ("-3", 0.5),
        ("1.5", 0.5),
        ("", 0.5),
        ("٣", 0.5),
    ],
)
def test_the_server_says_how_long_to_wait_and_is_given_up_where_that_is_too_long(
    said: str, waits_s: float | None
) -> None:
    assert pause(503, {"retry-after": said}) == waits_s


def test_a_date_is_read_by_the_servers_clock() -> None:
    headers = {"retry-after": "Tue, 03 Feb 2026 15:00:04 GMT", "date": "Tue, 03 Feb 2026 15:00:00 GMT"}

    assert pause(503, headers) == 4.0


def test_what_the_server_still_works_on_is_asked_for_again() -> None:
    assert pause(409, body=b'{"code": "idempotency_key_in_use"}') == 3.0
    assert pause(409, body=b'{"code": "video_not_kept"}') is None
    assert pause(409, body=b"<html>") is None


def test_a_lost_answer_is_asked_for_again_only_where_that_does_no_harm() -> None:
    def again(request: Request, *, may_have_arrived: bool, is_late: bool = False) -> bool:
        lost = Unanswered("http://x", "broken", may_have_arrived, is_late)
        return pause_after(lost, request, tries=1, retries=RETRIES) is not None

    assert again(READING, may_have_arrived=True)
    assert again(CHANGING, may_have_arrived=False)
    assert not again(CHANGING, may_have_arrived=True)
    assert not again(READING, may_have_arrived=True, is_late=True)


def test_a_video_is_sent_again_until_there_is_a_place_for_it(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x" * 700_000)
    overloaded = refusing(503, "overloaded", Retry_After="0")
    server.script = [overloaded, BROKEN, refusing(429, "rate_limited"), saying(RECOMMENDATION)]
    told: list[int] = []

    client.recommend(tmp_path / "clip.mp4", on_progress=lambda done, _: told.append(done))

    assert len({seen.sha256 for seen in server.seen}) == 1
    assert len(server.seen) == 4
    assert told == sorted(set(told))
    assert told[-1] == 700_000


def test_a_video_to_be_kept_is_not_sent_again_when_its_answer_is_lost(
    client: Client, server: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x" * 700_000)
    server.script = [refusing(503, "overloaded", Retry_After="0"), BROKEN]

    with pytest.raises(ServerUnreachable):
        client.recommend(tmp_path / "clip.mp4", keep=True)

    assert len(server.seen) == 2


def test_a_server_that_stays_busy_is_an_error_after_the_last_try(client: Client, server: ScriptedServer) -> None:
    server.script = [refusing(503, "not_ready")]

    with pytest.raises(ApiError) as refused:
        client.track("01JC")

    assert (refused.value.code, refused.value.status) == ("not_ready", 503)
    assert len(server.seen) == 5


def test_a_busy_server_did_nothing_so_even_feedback_is_sent_again(client: Client, server: ScriptedServer) -> None:
    server.script = [refusing(429, "rate_limited"), Reply(204, b"")]

    client.feedback("01JD", "01JC", "played")

    assert len(server.seen) == 2


def test_reading_is_tried_again_when_the_answer_breaks_off(client: Client, server: ScriptedServer) -> None:
    whole = saying(STORED)
    server.script = [Reply(200, whole.body, breaks_after=40), whole]

    assert client.track("01JC").id == "01JC"


def test_what_changes_something_is_not_tried_again_when_its_answer_is_lost(
    client: Client, server: ScriptedServer
) -> None:
    server.script = [BROKEN]

    with pytest.raises(ServerUnreachable):
        client.feedback("01JD", "01JC", "played")

    assert len(server.seen) == 1
