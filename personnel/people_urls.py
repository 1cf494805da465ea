"""Addresses of people, accounts and sessions; part of the people's room."""

from django.urls import path

from personnel import access_views, people_views, session_views

urlpatterns = [
    path("session/unlock/", session_views.unlock, name="unlock"),
    path("session/still-here/", session_views.still_here, name="still_here"),
    path("session/role/", session_views.role, name="role"),
    path("session/password/", session_views.password, name="password"),
    path("people/", people_views.people, name="people"),
    path("people/enrol/", people_views.enrol, name="enrol"),
    path("people/review/", access_views.review, name="review"),
    path("people/<slug:pseudonym>/", people_views.person, name="person"),
    path("people/<slug:pseudonym>/<slug:name>/", people_views.act, name="act"),
    path("terminals/", access_views.terminals, name="terminals"),
    path("terminals/<slug:terminal>/retire/", access_views.retire, name="retire_terminal"),
]
