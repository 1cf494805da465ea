"""Addresses of the people's room."""

from django.urls import path

from personnel import views

app_name = "personnel"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/demo/", views.sign_in_demo, name="sign_in_demo"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
