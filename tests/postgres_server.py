"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone when they are.

Needs PostgreSQL's programs, not a running server. Where they are missing tests fail, so that nobody takes a suite that
never met PostgreSQL for a passing one.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

MISSING = (
    "these tests start a PostgreSQL server of their own and need its programs (initdb, pg_ctl); "
    "install them: apt-get install postgresql"
)
# PostgreSQL refuses to run as root; either of these will do instead.
ACCOUNTS = ("postgres", "nobody")
# A test's data may be lost in a crash; durability would only cost time.
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    # No zone that any machine is set to: times must come back in UTC whatever the server's zone is.
    "timezone": "Asia/Kathmandu",
}
# The server lives as long as the script's input stays open, which it does not beyond the tests, however they end.
LIFE = """
control="$1/pg_ctl --pgdata $2/data --silent"
"$1/initdb" --pgdata "$2/data" --username postgres --auth trust --encoding UTF8 --locale C --no-sync > "$2/log" 2>&1 &&
    $control --wait --log "$2/server.log" --options "-k $2 $3" start >> "$2/log" 2>&1 && echo ready
cat > /dev/null
$control --mode immediate stop > /dev/null 2>&1
rm -rf "$2"
"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server. Its only user may do all, without a password, through the socket in `folder`."""

    programs: Path
    folder: Path
    _numbers: Iterator[int]

    def new_database(self, *, template: str = "template0") -> str:
        """The name of a new database, empty or a copy of `template`, to which nobody may be connected."""
        name = f"test_{next(self._numbers)}"
        self._psql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop_database(self, name: str) -> None:
        self._psql(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def _psql(self, statement: str) -> None:
        where = ["--host", str(self.folder), "--username", "postgres", "--dbname", "postgres"]
        command = [str(self.programs / "psql"), "--no-psqlrc", "--quiet", *where, "--command", statement]
        subprocess.run(command, check=True)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    programs, account = _programs(), _account()
    # Not pytest's own folder: another account could not enter it, and a socket's path must stay below 108 characters.
    folder = Path(tempfile.mkdtemp(prefix="bgm-postgres-"))
    if account:
        shutil.chown(folder, account)
    group, groups = (pwd.getpwnam(account).pw_gid, list[str]()) if account else (None, None)
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    with subprocess.Popen(
        ["/bin/sh", "-c", LIFE, "sh", programs, folder, settings],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        user=account,
        group=group,
        extra_groups=groups,
        # Ctrl-C must reach the tests only, or the script would end before the server.
        start_new_session=True,
    ) as script:
        assert script.stdout is not None
        if script.stdout.readline() != b"ready\n":
            pytest.fail(f"PostgreSQL does not start: {(folder / 'log').read_text()}", pytrace=False)
        yield PostgresServer(programs, folder, count(1))


def _programs() -> Path:
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    newest = max(found, key=lambda path: float(path.parent.name), default=None)
    on_path = shutil.which("pg_ctl")
    if newest is None and on_path:
        newest = Path(on_path).resolve().parent
    if newest is None or not (newest / "initdb").exists():
        pytest.fail(MISSING, pytrace=False)
    return newest


def _account() -> str | None:
    """Who the server runs as; None: whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)
