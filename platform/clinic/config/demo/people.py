"""The demo's hospital and its people: three for whoever tries the site, three who read by themselves.

From clinic.accounts to the story; the passwords are printed by the demo and exist nowhere else.
"""

from dataclasses import dataclass

from clinic.accounts.models import Hospital, Role, User
from clinic.accounts.people import create_person, spoken_password


@dataclass(frozen=True)
class Account:
    """Someone who can sign in, with the password to print."""

    user: User
    password: str


@dataclass(frozen=True)
class Cast:
    """Everyone in the story: the three demo accounts, and the readers of the first study."""

    administrator: Account
    researcher: Account
    surgeon: Account
    readers: tuple[User, ...]

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The three whose passwords are printed."""
        return (self.administrator, self.researcher, self.surgeon)


def gather() -> Cast:
    """Create the hospital and everyone in it, each with a password of their own."""
    hospital = Hospital.objects.create(name="Demo Hospital", code="DEMO")

    def join(name: str, role: Role) -> Account:
        password = spoken_password()
        email = f"{name.lower()}@demo.example"
        return Account(create_person(email=email, name=name, role=role, hospital=hospital, password=password), password)

    return Cast(
        administrator=join("Ada", Role.ADMINISTRATOR),
        researcher=join("Rosa", Role.RESEARCHER),
        surgeon=join("Sam", Role.SURGEON),
        readers=tuple(join(name, Role.SURGEON).user for name in ("Ruth", "Theo", "Mina")),
    )
