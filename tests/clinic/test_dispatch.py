"""Rosa asks for the four inpaintings of a mask: what is stored, what is sent, and when she is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.audit.models import AuditEntry
from clinic.inpainting import dispatch, orders, results
from clinic.inpainting.models import ATTEMPTS, InpaintingJob, JobState, OutboxEntry
from clinic.inpainting.refusals import InpaintingRefusal
from clinic.vault.store import erase
from inference.contract import METHODS
from inference.envelope import SEALED_ORDER_LENGTH


def expire_leases():
    InpaintingJob.objects.filter(state=JobState.DISPATCHED).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_rosa_runs_a_mask_and_four_jobs_stand_with_their_orders(rosa, make_mask, inpaint_all):
    jobs = dispatch.run(make_mask(rosa), rosa)

    assert [job.method for job in jobs] == list(METHODS)
    assert {len(bytes(entry.order)) for entry in OutboxEntry.objects.all()} == {SEALED_ORDER_LENGTH}
    assert AuditEntry.objects.filter(act="jobs-sent", actor=rosa).count() == 1


def test_running_the_same_mask_again_changes_nothing(rosa, make_mask, inpaint_all):
    mask = make_mask(rosa)
    first = dispatch.run(mask, rosa)

    assert dispatch.run(mask, rosa) == first
    assert OutboxEntry.objects.count() == 4


def test_four_answers_make_the_case_ready(rosa, make_mask, inpaint_all):
    mask = make_mask(rosa)
    dispatch.run(mask, rosa)

    assert inpaint_all() == ["painted"] * 4
    assert results.is_ready(mask.crop.photograph.case)
    assert list(results.results_of(mask.crop.photograph.case)) == list(METHODS)


def test_rosa_is_refused_while_a_checkpoint_is_missing(rosa, make_mask, inpaint_all, checkpoints):
    checkpoints["lafin"].delete()

    with pytest.raises(InpaintingRefusal, match="No checkpoint for lafin"):
        dispatch.run(make_mask(rosa), rosa)
    assert InpaintingJob.objects.count() == 0


def test_rosa_is_refused_while_no_worker_is_enrolled(rosa, make_mask, checkpoints, grey_worker):
    grey_worker.row.revoked_at = timezone.now()
    grey_worker.row.save()

    with pytest.raises(InpaintingRefusal, match="No worker"):
        dispatch.run(make_mask(rosa), rosa)
    assert InpaintingJob.objects.count() == 0


def test_rosa_is_refused_while_there_is_no_signing_key(rosa, make_mask, checkpoints, settings):
    settings.PLATFORM_KEY_FILE.unlink()
    with pytest.raises(InpaintingRefusal, match="cannot be signed"):
        dispatch.run(make_mask(rosa), rosa)


def test_published_orders_are_dispatched_under_a_lease(rosa, make_mask, inpaint_all, broker):
    dispatch.run(make_mask(rosa), rosa)

    assert dispatch.publish_pending() == 4
    assert dispatch.publish_pending() == 0
    assert len(list(broker.glob("*.gpu.msg"))) == 4
    assert set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.DISPATCHED}


def test_orders_wait_in_the_database_while_the_broker_is_away(rosa, make_mask, inpaint_all, monkeypatch):
    def away(order):
        raise ConnectionRefusedError

    dispatch.run(make_mask(rosa), rosa)
    with monkeypatch.context() as patched:
        patched.setattr(dispatch, "send_order", away)
        dispatch.publish_quietly()
        assert set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.QUEUED}

    assert dispatch.publish_pending() == 4


def test_no_more_orders_lie_on_the_broker_than_the_limit(rosa, make_mask, inpaint_all, monkeypatch, grey_worker):
    monkeypatch.setattr(dispatch, "IN_FLIGHT", 3)
    dispatch.run(make_mask(rosa), rosa)

    assert dispatch.publish_pending() == 3
    assert inpaint_all() == ["painted"] * 4


def test_a_job_without_answer_gets_its_next_attempt_and_a_new_order(rosa, make_mask, inpaint_all):
    dispatch.run(make_mask(rosa), rosa)
    dispatch.publish_pending()
    assert dispatch.redispatch_expired() == 0

    expire_leases()

    assert dispatch.redispatch_expired() == 4
    assert set(InpaintingJob.objects.values_list("state", "attempt")) == {(JobState.QUEUED, 2)}
    assert dispatch.publish_pending() == 4
    assert inpaint_all() == ["painted"] * 4


def test_a_job_is_given_up_after_its_last_attempt_and_says_why(rosa, make_mask, inpaint_all):
    dispatch.run(make_mask(rosa), rosa)
    for _ in range(ATTEMPTS):
        dispatch.publish_pending()
        expire_leases()
        dispatch.redispatch_expired()

    assert set(InpaintingJob.objects.values_list("state", "attempt", "failure")) == {
        (JobState.DEAD, ATTEMPTS, "no-answer")
    }
    assert dispatch.publish_pending() == 0
    assert AuditEntry.objects.filter(act="job-stopped").count() == 4


def test_rosa_tries_a_dead_job_again_and_it_is_done(rosa, make_mask, inpaint_all):
    job = dispatch.run(make_mask(rosa), rosa)[0]
    InpaintingJob.objects.update(state=JobState.DEAD, attempt=ATTEMPTS, failure="no-answer")

    again = dispatch.retry(job, rosa)

    assert (again.state, again.attempt, again.failure) == (JobState.QUEUED, ATTEMPTS + 1, "")
    inpaint_all()
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_rosa_cannot_try_a_job_again_that_is_under_way(rosa, make_mask, inpaint_all):
    job = dispatch.run(make_mask(rosa), rosa)[0]

    with pytest.raises(InpaintingRefusal, match="under way"):
        dispatch.retry(job, rosa)


def test_an_order_that_expired_in_the_outbox_is_not_sent_but_made_anew(rosa, make_mask, inpaint_all):
    dispatch.run(make_mask(rosa), rosa)
    OutboxEntry.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert dispatch.publish_pending() == 0
    assert dispatch.redispatch_expired() == 4
    assert dispatch.publish_pending() == 4


def test_jobs_of_an_erased_case_are_given_up_without_waiting_for_their_lease(rosa, make_mask, inpaint_all):
    mask = make_mask(rosa)
    dispatch.run(mask, rosa)
    dispatch.publish_pending()
    erase(mask.crop.photograph.case.case_key)

    assert dispatch.redispatch_expired() == 4
    assert set(InpaintingJob.objects.values_list("state", "failure")) == {(JobState.DEAD, "case-unreadable")}
    assert {bytes(entry.order) for entry in OutboxEntry.objects.all()} == {b""}


def test_orders_of_an_erased_case_are_never_published(rosa, make_mask, inpaint_all, broker):
    mask = make_mask(rosa)
    dispatch.run(mask, rosa)
    erase(mask.crop.photograph.case.case_key)

    assert dispatch.publish_pending() == 0
    assert not broker.exists() or not any(broker.iterdir())


def test_an_older_mask_s_results_are_no_longer_the_case_s(rosa, make_mask, inpaint_all):
    mask = make_mask(rosa)
    case = mask.crop.photograph.case
    dispatch.run(mask, rosa)
    inpaint_all()
    mask.pk, mask.version = None, 2
    sealed = mask.sealed
    sealed.pk = None
    sealed.save()
    mask.sealed = sealed
    mask.save()

    assert not results.is_ready(case)


def test_the_reply_secret_of_one_attempt_opens_no_other(rosa, make_mask, inpaint_all):
    first, second, *_ = dispatch.run(make_mask(rosa), rosa)

    assert orders.reply_secret(first.outbox.get()) != orders.reply_secret(second.outbox.get())
