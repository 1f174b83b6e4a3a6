import re

import pytest

from tests.api.running import Service


def test_the_documentation_asks_no_third_party(shared_service: Service) -> None:
    page = shared_service.client.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith("/docs/")
        assert shared_service.client.get(address).status_code == 200
    assert "'self'" in page.headers["content-security-policy"]
    assert "http" not in page.headers["content-security-policy"]


def test_it_has_no_script_that_its_own_policy_forbids(shared_service: Service) -> None:
    page = shared_service.client.get("/docs")
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page.text) == ["", ""]
    assert "script-src 'self';" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        ("/docs/swagger-ui-bundle.js", "text/javascript", "SwaggerUIBundle"),
        ("/docs/swagger-ui.css", "text/css", ".swagger-ui"),
        ("/docs/start.js", "text/javascript", '"/openapi.json"'),
    ],
)
def test_its_parts_are_what_they_are_said_to_be(shared_service: Service, path: str, kind: str, begins: str) -> None:
    answer = shared_service.client.get(path)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert begins in answer.text


def test_there_is_no_other_documentation_that_would_ask_one(shared_service: Service) -> None:
    assert shared_service.client.get("/redoc").status_code == 404
