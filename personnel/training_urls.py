"""Addresses about training."""

from django.urls import path

from personnel import training_views as views

urlpatterns = [
    path("training/", views.matrix, name="training"),
    path("training/items/", views.items, name="training_items"),
    path("training/items/introduce/", views.introduce, name="training_introduce"),
    path("training/items/demand/", views.demand, name="training_demand"),
    path("training/items/demand-no-longer/", views.free, name="training_free"),
    path("training/items/<str:item>/version/", views.version, name="training_version"),
    path("training/<slug:person>/", views.person, name="training_person"),
    path("training/<slug:person>/record/", views.record, name="training_record"),
    path("training/<slug:person>/<str:item>/<str:version>/revoke/", views.revoke,
         name="training_revoke"),
]  # fmt: skip
