"""Addresses of the identity vault. No address ever holds more than a pseudonym."""

from django.urls import URLPattern
from django.urls import path as at

from personnel import vault_request_views as requests
from personnel import vault_views as views
from personnel.vault_discretion import View, discreet


def path(route: str, view: View, *, name: str) -> URLPattern:
    return at(route, discreet(view), name=name)


urlpatterns = [
    path("vault/", views.vault_page, name="vault"),
    path("vault/find/", requests.find, name="vault_find"),
    path("vault/register/<slug:kind>/", views.register, name="vault_register"),
    path("vault/<slug:subject>/", views.subject, name="vault_subject"),
    path("vault/<slug:subject>/show/", views.show, name="vault_show"),
    path("vault/<slug:subject>/ask/", views.ask, name="vault_ask"),
    path("vault/<slug:subject>/correct/", views.correct, name="vault_correct"),
    path("vault/<slug:subject>/extend/", views.extend, name="vault_extend"),
    path("vault/<slug:subject>/erase/", views.erase, name="vault_erase"),
    path("vault/<slug:subject>/<slug:request_id>/grant/", views.grant, name="vault_grant"),
    path(
        "vault/<slug:subject>/<slug:request_id>/decline/",
        views.decline,
        name="vault_decline",
    ),
    path("vault/<slug:subject>/<slug:request_id>/see/", views.see, name="vault_see"),
    path("vault/<slug:subject>/<slug:request_id>/copy/", requests.copy, name="vault_copy"),
]
