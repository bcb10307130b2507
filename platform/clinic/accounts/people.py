"""Creates people, closes and reopens their accounts, and gives them new passwords.

Called by the people page and by ``manage.py create_person``; the pages record each act in the audit log.
"""

import secrets

from django.contrib.auth.password_validation import validate_password

from clinic.accounts.models import Hospital, Role, User

SYLLABLES = [first + second for first in "bdfghjklmnprstvz" for second in "aeiou"]
GROUPS, GROUP_LENGTH = 5, 3


def create_person(
    *, email: str, name: str, role: Role | str, hospital: Hospital, password: str, temporary: bool = False
) -> User:
    """Create and return a person who can sign in; a temporary password must be changed at the first sign-in.

    Raises ValidationError, naming the field: an address taken or malformed, a role unknown, a password weak.
    """
    user = User(
        email=email.strip().lower(),
        name=name.strip(),
        role=role,
        hospital=hospital,
        password_is_temporary=temporary,
    )
    user.set_password(password)
    user.full_clean()
    validate_password(password, user)
    user.save(force_insert=True)
    return user


def close_account(user: User) -> None:
    """Keep this person out from now on; their sessions end with their next request."""
    user.is_active = False
    user.save(update_fields=["is_active"])


def reopen_account(user: User) -> None:
    """Let this person in again, with the password they had."""
    user.is_active = True
    user.save(update_fields=["is_active"])


def choose_password(user: User, password: str) -> None:
    """Store the password a person chose, which ends their sessions; raises ValidationError when it is weak."""
    validate_password(password, user)
    user.set_password(password)
    user.password_is_temporary = False
    user.save(update_fields=["password", "password_is_temporary"])


def hand_out_password(user: User) -> str:
    """Give this person a temporary password and return it, to be told to them once; it is stored nowhere in clear."""
    password = spoken_password()
    user.set_password(password)
    user.password_is_temporary = True
    user.save(update_fields=["password", "password_is_temporary"])
    return password


def spoken_password() -> str:
    """Return a random password of 15 syllables (94 bits) that can be read out over a telephone."""
    groups = ("".join(secrets.choice(SYLLABLES) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
