"""Ada takes a file out of an unblinded study: with her password, for a stated purpose, and noted before it leaves."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle
from clinic.studies.again import GIVEN_AT, HOLDS
from clinic.studies.export import marks_csv
from clinic.studies.refusals import ReleaseRefusal
from clinic.studies.release import release
from evaluation.published import arrange

pytestmark = pytest.mark.django_db

PASSWORD = "a long lamp beside the window"
ASKED = {"file": "csv", "why": "analysis", "password": PASSWORD}


@pytest.fixture
def study(unblinded_from):
    return unblinded_from(arrange(seed=3))


@pytest.fixture
def address(study):
    return reverse("studies:export", args=[study.pk])


def noted():
    return AuditEntry.objects.filter(act="study-exported")


def body(answer):
    return b"".join(answer.streaming_content)


def test_ada_downloads_the_marks_file_and_it_is_noted_with_its_purpose(client, sign_in, study, address, ada):
    answer = sign_in(client, ada).post(address, ASKED)

    assert answer["Content-Disposition"] == 'attachment; filename="published-margins-marks.csv"'
    assert body(answer) == marks_csv(study)
    entry = noted().get(actor=ada, object_id=str(study.pk))
    assert entry.details == {"form": "csv", "why": "analysis"}


def test_the_zip_is_noted_with_its_digest(client, sign_in, address, ada, monkeypatch):
    monkeypatch.setattr("clinic.studies.release.everything", lambda study: BytesIO(b"a parcel"))

    answer = sign_in(client, ada).post(address, {**ASKED, "file": "zip"})

    assert body(answer) == b"a parcel"
    assert noted().get().details["sha256"] == sha256(b"a parcel").hexdigest()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "a guess"}, "This is not your password. Nothing left the platform."),
        ({"password": ""}, "This field is required."),
        ({"why": ""}, "This field is required."),
        ({"why": "curiosity"}, "Select a valid choice"),
        ({"file": "photographs"}, "Select a valid choice"),
    ],
)
def test_nothing_leaves_without_password_purpose_and_file(client, sign_in, address, ada, typed, said):
    answer = sign_in(client, ada).post(address, {**ASKED, **typed})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not noted().exists()


def test_the_password_holds_for_some_minutes_and_not_longer(client, sign_in, address, ada):
    sign_in(client, ada).post(address, ASKED)
    again = {"file": "csv", "why": "archive"}
    assert client.post(address, again).status_code == 200

    session = client.session
    session[GIVEN_AT] = (timezone.now() - HOLDS - timedelta(seconds=1)).isoformat()
    session.save()

    assert client.post(address, again).status_code == 422
    assert noted().count() == 2


def test_many_wrong_passwords_end_in_a_pause_in_which_the_right_one_is_not_looked_at(
    client, sign_in, address, ada, settings
):
    sign_in(client, ada)
    for _ in range(settings.SIGN_IN_TRIES):
        client.post(address, {**ASKED, "password": "a guess"})

    answer = client.post(address, ASKED)

    assert "Too many wrong passwords. Wait until" in answer.content.decode()
    assert not noted().exists()


def test_a_study_without_scored_sheets_has_no_zip_but_its_marks_file(client, sign_in, open_study, rosa, ada):
    study = open_study(cases=1)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "stopped")
    lifecycle.confirm_unblinding(study, ada)
    address = reverse("studies:export", args=[study.pk])

    refused = sign_in(client, ada).post(address, {**ASKED, "file": "zip"})

    assert "No scored sheet was submitted" in refused.content.decode()
    assert client.post(address, ASKED).status_code == 200


@pytest.mark.parametrize(("file", "why"), [("zip", ""), ("photographs", "analysis")])
def test_the_verb_itself_wants_a_purpose_and_a_known_file(study, ada, file, why):
    with pytest.raises(ReleaseRefusal, match="Choose"):
        release(study, ada, file, why)


def test_while_blinded_the_export_is_not_found(client, sign_in, open_study, ada):
    study = open_study(cases=1)
    for page in ("export", "results"):
        assert sign_in(client, ada).get(reverse(f"studies:{page}", args=[study.pk])).status_code == 404


@pytest.mark.parametrize(
    ("who", "page"), [("max_", "results"), ("rosa", "export"), ("sam", "export"), ("sam", "results")]
)
def test_files_are_for_administrators_and_results_for_those_who_run_the_study(
    client, sign_in, request, study, who, page
):
    sign_in(client, request.getfixturevalue(who))
    assert client.get(reverse(f"studies:{page}", args=[study.pk])).status_code == 404
