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
OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    # psycopg turns what it receives into UTC itself; another zone shows whether it must.
    "timezone": "Asia/Kathmandu",
}


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
        _run(self.programs / "psql", "--no-psqlrc", "--quiet", *where, "--command", statement)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    programs = _programs()
    # Not pytest's own folder: another account could not enter it, and a socket's path must stay below 108 characters.
    folder = Path(tempfile.mkdtemp(prefix="bgm-postgres-"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    data = folder / "data"
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    try:
        cluster = ["--pgdata", str(data), "--username", "postgres", "--auth", "trust", "--no-sync", "--no-instructions"]
        _run(programs / "initdb", *cluster, "--encoding", "UTF8", "--locale", "C", account=account)
        server = [
            "--pgdata",
            str(data),
            "--silent",
            "--log",
            str(folder / "log"),
            "--options",
            f"-k {folder} {options}",
        ]
        _run(programs / "pg_ctl", "--wait", *server, "start", account=account)
        try:
            yield PostgresServer(programs, folder, count(1))
        finally:
            _run(programs / "pg_ctl", "--pgdata", str(data), "--silent", "--mode", "immediate", "stop", account=account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def _run(program: Path, *arguments: str, account: str | None = None) -> None:
    group, groups = (pwd.getpwnam(account).pw_gid, list[str]()) if account else (None, None)
    # Its output goes to a file: the server that pg_ctl leaves running would keep a pipe open.
    command = [str(program), *arguments]
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(
            command, cwd="/", stdout=output, stderr=output, check=False, user=account, group=group, extra_groups=groups
        )
        if ended.returncode != 0:
            output.seek(0)
            pytest.fail(f"{program} failed: {output.read().decode(errors='replace')}", pytrace=False)
