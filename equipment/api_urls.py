"""Addresses of the equipment room's part of the API."""

from equipment import api
from personnel.command_api import routes

app_name = "equipment_api"
urlpatterns = [*api.lists, *routes("equipment")]
