"""Sessions in the database under the digest of their key, so that a stolen copy of the database opens no session.

Named by SESSION_ENGINE; the key itself is known to the browser alone.
"""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

# As long as Django's session table allows: 160 bits.
DIGEST_LENGTH = 40


class SessionStore(db.SessionStore):
    """Django's database sessions, kept and found by digest."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        rows = self.model.objects.filter(session_key=_digest(self.session_key or ""), expire_date__gt=timezone.now())
        row: AbstractBaseSession | None = rows.first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str | None) -> bool:
        """Return whether a session of this key is kept."""
        return super().exists(_digest(session_key or ""))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row to save, under the digest of the key."""
        row = super().create_model_instance(data)
        row.session_key = _digest(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Forget the session of this key, or this session."""
        key = session_key or self.session_key
        if key:
            super().delete(_digest(key))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:DIGEST_LENGTH]
