"""A PostgreSQL server of the test run's own: a temporary folder, a Unix socket, no port, no durability.

It is a child of the test process and ends with it, also when that is killed. PostgreSQL refuses to run as
root, so root starts it as an unprivileged user.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_SECONDS = 60
STOP_SECONDS = 20
UNPRIVILEGED = ("postgres", "nobody")
# The application's role is no superuser and owns nothing: what it may not do in production, it may not do here.
ROLE = "cstf"
OWNER = "cstf_owner"
MATCHING = "cstf_matching"
PR_SET_PDEATHSIG = 1

SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Its worker in a database would be in the way of whoever drops that: it may not end a superuser's process.
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "50",
    "listen_addresses": "",
}


def find_binaries() -> Path | None:
    """The folder of the newest `initdb` and `postgres`; Debian keeps them out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


class Cluster:
    """One server; `start` before use, `stop` in every case."""

    def __init__(self, binaries: Path, *, options: Mapping[str, str] = SPEED) -> None:
        self._binaries = binaries
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="cstf-pg-"))
        self._log = self._folder / "log"
        self._server: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _unprivileged_user()
            self._identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            # Root's own group may pass: a root without its powers, as some tests have it, is not let in otherwise.
            os.chown(self._folder, user.pw_uid, os.getegid())
            self._folder.chmod(0o710)

    def start(self) -> None:
        """The server answers; the application's role, the owner's and the database exist."""
        try:
            self._make_data_folder()
            self._start_server()
            self._await_server()
            with self._as_superuser() as connection:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN")
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
                connection.execute(f"CREATE ROLE {MATCHING} NOLOGIN")
                connection.execute(f"GRANT {MATCHING} TO {OWNER}")
                connection.execute(f"CREATE DATABASE {ROLE} OWNER {OWNER}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """The server has ended and its folder is gone; doing it again changes nothing."""
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(signal.SIGINT)  # fast shutdown: open sessions are cut off
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Of the started server."""
        assert self._server is not None, "it has not been started"
        return self._server.pid

    def url(self, role: str = ROLE) -> str:
        """DATABASE_URL; of another role, DATABASE_OWNER_URL."""
        return f"postgresql://{role}@/{ROLE}?host={self._folder}"

    def _make_data_folder(self) -> None:
        command = [f"{self._binaries}/initdb", f"--pgdata={self._folder}/data", "--username=postgres"]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, cwd=self._folder, **self._identity
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _start_server(self) -> None:
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._folder / "data", "-k", self._folder, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C reaches the tests, which then stop the server
                preexec_fn=_end_with_parent,
                **self._identity,
            )

    def _await_server(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._as_superuser().close()
                return
            except psycopg.OperationalError:
                ended = self._server is None or self._server.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text()}") from None
            time.sleep(0.05)

    def _as_superuser(self) -> "psycopg.Connection[Any]":
        return as_superuser(self.url())


def _unprivileged_user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(
        f"PostgreSQL needs one of the users {', '.join(UNPRIVILEGED)} when root runs the tests."
    )


def _end_with_parent() -> None:
    """In the server, before it starts: the kernel stops it at once when the test process is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def as_superuser(address: str) -> "psycopg.Connection[Any]":
    """A connection to the server that the address names, for what no role of the product may do."""
    return psycopg.connect(address, user="postgres", dbname="postgres", autocommit=True)


def create_database(name: str, *, by_way_of: str, template: str = "template1") -> None:
    """A database beside the one that the address names: empty, or a copy of one that nobody uses."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _administer(statement.format(sql.Identifier(name), sql.Identifier(template)), by_way_of)


def drop_database(name: str, *, by_way_of: str) -> None:
    """The database is gone, whoever is connected to it."""
    _administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)), by_way_of)


def _administer(statement: sql.Composed, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
