"""Typed readers of the process environment: a value is checked once, and refused in words that say what to do.

Read by clinic.config.settings only. Secrets may also stand in a file that NAME_FILE points to, which keeps them out of
process listings and container descriptions.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
SECRET_BYTES = 48


def text(name: str, default: str, env: Mapping[str, str] = os.environ) -> str:
    """Return the text under ``name``, or ``default`` when it is absent or empty."""
    return env.get(name, "").strip() or default


def flag(name: str, default: bool, env: Mapping[str, str] = os.environ) -> bool:
    """Return the yes-or-no value under ``name``; raise ImproperlyConfigured for any other word."""
    word = env.get(name, "").strip().lower()
    if not word:
        return default
    if word not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {word!r}. Set it to 1 or 0.")
    return word in YES


def whole_number(name: str, default: int, env: Mapping[str, str] = os.environ) -> int:
    """Return the number under ``name``, 0 or more; raise ImproperlyConfigured for anything else."""
    word = env.get(name, "").strip()
    if not word:
        return default
    if not word.isdecimal():
        raise ImproperlyConfigured(f"{name} is {word!r}. Set it to a whole number, 0 or more.")
    return int(word)


def names(name: str, default: list[str], env: Mapping[str, str] = os.environ) -> list[str]:
    """Return the comma-separated words under ``name``, in order and without blanks."""
    words = [word.strip() for word in env.get(name, "").split(",")]
    return [word for word in words if word] or default


def folder(name: str, default: Path, env: Mapping[str, str] = os.environ) -> Path:
    """Return the absolute path under ``name``; the folder need not exist yet."""
    return Path(text(name, str(default), env)).expanduser().resolve()


def secret(name: str, env: Mapping[str, str] = os.environ) -> str | None:
    """Return the secret under ``name`` or in the file that ``name_FILE`` points to; None when neither is set.

    Raises ImproperlyConfigured when both are set, or when the file cannot be read or is empty.
    """
    direct, pointer = env.get(name, "").strip(), env.get(f"{name}_FILE", "").strip()
    if direct and pointer:
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if not pointer:
        return direct or None
    try:
        content = Path(pointer).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read ({error.strerror}). Check path and mode.") from error
    if not content:
        raise ImproperlyConfigured(f"The file that {name}_FILE points to is empty. Write the secret into it.")
    return content


def kept_secret(file: Path) -> str:
    """Return the secret in ``file``, making a random one (mode 0600) the first time; for a single machine only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="utf-8").strip()
    value = secrets.token_urlsafe(SECRET_BYTES)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(value)
    return value


def database(url: str) -> dict[str, object]:
    """Return Django's database entry for ``url``: sqlite:///path or postgresql://user:password@host:port/name.

    SQLite runs in write-ahead mode and takes its write lock when a transaction begins, so that two writers wait for
    each other instead of failing half way. Raises ImproperlyConfigured for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(
        f"VERMILION_DATABASE_URL begins with {parts.scheme!r}. Begin it with sqlite:/// or postgresql://."
    )
