"""Makes access tokens for programs, finds whose a presented one is, and revokes them.

Called by the tokens page and by clinic.accounts.bearer. A token is 256 random bits, shown once; the database keeps its
SHA-256 alone, which is enough for a secret that nobody can guess.
"""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from clinic.accounts.models import AccessToken, Role, Scope, User

PREFIX = "vml_"
BYTES = 32
DAYS = (1, 7, 30, 90)
# Noting each use would make every request a write; to the minute is what a person wants to know.
NOTED_EVERY = timedelta(minutes=1)

SCOPES: dict[Role, tuple[Scope, ...]] = {
    Role.SURGEON: (Scope.READ, Scope.MARK),
    Role.RESEARCHER: (Scope.READ, Scope.RUN),
    Role.ADMINISTRATOR: (Scope.READ, Scope.RUN, Scope.EXPORT),
}


def offered_scopes(owner: User) -> tuple[Scope, ...]:
    """Return what a person of this role may let a program do."""
    return SCOPES[Role(owner.role)]


def create_token(owner: User, *, label: str, scopes: Iterable[str], days: int) -> tuple[AccessToken, str]:
    """Store a new token for `days` (one of DAYS) and return it with its secret, which is stored nowhere.

    Raises ValueError for a scope that the owner's role does not have, no scope at all, or another length of time.
    """
    chosen = {Scope(scope) for scope in scopes}
    if not chosen or not chosen <= set(offered_scopes(owner)):
        raise ValueError("Choose at least one scope, of those that your role has.")
    if days not in DAYS:
        raise ValueError(f"A token is good for {', '.join(map(str, DAYS))} days.")
    secret, now = PREFIX + token_urlsafe(BYTES), timezone.now()
    token = AccessToken.objects.create(
        owner=owner,
        label=label.strip(),
        digest=_digest(secret),
        password_mark=owner.get_session_auth_hash(),
        created_at=now,
        expires_at=now + timedelta(days=days),
        **{f"may_{scope}": True for scope in chosen},
    )
    return token, secret


def find_token(secret: str) -> AccessToken | None:
    """Return the live token with this secret and note its use, or None: unknown, expired, revoked, or its owner's
    account closed or password changed since.
    """
    now = timezone.now()
    live = AccessToken.objects.filter(digest=_digest(secret), revoked_at=None, expires_at__gt=now)
    token = live.select_related("owner__hospital").first()
    if token is None or not _owner_stands(token):
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    AccessToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(token: AccessToken) -> bool:
    """End a token now; returns False when it was revoked before."""
    return bool(AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))


def tokens_of(owner: User) -> QuerySet[AccessToken]:
    """Return the person's own tokens, the newest first."""
    return AccessToken.objects.filter(owner=owner)


def state_of(token: AccessToken) -> str:
    """Return live, revoked, expired, or ended (the owner's password has changed since)."""
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= timezone.now():
        return "expired"
    return "live" if _owner_stands(token) else "ended"


def _owner_stands(token: AccessToken) -> bool:
    owner = token.owner
    fits = constant_time_compare(token.password_mark, owner.get_session_auth_hash())
    return owner.is_active and not owner.password_is_temporary and fits


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
