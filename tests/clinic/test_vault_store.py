"""Sealing and opening through the vault: files, rows, erasure, the sweeper, and what a thief of the disk finds."""

import os
import stat
import time
import uuid

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from clinic.vault import casekeys, sweeping
from clinic.vault.blobs import blob_path, stored_files
from clinic.vault.errors import VaultError
from clinic.vault.models import MAX_WRAPS, CaseKey, SealedObject
from clinic.vault.store import discard, erase, new_case_key, seal, unseal
from clinic.vault.vml1 import Kind

PLACE = (uuid.uuid4().bytes, uuid.uuid4().bytes)
SECRET = b"a photograph of nobody, " * 40

pytestmark = pytest.mark.django_db


def sealed_photo(case_key: CaseKey | None = None) -> SealedObject:
    return seal(case_key or new_case_key(), Kind.PHOTO, SECRET, context=PLACE)


def age(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_is_sealed_opens_again():
    assert unseal(sealed_photo(), context=PLACE) == SECRET


def test_nothing_of_it_can_be_read_on_disk(data_folder):
    sealed_photo()

    for path in data_folder.rglob("*"):
        assert path.is_dir() or SECRET[:12] not in path.read_bytes(), path


def test_blobs_lie_under_their_id_and_are_private():
    sealed = sealed_photo()
    path = blob_path(sealed.id)

    assert path.parts[-4:] == ("blobs", str(sealed.id)[:2], str(sealed.id)[2:4], str(sealed.id))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_does_not_open_for_another_place():
    with pytest.raises(VaultError, match="another place"):
        unseal(sealed_photo(), context=(PLACE[0], uuid.uuid4().bytes))


def test_a_row_that_points_at_another_case_s_key_does_not_open():
    sealed, other = sealed_photo(), new_case_key()
    SealedObject.objects.filter(id=sealed.id).update(case_key=other)

    with pytest.raises(VaultError):
        unseal(SealedObject.objects.get(id=sealed.id), context=PLACE)


def test_a_blob_in_another_one_s_file_does_not_open():
    first, second = sealed_photo(), sealed_photo()
    blob_path(first.id).write_bytes(blob_path(second.id).read_bytes())

    with pytest.raises(VaultError, match="not the one its row describes"):
        unseal(first, context=PLACE)


def test_a_missing_blob_raises_an_alarm(caplog):
    sealed = sealed_photo()
    blob_path(sealed.id).unlink()

    with pytest.raises(VaultError, match="cannot be read"):
        unseal(sealed, context=PLACE)
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def test_a_full_disk_is_one_clear_refusal_and_leaves_nothing(monkeypatch, data_folder):
    case_key = new_case_key()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultError, match="No space left"):
        seal(case_key, Kind.PHOTO, SECRET, context=PLACE)
    assert SealedObject.objects.count() == 0
    assert list(stored_files()) == []


def test_an_erased_case_is_closed_at_once_in_spite_of_the_cache(django_capture_on_commit_callbacks):
    case_key = new_case_key()
    first, second = sealed_photo(case_key), sealed_photo(case_key)
    unseal(first, context=PLACE)

    with django_capture_on_commit_callbacks(execute=True):
        erase(case_key)

    for sealed in (first, second):
        with pytest.raises(VaultError, match="was erased"):
            unseal(sealed, context=PLACE)
    with pytest.raises(VaultError, match="was erased"):
        sealed_photo(case_key)
    case_key.refresh_from_db()
    assert (bytes(case_key.wrapped), list(stored_files())) == (b"", [])


def test_erasing_one_case_leaves_the_others_readable():
    kept, gone = sealed_photo(), new_case_key()
    erase(gone)

    assert unseal(kept, context=PLACE) == SECRET


def test_an_erased_key_cannot_be_put_back_into_its_row():
    case_key = new_case_key()
    erase(case_key)

    with pytest.raises(IntegrityError), transaction.atomic():
        CaseKey.objects.filter(id=case_key.id).update(wrapped=b"a stolen key")


def test_unwrapped_keys_are_remembered_for_a_minute_only(monkeypatch, settings):
    sealed = sealed_photo()
    unseal(sealed, context=PLACE)
    settings.VAULT_KEY_FILE.unlink()
    assert unseal(sealed, context=PLACE) == SECRET

    later = time.monotonic() + casekeys.CACHE_SECONDS + 1
    monkeypatch.setattr(casekeys.time, "monotonic", lambda: later)
    with pytest.raises(VaultError, match="init_vault"):
        unseal(sealed, context=PLACE)


def test_of_too_many_keys_the_oldest_is_forgotten(monkeypatch, settings):
    monkeypatch.setattr(casekeys, "CACHE_SIZE", 2)
    monkeypatch.setattr(casekeys, "_cache", casekeys._Cache())
    sealed = [sealed_photo() for _ in range(3)]
    for each in sealed:
        unseal(each, context=PLACE)
    settings.VAULT_KEY_FILE.unlink()

    assert [unseal(each, context=PLACE) for each in sealed[1:]] == [SECRET, SECRET]
    with pytest.raises(VaultError, match="init_vault"):
        unseal(sealed[0], context=PLACE)


def test_a_case_key_that_has_wrapped_its_fill_is_refused():
    case_key = new_case_key()
    CaseKey.objects.filter(id=case_key.id).update(wraps=MAX_WRAPS)

    with pytest.raises(VaultError, match="admit the case anew"):
        sealed_photo(case_key)


def test_a_vault_key_that_has_wrapped_its_fill_asks_for_rotation(monkeypatch):
    monkeypatch.setattr(casekeys, "MAX_WRAPS", 2)
    new_case_key()
    new_case_key()

    with pytest.raises(VaultError, match="rotate_vault_key"):
        new_case_key()


def test_a_case_key_moved_to_another_row_does_not_open():
    here, there = sealed_photo(), new_case_key()
    CaseKey.objects.filter(id=here.case_key_id).update(wrapped=bytes(there.wrapped))

    with pytest.raises(VaultError, match="belongs to another case"):
        unseal(here, context=PLACE)


def test_what_is_discarded_is_gone_from_the_disk(django_capture_on_commit_callbacks):
    sealed = sealed_photo()
    with django_capture_on_commit_callbacks(execute=True):
        discard(sealed)

    assert (SealedObject.objects.count(), list(stored_files())) == (0, [])


def test_a_failed_transaction_leaves_a_blob_that_the_sweeper_removes_after_a_day(data_folder):
    kept = sealed_photo()
    with transaction.atomic():
        stray = sealed_photo()
        transaction.set_rollback(True)
    crashed = blob_path(stray.id).with_name("half.part")
    crashed.write_bytes(b"half")
    assert sweeping.sweep().removed == 0

    for path in list(stored_files()):
        age(path, sweeping.GRACE_SECONDS + 60)

    assert sweeping.sweep() == sweeping.Sweep(removed=2, missing=())
    assert list(stored_files()) == [blob_path(kept.id)]


def test_the_sweeper_complains_of_rows_without_blobs():
    sealed = sealed_photo()
    blob_path(sealed.id).unlink()

    with pytest.raises(CommandError, match=f"restore {sealed.id} from backup"):
        call_command("sweep_vault")
