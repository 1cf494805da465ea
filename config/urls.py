"""Every address of the installation, room by room."""

from django.contrib import admin
from django.urls import include, path

from config import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("", include("personnel.urls")),
    path("batches/", include("batches.urls")),
    path("equipment/", include("equipment.urls")),
    path("api/", include("batches.api_urls")),
    path("api/", include("equipment.api_urls")),
    path("admin/", admin.site.urls),
    path("", include("ledger.urls")),
]
handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
