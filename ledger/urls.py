"""Addresses of the ledger's pages and of its API."""

from django.urls import path

from ledger import api, copy_views, health_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.home, name="home"),
    path("trail/", views.trail, name="trail"),
    path("trail/export/", copy_views.export, name="export"),
    path("trail/export/<uuid:command_id>/", copy_views.exported, name="exported"),
    path("trail/export/<uuid:command_id>/bundle/", copy_views.bundle, name="bundle"),
    path("ledger/verify/", copy_views.verify, name="verify"),
    path("entries/<uuid:event_id>/", views.entry, name="entry"),
    path("entries/<uuid:event_id>/proof/", views.proof, name="proof"),
    path("streams/<slug:stream_type>/<str:stream_id>/", views.stream, name="stream"),
    path("api/trail/", api.TrailView.as_view(), name="api_trail"),
    path("api/entries/<uuid:event_id>/", api.EntryView.as_view(), name="api_entry"),
    path("api/ledger/health/", api.HealthView.as_view(), name="api_health"),
    path("api/ledger/checkpoint/", api.CheckpointView.as_view(), name="api_checkpoint"),
    path("ledger/", health_views.show, name="health"),
    path("ledger/clock/", health_views.explain_clock, name="explain_clock"),
    path("ledger/followers/<slug:name>/", health_views.resume, name="resume_follower"),
]
