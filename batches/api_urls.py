"""Addresses of the batches room's part of the API."""

from batches import api, file_api
from personnel.command_api import routes

app_name = "batches_api"
urlpatterns = [*routes("batches"), file_api.route, *api.lists]
