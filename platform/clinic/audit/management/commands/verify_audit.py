"""``manage.py verify_audit``: says whether the audit chain is whole, for a cron job or before a restore is trusted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.audit.chain import verify
from clinic.audit.models import AuditEntry


class Command(BaseCommand):
    """Verifies the chain from its first entry to its last; exits with 1 when it is broken."""

    help = "Verify the audit chain and name the first entry that is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain and print the verdict."""
        broken_at = verify()
        if broken_at is not None:
            raise CommandError(f"The audit chain is broken at entry {broken_at}. Keep the database as it is.")
        self.stdout.write(f"The audit chain is whole: {AuditEntry.objects.count()} entries, no gap, no fork.")
