"""Home: surgeons and researchers go straight to their work; administrators see what needs somebody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.config.pages.overview import figures, needs

WORK = {Role.SURGEON: "studies:list", Role.RESEARCHER: "inpainting:cases"}


@allow(*Role)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Redirect by role, or show the overview."""
    someone = person(request)
    if someone.role in WORK:
        return redirect(WORK[Role(someone.role)])
    context = {"needs": needs(someone.hospital), "figures": figures(someone.hospital)}
    return render(request, "home.html", context)
