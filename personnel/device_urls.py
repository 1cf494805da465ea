"""Addresses of the devices that act over the API; part of the people's room."""

from django.urls import path

from personnel import device_views

urlpatterns = [
    path("devices/", device_views.devices, name="devices"),
    path("devices/<slug:device>/token/", device_views.draw, name="draw_device_token"),
    path("devices/<slug:device>/revoke/", device_views.revoke, name="revoke_device"),
]
