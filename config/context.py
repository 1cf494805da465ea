"""What every page knows about the installation it belongs to."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The facts that the page frame shows: demo or not, trial database or not, version."""
    return {
        "demo": settings.DEMO,
        "trial_database": settings.DB == "sqlite",
        "version": settings.VERSION,
        "site_time_zone": settings.TIME_ZONE,
        "idle_minutes": settings.LOTBOOK_IDLE_MINUTES,
    }
