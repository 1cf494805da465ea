"""Addresses of printed records."""

from django.urls import path

from batches import paper_views

urlpatterns = [
    path("prints/check/", paper_views.check, name="check_print"),
    path("<slug:number>/paper/", paper_views.make, name="paper"),
    path("<slug:number>/paper/<uuid:command_id>/", paper_views.made, name="paper_made"),
    path("<slug:number>/paper/<uuid:command_id>/file/", paper_views.file, name="paper_file"),
]
