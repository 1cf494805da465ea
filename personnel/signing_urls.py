"""Addresses of the signing pages."""

from django.urls import path

from personnel import signing_views as views

urlpatterns = [
    path("signing/", views.mine, name="signing"),
    path("signing/enrol/", views.enrol, name="signing_enrol"),
    path("signing/passkey/", views.enrol_passkey, name="signing_passkey"),
    path("signing/policy/", views.acknowledge, name="signing_acknowledge"),
    path("signing/withdraw/", views.withdraw_own, name="signing_withdraw_own"),
    path("signing/keys/", views.all_keys, name="signing_keys"),
    path("signing/keys/confirm/", views.confirm, name="signing_confirm"),
    path("signing/keys/<slug:person>/withdraw/", views.withdraw, name="signing_withdraw"),
]
