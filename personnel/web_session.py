"""Where browsers' sessions are kept: in the database, each change in one statement."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    """As Django's own, without a transaction around the one row that a known session changes."""

    def save(self, must_create: bool = False) -> None:
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        made = self.create_model_instance(data)
        rows = self.model.objects.filter(session_key=made.session_key)
        changed = {"session_data": made.session_data, "expire_date": made.expire_date}
        if not rows.update(**changed):
            raise UpdateError
