"""The settings as an operator meets them: whole processes, each with its own environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "VERMILION_ALLOWED_HOSTS": "vermilion.ward.example",
    "VERMILION_SECRET_KEY": "8Jq2-vXw0Lr7_Kd5tYb9NfHs3mPz6GcAeUiQoRx1WkVjTlBy4D",
    "VERMILION_AUDIT_KEY": "Zp4-nRt8Qw1_Lk6sXc3VbMj9hGf2DyAeUiOoTr5WqKvNzHx7B",
}


def manage(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with nothing of ours in the environment but ``env`` and a data folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VERMILION_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean | {"VERMILION_DATA": str(folder)} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def setting(folder: Path, expression: str, **env: str) -> str:
    """Return what ``expression`` over the settings ``s`` prints in a fresh process."""
    answer = manage(folder, "shell", "-v0", "-c", f"from django.conf import settings as s; print({expression})", **env)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    answer = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr


def test_beyond_loopback_everything_is_https(tmp_path: Path) -> None:
    seen = "s.HTTPS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEBUG"
    assert setting(tmp_path, seen, **PRODUCTION) == "True True True True False"


def test_on_loopback_plain_http_serves(tmp_path: Path) -> None:
    assert setting(tmp_path, "s.HTTPS, s.DEBUG, s.ALLOWED_HOSTS[0]") == "False False localhost"


@pytest.mark.parametrize("name", ["VERMILION_SECRET_KEY", "VERMILION_AUDIT_KEY"])
def test_beyond_loopback_the_keys_must_be_given(tmp_path: Path, name: str) -> None:
    env = {key: value for key, value in PRODUCTION.items() if key != name}
    answer = manage(tmp_path, "check", **env)
    assert answer.returncode != 0
    assert f"{name} is not set. Set it, or {name}_FILE" in answer.stderr


def test_everything_a_run_writes_lies_under_the_data_folder(tmp_path: Path) -> None:
    places = "s.VAULT_ROOT, s.VAULT_KEY_FILE, s.PLATFORM_KEY_FILE, s.DATABASES['default']['NAME'], s.BROKER_URL[13:]"
    assert all(place.startswith(str(tmp_path)) for place in setting(tmp_path, places).split())


def test_the_migrations_match_the_models(tmp_path: Path) -> None:
    answer = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert answer.returncode == 0, answer.stdout


def test_manage_test_hands_over_to_pytest(tmp_path: Path) -> None:
    answer = manage(tmp_path, "test", "--version")
    assert answer.returncode == 0
    assert answer.stdout.startswith("pytest")
