"""Where a scan box sends a picture."""

from django.urls import path

from batches import scan_views

urlpatterns = [path("scan/picture/", scan_views.picture, name="scan_picture")]
