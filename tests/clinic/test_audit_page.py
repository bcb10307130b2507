"""The audit page: verdict first, then who did what; filters narrow the view and never the log."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.audit.models import AuditEntry


@pytest.fixture
def office(client: Client, ada: User, sign_in) -> Client:
    """Ada's browser."""
    return sign_in(client, ada)


def acts(office: Client, **filters: str) -> list[str]:
    """Return what the page says was done, newest first."""
    return [row.did for row in office.get(reverse("audit:log"), filters).context["rows"]]


def test_the_verdict_comes_first(office: Client, rosa: User) -> None:
    record(rosa, Act.PICTURE_SEEN, code="VM-0145")
    page = office.get(reverse("audit:log")).content.decode()
    assert "The chain is whole: 1 entry, no gap, no fork." in page
    assert page.index("The chain is whole") < page.index("saw a picture")


def test_a_broken_chain_says_where_and_what_to_do(office: Client, rosa: User) -> None:
    for _ in range(3):
        record(rosa, Act.PICTURE_SEEN, code="VM-0145")
    AuditEntry.objects.filter(seq=2).update(act=Act.MASK_SAVED)
    page = office.get(reverse("audit:log")).content.decode()
    assert "The chain is broken at entry 2." in page
    assert page.count("not proven") == 2
    assert page.count(">linked<") == 1


def test_a_row_says_who_did_what_to_what(office: Client, rosa: User, sam: User) -> None:
    record(rosa, Act.PICTURE_SEEN, sam, code="VM-0145", picture_kind="crop")
    row = office.get(reverse("audit:log")).context["rows"][0]
    assert (row.who, row.did, row.what, row.details) == ("Rosa", "saw a picture", "VM-0145", "picture kind crop")


def test_a_person_acted_upon_is_named(office: Client, ada: User, sam: User) -> None:
    record(ada, Act.PERSON_DEACTIVATED, sam)
    assert office.get(reverse("audit:log")).context["rows"][0].what == "Sam"


def test_the_system_acts_under_its_own_name(office: Client) -> None:
    record(None, Act.JOB_STOPPED, tries=5)
    assert office.get(reverse("audit:log")).context["rows"][0].who == "system"


def test_an_act_the_table_does_not_know_is_shown_by_its_code(office: Client) -> None:
    record(None, "worker-enrolled")
    assert acts(office) == ["worker enrolled"]


def test_acts_of_another_hospital_are_not_shown(office: Client, max_: User) -> None:
    record(max_, Act.PICTURE_SEEN, code="HB-0001")
    assert acts(office) == []


def test_kinds_narrow_the_view(office: Client, rosa: User) -> None:
    for act in (Act.PICTURE_SEEN, Act.MASK_SAVED, Act.STUDY_OPENED, Act.SIGNED_IN):
        record(rosa, act)
    assert acts(office, kind="pictures") == ["saw a picture"]
    assert acts(office, kind="cases") == ["saved a mask"]
    assert acts(office, kind="studies") == ["opened a study"]
    assert acts(office, kind="accounts") == ["signed in"]
    assert len(acts(office)) == 4


def test_a_person_narrows_the_view(office: Client, rosa: User, sam: User) -> None:
    record(rosa, Act.MASK_SAVED)
    record(sam, Act.READING_SUBMITTED)
    assert acts(office, who=str(sam.id)) == ["submitted a reading"]


def test_a_person_of_another_hospital_cannot_be_asked_for(office: Client, max_: User) -> None:
    page = office.get(reverse("audit:log"), {"who": str(max_.id)}).content.decode()
    assert "Max" not in page


def test_a_code_narrows_the_view(office: Client, rosa: User) -> None:
    record(rosa, Act.MASK_SAVED, code="VM-0145")
    record(rosa, Act.MASK_SAVED, code="VM-0146")
    assert [row.what for row in office.get(reverse("audit:log"), {"what": "vm-0145"}).context["rows"]] == ["VM-0145"]


def test_a_day_narrows_the_view(office: Client, rosa: User) -> None:
    record(rosa, Act.MASK_SAVED)
    today = timezone.localdate()
    assert len(acts(office, day=today.isoformat())) == 1
    assert acts(office, day=(today - timedelta(days=1)).isoformat()) == []


@pytest.mark.parametrize("filters", [{"kind": "wizards"}, {"day": "soon"}, {"who": "nobody"}, {"page": "ninety"}])
def test_a_filter_that_makes_no_sense_narrows_nothing(office: Client, rosa: User, filters: dict[str, str]) -> None:
    record(rosa, Act.MASK_SAVED)
    assert acts(office, **filters) == ["saved a mask"]


def test_no_entry_passing_says_that_the_log_is_kept(office: Client, rosa: User) -> None:
    record(rosa, Act.MASK_SAVED)
    page = office.get(reverse("audit:log"), {"what": "VM-9999"}).content.decode()
    assert "No entry passes these filters" in page
    assert "The chain is whole: 1 entry" in page


def test_a_long_log_comes_in_pages_that_keep_the_filters(office: Client, rosa: User) -> None:
    for number in range(51):
        record(rosa, Act.MASK_SAVED, code=f"VM-{number:04d}")
    first = office.get(reverse("audit:log"), {"kind": "cases"})
    assert len(first.context["rows"]) == 50
    assert "?kind=cases&amp;page=2" in first.content.decode()
    assert [row.what for row in office.get(reverse("audit:log"), {"page": "2"}).context["rows"]] == ["VM-0000"]


def test_a_filter_typed_as_markup_stays_text(office: Client) -> None:
    page = office.get(reverse("audit:log"), {"what": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
