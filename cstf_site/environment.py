"""Reads settings from the environment, and refuses nonsense with one sentence that names the setting.

django-environ turns text into Python values, but lets much pass (a misspelt boolean is false to it) and
answers the rest with a traceback. An operator who mistyped a line of `.env` needs the name of the setting
and what it wants, nothing else. Values are repeated in the sentence except where they hold a secret.
"""

import datetime as dt
import logging
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
ACCOUNT_FIELDS = ("USERNAME", "EMAIL")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# What of a database's address says who comes in and by which way.
LOG_IN = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")

# The clock change runs this hour twice in autumn and never in spring; 02:00–02:59 keeps clear of it.
FORBIDDEN_NIGHT = (dt.time(1, 0), dt.time(3, 0))


def refuse(name: str, wants: str, value: str | None = None) -> ImproperlyConfigured:
    """The one sentence; `value` is left out for secrets."""
    found = "" if value is None else f", not {value!r}"
    return ImproperlyConfigured(f"{name} must be {wants}{found}.")


def read_env_file(base: Path) -> None:
    """Take settings from `.env` (or the file that ENV_FILE names; empty: none); the environment wins."""
    chosen = os.environ.get("ENV_FILE")
    if chosen == "":
        return
    path = base / (chosen or ".env")
    if not path.is_file():
        if chosen:
            raise refuse("ENV_FILE", "the path of a file with settings, or empty for none", chosen)
        return
    for number, line in enumerate(_lines_of(path), start=1):
        if line.strip() and not line.startswith("#") and "=" not in line:
            raise ImproperlyConfigured(f"{path.name} line {number} must read NAME=value or start with #.")
    Env.read_env(path)


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ImproperlyConfigured(f"{path.name} must be a readable UTF-8 file: {problem}.") from problem


def text(name: str, default: str = "") -> str:
    """The setting as it stands, without surrounding spaces; empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def label(name: str, default: str) -> str:
    """A few words for people to read."""
    value = text(name, default)
    if not value.isprintable() or len(value) > 40:
        raise refuse(name, "one line of up to 40 characters", value)
    return value


def word(name: str, default: str = "", *, secret: bool = False) -> str:
    """One word, as another system gave it to us."""
    value = text(name, default)
    if not value.isprintable() or " " in value or len(value) > 191:
        wants = "one word of up to 191 characters, without spaces"
        raise refuse(name, wants, None if secret else value)
    return value


def flag(name: str, *, default: bool) -> bool:
    """A yes or no."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise refuse(name, "on or off", text(name))


