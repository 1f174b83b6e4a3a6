from datetime import UTC, datetime

import pytest

from app.asking.messages import getting, path_to, texts_of


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        ((), []),
        ("a,b", ["a,b"]),
        (("a", "b"), ["a", "b"]),
        (["a", None], ["a"]),
        (True, ["true"]),
        (False, ["false"]),
        (7, ["7"]),
        (0.0, ["0"]),
        (0.1 + 0.2, ["0.3"]),
        (1e-7, ["0.0000001"]),
        (120.0, ["120"]),
        (datetime(2026, 2, 3, tzinfo=UTC), ["2026-02-03T00:00:00+00:00"]),
    ],
)
def test_a_value_is_written_as_the_api_reads_it(value: object, texts: list[str]) -> None:
    assert texts_of({"name": value}) == [("name", text) for text in texts]


def test_an_address_holds_whatever_is_put_into_it() -> None:
    assert path_to("music", "a/b?c#d é") == "/music/a%2Fb%3Fc%23d%20%C3%A9"
    assert getting("/music", q="a&b=c", mood=("x y", "z"), cursor=None).target == "/music?q=a%26b%3Dc&mood=x+y&mood=z"
    assert getting("/music").target == "/music"
