"""Addresses of containers, storage and samples."""

from django.urls import path

from batches import container_issue_views, container_views, sample_views

FILL, ONE = "fill/<slug:batch>/", "containers/<slug:container>/"
urlpatterns = [
    path(FILL, container_views.fill, name="fill"),
    path(f"{FILL}dose/", container_views.dose, name="set_dose"),
    path(f"{FILL}containers/", container_views.fill_containers, name="fill_containers"),
    path(f"{FILL}freezing/", container_views.freezing, name="record_freezing"),
    path(f"{FILL}waste/", container_views.waste, name="record_waste"),
    path(ONE, container_views.container, name="container"),
    path(f"{ONE}store/", container_views.store, name="store_container"),
    path(f"{ONE}decide/", container_views.disposition, name="disposition_container"),
    path(f"{ONE}issue/", container_issue_views.issue, name="issue_container"),
    path(f"{ONE}accept/", container_issue_views.accept, name="accept_container"),
    path(f"{ONE}thaw/", container_issue_views.thaw, name="thaw_container"),
    path(f"{ONE}end/", container_issue_views.end, name="end_container"),
    path(f"{ONE}destroy/", container_issue_views.ask_destruction, name="ask_destruction"),
    path(f"{ONE}witness/", container_issue_views.destroy, name="destroy_container"),
    path("storage/", container_views.storage, name="storage"),
    path("storage/<slug:tank>/excursion/", container_views.excursion, name="record_excursion"),
    path("samples/", sample_views.home, name="samples"),
    path("samples/take/", sample_views.take, name="take_sample"),
    path("samples/<slug:sample>/", sample_views.sample, name="sample"),
]
