"""What the README lists is what the code has; so that neither grows without the other."""

import re
from pathlib import Path

import pytest

from app import errors, request_errors
from app.api.problems import status_of
from app.errors import BgmError, SetupError, TrackExists
from app.media.accepted import CONTAINERS, SOUND_CODECS, VIDEO_CODECS

README = (Path(__file__).parent.parent / "README.md").read_text()


def error_classes() -> list[type[BgmError]]:
    named = {**vars(errors), **vars(request_errors)}
    kinds = [kind for kind in named.values() if isinstance(kind, type) and issubclass(kind, BgmError)]
    # Adding a file that is there already is no error to a caller: the answer is the track that is there.
    return [kind for kind in kinds if not issubclass(kind, SetupError | TrackExists)]


@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: kind.__name__)
def test_the_readme_lists_the_code_of_every_error_that_a_caller_can_meet(kind: type[BgmError]) -> None:
    assert re.search(rf"^\| `{kind.code}` \| \d{{3}} \|", README, flags=re.MULTILINE)


def test_the_readme_gives_each_code_the_status_that_it_has() -> None:
    listed = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", README, re.MULTILINE)}
    for kind in error_classes():
        if not kind.__subclasses__():
            assert listed[kind.code] == status_of(kind.__new__(kind)), kind.code


@pytest.mark.parametrize("names", [CONTAINERS, VIDEO_CODECS, SOUND_CODECS])
def test_the_readme_lists_every_accepted_container_and_codec(names: dict[str, str]) -> None:
    accepted_files = README.partition("## Accepted files")[2].partition("\n## ")[0]
    assert [name for name in names if f"`{name}`" not in accepted_files] == []
