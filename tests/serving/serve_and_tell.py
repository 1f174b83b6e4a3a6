"""Serves as `bgm serve` does; on SIGUSR1 it writes which modules it has loaded to the named pipe that it was given."""

import signal
import sys
from pathlib import Path

from app.main import serve
from app.settings import Settings


def main() -> None:
    pipe = Path(sys.argv[1])
    signal.signal(signal.SIGUSR1, lambda *_: pipe.write_text("\n".join(sys.modules)))
    serve(Settings())


if __name__ == "__main__":
    main()
