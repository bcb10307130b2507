"""The reading page and the three messages it sends: keep a draft, submit, remember how I like the page.

For surgeons, about their own sheets only; foreign sheets are not found. Each message is one verb of clinic.studies.
"""

from json import JSONDecodeError, loads
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.studies import reading as sheets
from clinic.studies.access import reader_in, readings_of, studies_of
from clinic.studies.desk import REASONS, desk, saved_words, state
from clinic.studies.drafts import save_draft
from clinic.studies.models import POSITIONS, Reading, State
from clinic.studies.refusals import SheetRefusal, StaleSheet

PREFERENCES = {"theme": ("light", "dim"), "letter_keys": ("on", "off")}


@allow(Role.SURGEON)
@require_safe
def reading(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """One sheet; an earlier one that is still open comes first, a closed study shows its own page."""
    one = _own(request, reading_id)
    study = one.study_reader.study
    if study.state != State.OPEN:
        return redirect("studies:study", study.pk)
    if one.study_reader.agreed_at is None:
        return redirect("studies:study", study.pk)
    sheets.open_reading(one)
    return render(request, "studies/reading.html", page_context(request, one))


@allow(Role.SURGEON)
@require_safe
def read(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Go to the first sheet of mine that is not submitted, or to the study's page when none is left."""
    study = get_object_or_404(studies_of(person(request)), pk=study_id)
    following = sheets.next_for(person(request), study)
    return redirect("studies:reading", following.pk) if following else redirect("studies:study", study.pk)


@allow(Role.SURGEON)
@require_POST
def agree(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Agree to the consent text, and begin."""
    study = get_object_or_404(studies_of(person(request)), pk=study_id)
    sheets.agree(reader_in(study, person(request)))
    return redirect("studies:read", study.pk)


@allow(Role.SURGEON)
@require_POST
def draft(request: HttpRequest, reading_id: UUID) -> JsonResponse:
    """Keep the sheet as it stands."""
    one, sent = _own(request, reading_id), _sent(request)
    try:
        kept = save_draft(
            one,
            sent.get("judgements"),
            _whole(sent, "revision"),
            seconds=_whole(sent, "seconds"),
            paused=sent.get("paused") is True,
            instead=sent.get("instead") is True,
        )
    except SheetRefusal as refusal:
        return _refused(refusal)
    return JsonResponse({"revision": kept.revision, "saved": saved_words(kept)})


@allow(Role.SURGEON)
@require_POST
def submit(request: HttpRequest, reading_id: UUID) -> JsonResponse:
    """Store the whole sheet and say where to go next."""
    one, sent = _own(request, reading_id), _sent(request)
    try:
        stored = sheets.submit(
            one,
            sent.get("judgements"),
            _whole(sent, "revision"),
            seconds=_whole(sent, "seconds"),
            instead=sent.get("instead") is True,
        )
    except SheetRefusal as refusal:
        return _refused(refusal)
    following = reverse("studies:read", args=[stored.study_reader.study_id])
    asks = stored.asks_guess and stored.guess is None
    return JsonResponse({"revision": stored.revision, "saved": saved_words(stored), "next": following, "asks": asks})


@allow(Role.SURGEON)
@require_POST
def guess(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """Keep which letter I take for the new method."""
    one = _own(request, reading_id)
    try:
        sheets.guess(one, str(_sent(request).get("position", "?")))
    except SheetRefusal as refusal:
        return _refused(refusal)
    return HttpResponse(status=204)


@allow(Role.SURGEON)
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember theme and single-letter keys for this session; nothing is kept in the browser."""
    for name, value in _sent(request).items():
        if value in PREFERENCES.get(name, ()):
            request.session[name] = value
    return HttpResponse(status=204)


def page_context(request: HttpRequest, one: Reading) -> dict[str, Any]:
    """What the template gets: the desk, the fixed lists of controls, and how this reader likes the page."""
    return {
        "desk": desk(one),
        "ranks": range(1, len(POSITIONS) + 1),
        "reasons": REASONS,
        "leave": reverse("studies:study", args=[one.study_reader.study_id]),
        "theme": request.session.get("theme", ""),
        "letter_keys": request.session.get("letter_keys", "on"),
    }


def _own(request: HttpRequest, reading_id: UUID) -> Reading:
    mine = readings_of(person(request)).select_related("study_reader__study", "study_reader__user", "study_case__case")
    return get_object_or_404(mine, pk=reading_id)


def _sent(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a message; anything else counts as empty, which every verb refuses in words."""
    try:
        sent = loads(request.body)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _whole(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    return value if type(value) is int and 0 <= value < 2**31 else -1


def _refused(refusal: SheetRefusal) -> JsonResponse:
    answer: dict[str, Any] = {"code": refusal.code, "message": str(refusal)}
    if isinstance(refusal, StaleSheet):
        answer["state"] = state(refusal.reading)
        return JsonResponse(answer, status=409)
    return JsonResponse(answer, status=422)
