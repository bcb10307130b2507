"""The vault key: where it may lie, who may read it, and how it is rotated. One test per refusal."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clinic.vault import providers, rotation
from clinic.vault.blobs import stored_files
from clinic.vault.errors import VaultError
from clinic.vault.keyring import Keyring, fresh_keyring, read_keyring, write_keyring
from clinic.vault.models import CaseKey
from clinic.vault.providers import create_key_file, key_provider, read_key_file
from clinic.vault.store import erase, new_case_key, seal, unseal
from clinic.vault.vml1 import Kind

PLACE = (b"case", b"object")


@pytest.fixture
def key_file(settings) -> Path:
    return settings.VAULT_KEY_FILE


def said(refusal, ring: Keyring) -> bool:
    """Whether a refusal quotes any of the keys."""
    return any(
        key.hex() in str(refusal.value) or write_keyring(ring).split()[3] in str(refusal.value) for key in ring.keys
    )


def test_the_key_file_is_private_and_opens_what_it_wrapped(key_file):
    ring = read_key_file(key_file)
    wrapped = ring.wrap(bytes(32), b"case")

    assert key_file.stat().st_mode & 0o777 == 0o600
    assert read_key_file(key_file).unwrap(ring.current_id, wrapped, b"case") == bytes(32)


def test_init_vault_never_overwrites_a_key(key_file):
    before = key_file.read_bytes()

    with pytest.raises(CommandError, match="exists already"):
        call_command("init_vault")
    assert key_file.read_bytes() == before


def test_init_vault_makes_a_key_and_does_not_print_it(key_file):
    key_file.unlink()
    out = StringIO()
    call_command("init_vault", stdout=out)

    assert read_key_file(key_file).current_id in out.getvalue()
    assert key_file.read_text().split()[3] not in out.getvalue()


def test_a_missing_key_is_refused(key_file):
    key_file.unlink()

    with pytest.raises(VaultError, match=r"make one with manage\.py init_vault"):
        key_provider()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(key_file, mode):
    key_file.chmod(mode)

    with pytest.raises(VaultError, match="chmod 600"):
        key_provider()


def test_a_key_of_another_user_is_refused(key_file, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(VaultError, match="belongs to another user"):
        key_provider()


def test_a_link_to_a_key_is_refused(key_file):
    key_file.rename(key_file.with_name("elsewhere"))
    key_file.symlink_to(key_file.with_name("elsewhere"))

    with pytest.raises(VaultError, match="cannot be read"):
        key_provider()


def test_a_key_in_the_repository_is_refused(settings):
    with pytest.raises(VaultError, match="in the repository"):
        create_key_file(settings.ROOT / "vault.key")
    assert not (settings.ROOT / "vault.key").exists()


def test_a_key_among_the_blobs_is_refused(settings):
    with pytest.raises(VaultError, match="among the blobs"):
        create_key_file(settings.VAULT_ROOT / "keys" / "vault.key")


def test_a_short_key_is_refused(key_file):
    key_file.write_text("VML-KEYRING 1\n0000000000000000 c2hvcnQ=\n")

    with pytest.raises(VaultError, match="must have 32 bytes"):
        key_provider()


def test_a_mistyped_key_is_refused_without_being_quoted(key_file):
    ring = read_key_file(key_file)
    text = key_file.read_text()
    last = text.rstrip()[-3]
    key_file.write_text(text.rstrip()[:-3] + ("A" if last != "A" else "B") + text.rstrip()[-2:] + "\n")

    with pytest.raises(VaultError, match="does not match its own id") as refusal:
        key_provider()
    assert not said(refusal, ring)


@pytest.mark.parametrize("text", ["", "a key\n", "VML-KEYRING 1\n", "VML-KEYRING 1\nnonsense\n", "VML-KEYRING 2\n"])
def test_what_is_no_key_ring_is_refused(key_file, text):
    key_file.write_text(text)

    with pytest.raises(VaultError):
        key_provider()


def test_the_same_key_twice_is_refused(key_file):
    heading, line = key_file.read_text().splitlines()
    key_file.write_text("\n".join([heading, line, line]))

    with pytest.raises(VaultError, match="same key twice"):
        key_provider()


def test_an_unknown_provider_is_refused(settings):
    settings.VAULT_KEY_PROVIDER = "paper"

    with pytest.raises(VaultError, match="file, environment or passphrase"):
        key_provider()


def test_a_ring_of_another_vault_does_not_unwrap():
    mine, theirs = fresh_keyring(), fresh_keyring()
    wrapped = mine.wrap(bytes(32), b"case")

    with pytest.raises(VaultError, match="not in the ring"):
        theirs.unwrap(mine.current_id, wrapped, b"case")


def test_the_environment_may_hold_the_ring(settings, monkeypatch, tmp_path):
    ring = fresh_keyring()
    settings.VAULT_KEY_PROVIDER = "environment"
    with pytest.raises(VaultError, match="VERMILION_VAULT_KEYRING_FILE"):
        key_provider()

    monkeypatch.setenv("VERMILION_VAULT_KEYRING", write_keyring(ring))

    assert key_provider().current_id == ring.current_id


def test_a_passphrase_may_be_the_key(settings, monkeypatch, key_file):
    monkeypatch.setattr(providers, "ARGON2_MEMORY_KIB", 1024)
    providers._derive.cache_clear()
    settings.VAULT_KEY_PROVIDER = "passphrase"
    key_file.unlink()
    monkeypatch.setenv("VERMILION_VAULT_PASSPHRASE", "a long lamp beside the window")
    call_command("init_vault", stdout=StringIO())
    assert isinstance(key_provider(), Keyring)

    monkeypatch.setenv("VERMILION_VAULT_PASSPHRASE", "a long lamp beside the door")
    with pytest.raises(VaultError, match="not the passphrase"):
        key_provider()

    monkeypatch.setenv("VERMILION_VAULT_PASSPHRASE", "short")
    with pytest.raises(VaultError, match="at least 16"):
        key_provider()


def test_the_ring_reads_back_as_it_was_written():
    ring = fresh_keyring().with_new_key()

    assert read_keyring(write_keyring(ring)) == ring
    assert ring.keys[0].hex() not in repr(ring)


@pytest.mark.django_db
class TestRotation:
    def test_every_picture_opens_under_the_new_key_and_the_old_one_is_gone(self, key_file):
        sealed = [seal(new_case_key(), Kind.PHOTO, bytes([n]), context=PLACE) for n in range(5)]
        before, blobs = read_key_file(key_file), {path: path.read_bytes() for path in stored_files()}

        call_command("rotate_vault_key", stdout=StringIO())

        after = read_key_file(key_file)
        assert len(after.keys) == 1
        assert after.current_id != before.current_id
        assert [unseal(one, context=PLACE) for one in sealed] == [bytes([n]) for n in range(5)]
        assert {path: path.read_bytes() for path in stored_files()} == blobs
        for row in CaseKey.objects.all():
            with pytest.raises(VaultError):
                Keyring(before.keys).unwrap(before.current_id, bytes(row.wrapped), row.id.bytes)

    def test_an_interrupted_rotation_goes_on_where_it_stopped(self, key_file):
        sealed = [seal(new_case_key(), Kind.PHOTO, bytes([n]), context=PLACE) for n in range(5)]
        started = rotation.begin()
        assert rotation.rewrap_batch(size=2) == 2
        assert [unseal(one, context=PLACE) for one in sealed] == [bytes([n]) for n in range(5)]

        call_command("rotate_vault_key", stdout=StringIO())

        assert [key_id(key_file)] == [started]
        assert [unseal(one, context=PLACE) for one in sealed] == [bytes([n]) for n in range(5)]

    def test_an_old_key_is_not_dropped_while_a_case_needs_it(self, key_file):
        new_case_key()
        rotation.begin()

        with pytest.raises(VaultError, match="still need an older vault key"):
            rotation.retire()
        assert len(read_key_file(key_file).keys) == 2

    def test_erased_cases_are_not_wrapped_again(self):
        case_key = new_case_key()
        erase(case_key)
        call_command("rotate_vault_key", stdout=StringIO())

        case_key.refresh_from_db()
        assert bytes(case_key.wrapped) == b""


def key_id(path: Path) -> str:
    return read_key_file(path).current_id
