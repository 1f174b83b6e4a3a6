import pickle

import pytest

from app.asking.errors import ApiError, UnexpectedAnswer
from app.client import Client
from tests.asking.answers_made_up import JOB, STORED
from tests.scripted_server import Reply, ScriptedServer, refusing, saying


def test_a_refusal_says_code_status_detail_request_and_facts(client: Client, server: ScriptedServer) -> None:
    server.script = [refusing(413, "upload_too_large", {"limit_bytes": 5})]

    with pytest.raises(ApiError, match="it is upload_too_large") as refused:
        client.track("01JC")

    error = refused.value
    assert (error.code, error.status, error.request_id) == ("upload_too_large", 413, "r-1")
    assert (error.detail, error.facts()) == ("it is upload_too_large", {"limit_bytes": 5})


def test_a_refusal_without_an_id_has_that_of_the_header(client: Client, server: ScriptedServer) -> None:
    server.script = [saying({"code": "track_not_found"}, 404, X_Request_ID="r-2")]

    with pytest.raises(ApiError) as refused:
        client.track("01JC")

    assert refused.value.request_id == "r-2"


def test_a_refusal_crosses_process_borders() -> None:
    error = ApiError(code="disk_full", status=507, detail="full", request_id=None, members={"a": [1]})

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), copy.facts()) == (ApiError, "full", {"a": [1]})
    assert (copy.code, copy.status, copy.detail, copy.request_id) == ("disk_full", 507, "full", None)


@pytest.mark.parametrize(
    ("reply", "hint"),
    [
        (Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}), "text/html"),
        (Reply(500, b""), "500"),
        (Reply(418, b"[]"), "418"),
        (Reply(400, b'{"code": 7}'), "400"),
        (Reply(599, b"\xff"), "599"),
        (Reply(301, b"", {"Location": "https://elsewhere.example/"}), "elsewhere.example"),
    ],
)
def test_a_refusal_of_somebody_else_is_named_as_such(
    client: Client, server: ScriptedServer, reply: Reply, hint: str
) -> None:
    server.script = [reply]

    with pytest.raises(UnexpectedAnswer, match=hint):
        client.track("01JC")


@pytest.mark.parametrize(
    ("reply", "member"),
    [
        (saying({name: value for name, value in STORED.items() if name != "sha256"}), "sha256"),
        (saying(STORED | {"duration_s": "184"}), "duration_s"),
        (saying(STORED | {"vocals": 0}), "vocals"),
        (saying(STORED | {"added_at": "yesterday"}), "added_at"),
        (saying(STORED | {"moods": ["calm", None]}), "moods.1"),
        (saying([STORED]), "object"),
        (Reply(200, b"<html>Welcome</html>"), "JSON"),
        (Reply(200, b""), "JSON"),
    ],
)
def test_an_answer_that_is_not_the_contracts_is_refused_naming_the_member(
    client: Client, server: ScriptedServer, reply: Reply, member: str
) -> None:
    server.script = [reply]

    with pytest.raises(UnexpectedAnswer, match=member):
        client.track("01JC")


def test_a_state_that_nobody_knows_is_refused(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(JOB | {"state": "resting"})]

    with pytest.raises(UnexpectedAnswer, match="state"):
        client.job("01JF")
