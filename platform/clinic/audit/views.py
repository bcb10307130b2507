"""The audit page: first whether the chain is whole, then who did what.

For administrators; shows the entries of their own hospital, and those of nobody's.
"""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role, User
from clinic.audit.chain import verify
from clinic.audit.forms import FilterForm
from clinic.audit.models import AuditEntry
from clinic.audit.wording import rows

PAGE_LENGTH = 50


@allow(Role.ADMINISTRATOR)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the verdict and one page of entries, newest first."""
    hospital = person(request).hospital
    form = FilterForm(request.GET, people=User.objects.filter(hospital=hospital))
    entries = AuditEntry.objects.filter(Q(hospital=hospital) | Q(hospital=None)).select_related("actor")
    page = Paginator(form.narrow(entries), PAGE_LENGTH).get_page(request.GET.get("page"))
    broken_at = verify()
    context = {
        "broken_at": broken_at,
        "rows": rows(page, broken_at),
        "count": AuditEntry.objects.count(),
        "checked_at": timezone.now(),
        "form": form,
        "page": page,
    }
    return render(request, "audit/log.html", context)
