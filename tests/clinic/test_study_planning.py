"""Rosa asks how many cases a study needs, with a pilot's marks file; what cannot be answered is named at its field."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.studies import power
from clinic.studies.models import Study
from evaluation.marks import write_marks
from evaluation.published import arrange

pytestmark = pytest.mark.django_db

ASKED = {"dataset": "CleftLip24", "method": "inclg", "against": "edgeconnect", "difference": "0.25"}


@pytest.fixture(scope="module")
def pilot():
    return write_marks(arrange(seed=7))


@pytest.fixture
def ask(client, sign_in, rosa, pilot, monkeypatch):
    """Post the form as Rosa: ``ask(difference="0.1")``."""
    monkeypatch.setattr(power, "SIMULATIONS", 200)
    sign_in(client, rosa)

    def asked(content=pilot, **typed):
        file = SimpleUploadedFile("pilot.csv", content, "text/csv")
        return client.post(reverse("studies:planning"), {**ASKED, **typed, "pilot": file})

    return asked


def test_rosa_sees_the_power_for_growing_numbers_of_cases(ask):
    answer = ask()

    found = answer.context["plan"]
    shares = [one.share for one in found.powers]
    assert shares[0] < shares[2] < shares[-1]
    assert found.enough in power.CASES
    assert f"{found.enough} cases find it" in answer.content.decode()
    assert not Study.objects.exists()


def test_a_difference_too_small_for_all_of_them_is_said(ask):
    assert "None of these numbers of cases" in ask(difference="0.01").content.decode()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"dataset": ""}, "dataset", "Name one of the pilot’s data sets: CleftLip10, CleftLip24."),
        ({"dataset": "CleftLip99"}, "dataset", "Name one of the pilot’s data sets"),
        ({"method": "telea"}, "method", "The pilot has no method telea; it has edgeconnect, lafin, ctsdg, inclg."),
        ({"against": "inclg"}, "against", "Choose two different methods."),
        ({"difference": "0.9"}, "difference", "would have to be valid with probability 1.22. Choose a smaller one."),
        ({"difference": "much"}, "difference", "Enter a number."),
        ({"content": b"study,dataset\n"}, "pilot", "missing column(s)"),
        ({"content": b""}, "pilot", "The submitted file is empty."),
    ],
)
def test_what_cannot_be_answered_is_refused_at_its_field(ask, typed, field, said):
    answer = ask(**typed)

    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])


def test_a_pilot_of_one_data_set_need_not_be_named(ask):
    one = write_marks(row for row in arrange(seed=7) if row.dataset == "CleftLip10")
    assert ask(content=one, dataset="").context["plan"].dataset == "CleftLip10"
