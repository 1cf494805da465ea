"""Addresses of the people's room."""

from django.urls import include, path

from personnel import views

app_name = "personnel"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/demo/", views.sign_in_demo, name="sign_in_demo"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("", include("personnel.people_urls")),
    path("", include("personnel.device_urls")),
    path("", include("personnel.signing_urls")),
    path("", include("personnel.training_urls")),
    path("", include("personnel.vault_urls")),
    # The admin site's own doors would let people in, out and change passwords off the trail.
    path("admin/login/", views.admin_sign_in),
    path("admin/logout/", views.sign_out),
    path("admin/password_change/", views.admin_password),
    path("admin/password_change/done/", views.admin_password),
]
