"""Addresses of people, accounts and sessions; part of the people's room."""

from django.urls import path

from personnel import session_views

urlpatterns = [
    path("session/unlock/", session_views.unlock, name="unlock"),
    path("session/still-here/", session_views.still_here, name="still_here"),
    path("session/role/", session_views.role, name="role"),
    path("session/password/", session_views.password, name="password"),
]
