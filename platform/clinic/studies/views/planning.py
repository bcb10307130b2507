"""The planning page: how many cases a study needs, from a pilot's marks file.

For those who draft studies; the file is read and forgotten.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinic.accounts.access import allow
from clinic.accounts.models import Role
from clinic.studies.forms import PlanForm
from clinic.studies.power import plan
from clinic.studies.refusals import PilotRefusal


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def planning(request: HttpRequest) -> HttpResponse:
    """Ask for the pilot and the difference; then the power for several numbers of cases."""
    form = PlanForm(request.POST or None, request.FILES or None)
    found = None
    if form.is_valid():
        try:
            found = plan(form.cleaned_data["pilot"].read(), form.cleaned_data["dataset"], form.question())
        except PilotRefusal as refusal:
            form.add_error(refusal.field, str(refusal))
    return render(request, "studies/plan.html", {"form": form, "plan": found}, status=422 if form.errors else 200)