def whole(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    value = text(name, str(default))
    wants = f"a whole number from {least} to {most}"
    # isdecimal alone would let digits of other scripts pass, and a sign is never wanted.
    if not (value.isascii() and value.isdecimal()) or len(value) > len(str(most)):
        raise refuse(name, wants, value)
    if not least <= int(value) <= most:
        raise refuse(name, wants, value)
    return int(value)


def share(name: str, default: float) -> float:
    """A share of a population: above 0, up to and including 1."""
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 < number <= 1:  # false for NaN too
        raise refuse(name, "a share above 0 and up to 1, such as 0.05", value)
    return number


def choice(name: str, default: str, *, of: tuple[str, ...]) -> str:
    """One of a few words, in any case."""
    value = text(name, default).upper()
    if value not in of:
        raise refuse(name, f"one of {', '.join(of)}", text(name))
    return value


def hosts(name: str, default: list[str]) -> list[str]:
    """Host names, divided by commas."""
    found = _parts(name) or default
    for host in found:
        if host == "*":
            # Links in mails carry the name that a browser asked for: it must be one of ours.
            raise refuse(name, "host names one by one, not *", host)
        if any(character in host for character in "/ :@") and not host.startswith("["):
            raise refuse(name, "host names divided by commas, without scheme, port or path", host)
    return found


def origins(name: str) -> list[str]:
    """Web origins (scheme and host), divided by commas."""
    found = _parts(name)
    for origin in found:
        parts = _split(origin)
        if parts is None or parts[0] not in {"http", "https"} or not parts[1] or parts[2]:
            raise refuse(name, "origins such as https://learning.example.org, divided by commas", origin)
    return found


def web_address(name: str) -> str:
    """The address of another site, without a slash at its end; HTTPS except on this very machine."""
    value = text(name)
    parts = _split(value)
    if not value:
        return ""
    secure = parts is not None and parts[0] == "https" and bool(parts[1])
    local = parts is not None and parts[0] == "http" and parts[1] in {"localhost", "127.0.0.1", "::1"}
    if not (secure or local) or "?" in value or "#" in value:
        raise refuse(name, "an address such as https://login.example.org/tenant", value)
    return value.rstrip("/")


def words(name: str) -> list[str]:
    """Words, divided by commas."""
    found = _parts(name)
    for value in found:
        if not value.isprintable() or " " in value:
            raise refuse(name, "words divided by commas", value)
    return found


def _parts(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def _split(address: str) -> tuple[str, str, str] | None:
    """Scheme, host and path; None when it is no address at all (a bad port, a broken IPv6 host)."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", parts.path


def night_time(name: str, default: str) -> dt.time:
    """A time of day in London, outside the hours that a clock change runs twice or never."""
    value = text(name, default)
    try:
        time = dt.datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  (a time of day, no instant)
    except ValueError:
        raise refuse(name, "a London time of day such as 21:30", value) from None
    if FORBIDDEN_NIGHT[0] <= time < FORBIDDEN_NIGHT[1]:
        wants = "a London time outside 01:00–02:59, which a clock change runs twice or never"
        raise refuse(name, wants, value)
    return time


def folder(name: str, default: Path, *, base: Path) -> Path:
    """A folder, which need not exist yet; a relative path starts at the project."""
    value = text(name)
    path = base / value if value else default
    if "\0" in value or (path.exists() and not path.is_dir()):
        raise refuse(name, "the path of a folder", value)
    return path


def file(name: str, *, base: Path) -> Path | None:
    """A file that others make; a relative path starts at the project."""
    value = text(name)
    if "\0" in value or ((base / value).is_dir() and value):
        raise refuse(name, "the path of a file", value)
    return base / value if value else None


def database(name: str, default: Path, *, base: Path) -> dict[str, Any]:
    """Django's description of the database: SQLite (a file) or PostgreSQL, and nothing else.

    The value is never repeated in a refusal: it may hold a password.
    """
    value = text(name)
    if not value:
        default.parent.mkdir(parents=True, exist_ok=True)
        return _sqlite(default)
    wants = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    parts = _split(value)
    if parts is None:
        raise refuse(name, wants)
    scheme, host, path = parts
    if scheme == "sqlite" and not host and len(path) > 1:
        file = base / path[1:]
        if file.is_dir() or not file.parent.is_dir():
            raise refuse(name, f"{wants}; for SQLite, a file in a folder that exists")
        return _sqlite(file)
    if scheme in {"postgres", "postgresql"} and len(path) > 1:
        return _postgresql(value)
    raise refuse(name, wants)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # Writers queue up at BEGIN instead of failing half way, where a retry would be needed.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
            ),
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    found: dict[str, Any] = Env.db_url_config(address)
    return {
        **found,
        "ENGINE": "people.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # The server knows the scope of a transaction, so a page is one. On SQLite it would be a writer's.
        "ATOMIC_REQUESTS": True,
    }


def database_owner(name: str) -> dict[str, Any]:
    """Where the owner of the tables logs in, where it is not the role of the application (PostgreSQL).

    The database is the application's, whatever this address names. Its value is never repeated.
    """
    value = text(name)
    if not value:
        return {}
    parts = _split(value)
    if parts is None or parts[0] not in {"postgres", "postgresql"} or len(parts[2]) < 2:
        raise refuse(name, "postgresql://USER:PASSWORD@HOST:PORT/NAME")
    found: dict[str, Any] = Env.db_url_config(value)
    return {key: found.get(key, {} if key == "OPTIONS" else "") for key in LOG_IN}


def email(name: str, default: str) -> dict[str, Any]:
    """Django's e-mail settings from one address; the value is not repeated, it may hold a password."""
    wants = "smtp://USER:PASSWORD@HOST:PORT, smtp+tls://…, smtp+ssl://… or consolemail://"
    value = text(name, default)
    if _split(value) is None:
        raise refuse(name, wants)
    try:
        found: dict[str, Any] = Env.email_url_config(value)
    except ImproperlyConfigured:
        raise refuse(name, wants) from None
    if value.startswith("smtp") and not found["EMAIL_HOST"]:
        raise refuse(name, wants)
    return found


def secret_key(name: str, *, debug: bool, kept_in: Path | None) -> str:
    """The key that signs sessions and queued tasks.

    A site on SQLite is one host with one folder: it makes its key at the first start and keeps it there.
    Several hosts may share a PostgreSQL database and must share the key too, so there it has to be set.
    """
    value = text(name)
    if value:
        if len(value) < 32 and not debug:
            raise refuse(name, "at least 32 characters long, and random")
        return value
    if debug:
        return "insecure-development-key-never-used-with-debug-off"
    if kept_in is None:
        raise refuse(name, "set (at least 32 random characters) when DATABASE_URL is PostgreSQL")
    return _kept_key(name, kept_in)


def _kept_key(name: str, path: Path) -> str:
    try:
        if not path.exists():
            _keep(path, secrets.token_urlsafe(48))
        return path.read_text("ascii").strip()
    except OSError as problem:
        raise refuse(name, f"set, for none can be kept in {path} ({problem.strerror})") from problem


def _keep(path: Path, key: str) -> None:
    """Write the key for its owner alone; of two first starts at once, one key wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
    try:
        os.link(draft, path)
    except FileExistsError:
        logging.getLogger(__name__).debug("another process kept a key first")
    finally:
        draft.unlink()
