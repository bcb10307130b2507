"""The people of Vermilion: hospitals, users with one role each, their access tokens, and tries to sign in.

Read by clinic.accounts.access (who may see a page), clinic.accounts.people (who is let in) and every app.
"""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Role(models.TextChoices):
    """What a person may do; each person has exactly one role."""

    SURGEON = "surgeon", "Surgeon"
    RESEARCHER = "researcher", "Researcher"
    ADMINISTRATOR = "administrator", "Administrator"


class Hospital(models.Model):
    """A place whose people, cases and studies are kept apart from every other place's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=24, unique=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds users by their lowercased e-mail address."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this e-mail address in any case; raise User.DoesNotExist."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. There is no superuser: a role is all that anybody has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=16, choices=Role.choices)
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    # Set by an administrator and therefore known to two people, until its owner chooses another.
    password_is_temporary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lowercase"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_surgeon(self) -> bool:
        """Whether this person judges results."""
        return self.role == Role.SURGEON

    @property
    def is_researcher(self) -> bool:
        """Whether this person brings in cases."""
        return self.role == Role.RESEARCHER

    @property
    def is_administrator(self) -> bool:
        """Whether this person looks after people, studies and the audit log."""
        return self.role == Role.ADMINISTRATOR


class SignInTry(models.Model):
    """One refused try to sign in; who and where from are kept as digests, since a mistyped name may be a password."""

    who = models.CharField(max_length=64)
    where = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["who", "where", "at"])]

    def __str__(self) -> str:
        return f"{self.who[:8]} at {self.at:%H:%M}"


class Scope(models.TextChoices):
    """What a program may do with a token, within what its owner's role may do."""

    READ = "read", "Read: studies, sheets, progress, results"
    MARK = "mark", "Mark: agree, keep drafts, submit and correct sheets"
    RUN = "run", "Run studies: check, open, close, ask to unblind"
    EXPORT = "export", "Export: the marks of unblinded studies"


class AccessToken(models.Model):
    """A key for programs, known by its digest alone; it ends with its day, its revocation or its owner's password."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    # As in sessions: when the owner's password changes, this no longer fits, and the token is dead.
    password_mark = models.CharField(max_length=64)
    may_read = models.BooleanField(default=False)
    may_mark = models.BooleanField(default=False)
    may_run = models.BooleanField(default=False)
    may_export = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_later"),
            models.CheckConstraint(
                condition=Q(may_read=True) | Q(may_mark=True) | Q(may_run=True) | Q(may_export=True),
                name="token_may_something",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="token_has_a_label"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def scopes(self) -> frozenset[Scope]:
        """Everything this token may do."""
        return frozenset(scope for scope in Scope if getattr(self, f"may_{scope}"))
