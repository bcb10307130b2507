"""The environment is read once and typed; a value that makes no sense is refused in words that say what to do."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic.config import environment

NAME = "VERMILION_X"


def test_an_absent_text_is_its_default() -> None:
    assert environment.text(NAME, "here", {}) == "here"
    assert environment.text(NAME, "here", {NAME: " there "}) == "there"


@pytest.mark.parametrize(("word", "value"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", True)])
def test_a_flag_is_yes_or_no(word: str, value: bool) -> None:
    assert environment.flag(NAME, True, {NAME: word}) is value


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"VERMILION_X is 'perhaps'\. Set it to 1 or 0\."):
        environment.flag(NAME, False, {NAME: "perhaps"})


@pytest.mark.parametrize("word", ["-1", "two", "1.5"])
def test_a_number_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set it to a whole number"):
        environment.whole_number(NAME, 0, {NAME: word})


def test_names_are_split_at_commas() -> None:
    assert environment.names(NAME, [], {NAME: "a.example, b.example,"}) == ["a.example", "b.example"]
    assert environment.names(NAME, ["localhost"], {}) == ["localhost"]


def test_a_folder_is_absolute(tmp_path: Path) -> None:
    assert environment.folder(NAME, tmp_path, {}) == tmp_path
    assert environment.folder(NAME, tmp_path, {NAME: "somewhere"}).is_absolute()


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("a quiet word\n")
    assert environment.secret(NAME, {f"{NAME}_FILE": str(file)}) == "a quiet word"
    assert environment.secret(NAME, {NAME: "aloud"}) == "aloud"
    assert environment.secret(NAME, {}) is None


def test_a_secret_in_two_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="Keep one of them"):
        environment.secret(NAME, {NAME: "aloud", f"{NAME}_FILE": str(tmp_path)})


def test_a_secret_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="VERMILION_X_FILE cannot be read"):
        environment.secret(NAME, {f"{NAME}_FILE": str(tmp_path / "none")})


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        environment.secret(NAME, {f"{NAME}_FILE": str(file)})


def test_a_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "secret"
    first = environment.kept_secret(file)
    assert len(first) >= 50
    assert environment.kept_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_sqlite_waits_its_turn_and_writes_ahead() -> None:
    entry = environment.database("sqlite:////data/vermilion.sqlite3")
    assert entry["NAME"] == "/data/vermilion.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode = WAL" in entry["OPTIONS"]["init_command"]
    assert entry["OPTIONS"]["timeout"] >= 5


def test_postgresql_is_read_from_its_address() -> None:
    entry = environment.database("postgresql://clinic:a%2Fb@db.example:5433/vermilion")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert [entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "vermilion",
        "clinic",
        "a/b",
        "db.example",
        "5433",
    ]


def test_another_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="Begin it with sqlite:/// or postgresql://"):
        environment.database("mysql://db.example/vermilion")
