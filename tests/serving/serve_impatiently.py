"""Serves as `bgm serve` does, but gives a file a few seconds to be decoded: no test can wait for the usual minutes."""

from functools import partial

import pytest

from app.inference.pool import PoolSetup
from app.main import serve
from app.settings import Settings

DECODE_LIMIT_S = 6.0


def main() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.opening.PoolSetup", partial(PoolSetup, decode_limit_s=DECODE_LIMIT_S))
        serve(Settings())


if __name__ == "__main__":
    main()
