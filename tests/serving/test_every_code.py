"""Every code of the README's table, provoked over HTTP against real server processes."""

from typing import Any

import pytest

from tests.serving.answers import is_documented, listed_codes
from tests.serving.many_servers import ManyServers
from tests.serving.provoking_capacity import CAPACITY
from tests.serving.provoking_keys import KEYS
from tests.serving.provoking_media import MEDIA
from tests.serving.provoking_refusals import ON_PURPOSE, REFUSALS

PROVOKERS = {**REFUSALS, **MEDIA, **CAPACITY, **KEYS}


@pytest.fixture(scope="module")
def paths(servers: ManyServers) -> dict[str, Any]:
    found: dict[str, Any] = servers.plain.client.get("/openapi.json").json()["paths"]
    return found


def test_every_code_of_the_table_is_provoked_here() -> None:
    assert set(PROVOKERS) == set(listed_codes())


@pytest.mark.parametrize("code", PROVOKERS)
def test_a_server_answers_with(code: str, servers: ManyServers, paths: dict[str, Any]) -> None:
    # The client has looked at its form, its status and its headers.
    answer = PROVOKERS[code](servers)
    assert answer.json()["code"] == code, answer.text
    assert is_documented(answer, paths)


def test_no_other_defect_is_in_the_logs(servers: ManyServers) -> None:
    logs = [*servers.plain.log, *servers.tight.log, *servers.keyed.process.log]
    assert [line for line in logs if "unexpected error" in line and ON_PURPOSE not in line] == []
