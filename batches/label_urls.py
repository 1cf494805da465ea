"""Addresses of labels: of a batch, and of a roll that was printed for stock."""

from django.urls import path

from batches import label_views

urlpatterns = [
    path("labels/", label_views.rolls, name="label_rolls"),
    path("<slug:number>/labels/", label_views.page, name="labels"),
    path("<slug:number>/labels/print/", label_views.print_labels, name="print_labels"),
    path("<slug:number>/labels/destroy/", label_views.destroy, name="destroy_labels"),
    path("<slug:number>/labels/retain/", label_views.retain, name="retain_labels"),
    path("<slug:number>/labels/reconcile/", label_views.reconcile, name="reconcile_labels"),
]
