"""``manage.py create_person``: the first administrator of a hospital, or any other person, from the command line."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.accounts.models import Hospital, Role
from clinic.accounts.people import create_person


class Command(BaseCommand):
    """Creates a person; the password is typed twice, or stands in VERMILION_NEW_PASSWORD."""

    help = "Create a person who can sign in, and their hospital if its code is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address, name and role, and the hospital's code and name."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.ADMINISTRATOR.value)
        parser.add_argument("--hospital", required=True, help="short code, such as ward")
        parser.add_argument("--hospital-name", help="needed when the code is new")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the person in one transaction with their hospital."""
        password = os.environ.get("VERMILION_NEW_PASSWORD") or self._typed_password()
        try:
            with transaction.atomic():
                person = create_person(
                    email=options["email"],
                    name=options["name"],
                    role=options["role"],
                    hospital=self._hospital(options["hospital"], options["hospital_name"]),
                    password=password,
                )
        except ValidationError as error:
            raise CommandError("Nobody was created. " + " ".join(error.messages)) from error
        self.stdout.write(f"{person.name} can sign in as {person.email} ({person.get_role_display()}).")

    def _hospital(self, code: str, name: str | None) -> Hospital:
        known = Hospital.objects.filter(code=code).first()
        if known is not None:
            return known
        if not name:
            raise CommandError(f"No hospital has the code {code}. Give --hospital-name to found it.")
        return Hospital.objects.create(code=code, name=name)

    def _typed_password(self) -> str:
        first = getpass.getpass("Password (at least 12 characters): ")
        if first != getpass.getpass("The same once more: "):
            raise CommandError("The two passwords differ. Nobody was created.")
        return first
