"""The audit chain: every act adds one link, and whatever is done to the rows afterwards is found, and where."""

import random
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clinic.accounts.models import User
from clinic.audit import chain
from clinic.audit.acts import Act
from clinic.audit.chain import record, verify
from clinic.audit.models import AuditEntry, AuditHead

LENGTH = 12


@pytest.fixture
def log(ada: User, rosa: User) -> list[AuditEntry]:
    """Twelve entries by Ada, Rosa and the system."""
    actors = [ada, rosa, None]
    return [record(actors[n % 3], Act.PICTURE_SEEN, rosa, code=f"VM-{n:04d}", tries=n) for n in range(LENGTH)]


def test_an_empty_log_is_whole(db: None) -> None:
    assert verify() is None


def test_a_log_that_nobody_touched_is_whole(log: list[AuditEntry]) -> None:
    assert verify() is None
    assert [entry.seq for entry in log] == list(range(1, LENGTH + 1))


def test_an_entry_says_who_did_what_to_what(rosa: User, sam: User) -> None:
    entry = AuditEntry.objects.get(seq=record(rosa, Act.PICTURE_SEEN, sam, code="VM-0145", tries=2).seq)
    assert (entry.actor, entry.act, entry.hospital) == (rosa, "picture-seen", rosa.hospital)
    assert (entry.object_kind, entry.object_id) == ("accounts.user", str(sam.id))
    assert entry.details == {"code": "VM-0145", "tries": 2}


def test_an_act_of_the_system_belongs_to_the_hospital_of_its_object(rosa: User) -> None:
    assert record(None, Act.SIGN_IN_REFUSED, rosa).hospital == rosa.hospital


@pytest.mark.parametrize(
    "change",
    [
        {"act": Act.CASE_ADMITTED},
        {"actor": None},
        {"hospital": None},
        {"object_id": "00000000-0000-0000-0000-000000000000"},
        {"object_kind": "cases.case"},
        {"details": {"code": "VM-9999"}},
        {"details": {}},
        {"digest": "f" * 64},
        {"previous_digest": "e" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_entry_is_found(log: list[AuditEntry], change: dict[str, object]) -> None:
    AuditEntry.objects.filter(seq=5).update(**change)
    assert verify() == 5


def test_an_entry_moved_in_time_is_found(log: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(seq=5).update(at=log[4].at - timedelta(microseconds=1))
    assert verify() == 5


@pytest.mark.parametrize("seq", [1, 6, LENGTH])
def test_a_deleted_entry_is_found(log: list[AuditEntry], seq: int) -> None:
    AuditEntry.objects.filter(seq=seq).delete()
    assert verify() == seq


def test_a_cut_tail_is_found(log: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(seq__gt=8).delete()
    assert verify() == 9


def test_an_emptied_log_is_found(log: list[AuditEntry]) -> None:
    AuditEntry.objects.all().delete()
    assert verify() == 1


def test_a_lost_head_is_found(log: list[AuditEntry]) -> None:
    AuditHead.objects.all().delete()
    assert verify() == LENGTH + 1


def test_two_swapped_entries_are_found(log: list[AuditEntry]) -> None:
    third, seventh = log[2], log[6]
    AuditEntry.objects.filter(seq=3).update(details=seventh.details, act=seventh.act)
    AuditEntry.objects.filter(seq=7).update(details=third.details, act=third.act)
    assert verify() == 3


def test_an_entry_added_by_hand_is_found(log: list[AuditEntry]) -> None:
    last = log[-1]
    AuditEntry.objects.create(
        seq=LENGTH + 1, at=last.at, act=Act.STUDY_UNBLINDED, previous_digest=last.digest, digest="d" * 64
    )
    assert verify() == LENGTH + 1


def test_a_whole_chain_rebuilt_without_the_key_is_found(log: list[AuditEntry], settings) -> None:
    kept = settings.AUDIT_KEY
    settings.AUDIT_KEY = "the key of somebody who owns the database"
    previous = chain.GENESIS
    AuditEntry.objects.filter(seq=4).update(act=Act.SIGNED_OUT)
    for entry in AuditEntry.objects.order_by("seq"):
        entry.previous_digest = previous
        entry.digest = previous = chain.digest_of(entry)
        entry.save()
    AuditHead.objects.update(digest=previous)
    assert verify() is None
    settings.AUDIT_KEY = kept
    assert verify() == 1


def test_a_thousand_random_changes_are_all_found(log: list[AuditEntry]) -> None:
    dice = random.Random(20230401)
    for _ in range(1000):
        seq = dice.randint(1, LENGTH)
        with transaction.atomic():
            field = dice.choice(["act", "object_id", "object_kind", "digest", "previous_digest"])
            value = AuditEntry.objects.values_list(field, flat=True).get(seq=seq)
            at = dice.randrange(len(value))
            changed = value[:at] + chr(ord(value[at]) ^ (1 << dice.randrange(5))) + value[at + 1 :]
            AuditEntry.objects.filter(seq=seq).update(**{field: changed})
            assert verify() == seq
            transaction.set_rollback(True)


def test_an_undone_act_leaves_no_entry_and_no_gap(log: list[AuditEntry], rosa: User) -> None:
    with transaction.atomic():
        record(rosa, Act.MASK_SAVED)
        transaction.set_rollback(True)
    assert record(rosa, Act.MASK_SAVED).seq == LENGTH + 1
    assert verify() is None


@pytest.mark.parametrize("text", ["Rosa said so", "rosa@ward.example", "<b>", "=cmd", "a" * 81, "two\nlines"])
def test_free_text_never_enters_the_log(rosa: User, text: str) -> None:
    with pytest.raises(ValueError, match="free text"):
        record(rosa, Act.MASK_SAVED, reason=text)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("act", ["", "Saved a mask", "mask_saved", "-mask"])
def test_an_act_is_a_code(rosa: User, act: str) -> None:
    with pytest.raises(ValueError, match="is no act"):
        record(rosa, act)


def test_the_database_keeps_one_head_only(log: list[AuditEntry]) -> None:
    with pytest.raises(Exception, match="audit_has_one_head"), transaction.atomic():
        AuditHead.objects.create(id=2, seq=0, digest=chain.GENESIS)


def test_writing_an_entry_locks_the_head(rosa: User, django_assert_num_queries) -> None:
    record(rosa, Act.MASK_SAVED)
    if connection.vendor == "postgresql":
        with transaction.atomic(), django_assert_num_queries(5) as queries:
            record(rosa, Act.MASK_SAVED)
        assert "FOR UPDATE" in str(queries.captured_queries)
    else:
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_the_command_says_that_the_chain_is_whole(log: list[AuditEntry], capsys) -> None:
    call_command("verify_audit")
    assert f"whole: {LENGTH} entries" in capsys.readouterr().out


def test_the_command_fails_on_a_broken_chain(log: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(seq=5).delete()
    with pytest.raises(CommandError, match="broken at entry 5"):
        call_command("verify_audit")
