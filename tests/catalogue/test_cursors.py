import base64

import pytest

from app.catalogue.cursors import cursor_below, number_of
from app.errors import InvalidParameter


@pytest.mark.parametrize("number", [1, 42, 2**31 - 1])
def test_a_cursor_gives_back_the_number_it_was_made_of(number: int) -> None:
    assert number_of(cursor_below(number)) == number


@pytest.mark.parametrize("number", range(1, 10))
def test_a_cursor_needs_no_escaping_in_a_url(number: int) -> None:
    assert cursor_below(10**number).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor",
    ["", "12", "not a cursor", "ä", "YmVsb3c6MTI*", "\0", "A" * 5000]
    + [
        base64.urlsafe_b64encode(text).decode()
        for text in (b"below:-1", b"below:%d" % (2**31), b"below:" + b"9" * 30, b"below:1\n", b"below:")
    ],
)
def test_a_cursor_that_no_listing_gave_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        number_of(cursor)
    assert refused.value.parameter == "cursor"
