"""A person's own account: who they are, their password, and the access tokens that they gave to programs.

For everybody signed in, about themselves; each act goes through clinic.accounts.tokens and into the audit log in one
transaction.
"""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.forms import TokenForm
from clinic.accounts.models import Role
from clinic.accounts.tokens import create_token, revoke_token, state_of, tokens_of
from clinic.audit.acts import Act
from clinic.audit.chain import record


@allow(*Role)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show the account and its tokens, without their secrets."""
    own = [(token, state_of(token)) for token in tokens_of(person(request)).select_related("owner")]
    return render(request, "account/account.html", {"tokens": own, "live": sum(state == "live" for _, state in own)})


@allow(*Role)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret once."""
    owner = person(request)
    form = TokenForm(owner, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/new_token.html", {"form": form}, status=422 if form.errors else 200)
    wanted = {name: form.cleaned_data[name] for name in ("label", "scopes", "days")}
    with transaction.atomic():
        token, secret = create_token(owner, **wanted)
        record(owner, Act.TOKEN_CREATED, token, scopes="+".join(sorted(token.scopes)), days=wanted["days"])
    return render(request, "account/handed_out.html", {"token": token, "secret": secret})


@allow(*Role)
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End one of my tokens."""
    token = get_object_or_404(tokens_of(person(request)), pk=token_id)
    with transaction.atomic():
        if revoke_token(token):
            record(person(request), Act.TOKEN_REVOKED, token)
    messages.success(request, f"“{token.label}” opens nothing any more.")
    return redirect("account")
