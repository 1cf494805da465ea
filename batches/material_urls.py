"""Addresses of materials, in the batches room."""

from django.urls import path

from batches import material_kit_views, material_lot_views, material_views, trace_views

urlpatterns = [
    path("materials/", material_views.stock, name="materials"),
    path("materials/receive/", material_views.receive, name="receive_lot"),
    path("materials/queue/", material_views.queue, name="material_queue"),
    path("materials/items/", material_views.items, name="items"),
    path("materials/items/register/", material_views.register_item, name="register_item"),
    path("materials/items/<slug:number>/", material_views.item, name="item"),
    path("materials/items/<slug:number>/source/", material_views.add_source, name="add_source"),
    path(
        "materials/items/<slug:number>/source/<slug:supplier>/withdraw/",
        material_views.withdraw_source,
        name="withdraw_source",
    ),
    path(
        "materials/items/<slug:number>/minimum/",
        material_views.change_minimum,
        name="change_minimum",
    ),
    path("materials/suppliers/", material_views.suppliers, name="suppliers"),
    path(
        "materials/suppliers/register/", material_views.register_supplier, name="register_supplier"
    ),
    path(
        "materials/suppliers/<slug:number>/approve/",
        material_views.approve_supplier,
        name="approve_supplier",
    ),
    path(
        "materials/suppliers/<slug:number>/suspend/",
        material_views.suspend_supplier,
        name="suspend_supplier",
    ),
    path("materials/kits/", material_kit_views.pick_list, name="pick_list"),
    path("materials/kits/<slug:number>/", material_kit_views.kit, name="kit"),
    path("materials/lots/<slug:number>/", material_lot_views.lot, name="lot"),
    path(
        "materials/lots/<slug:number>/witness/<int:destruction>/",
        material_lot_views.witness,
        name="witness_destruction",
    ),
    path("materials/lots/<slug:number>/label/", material_lot_views.label, name="lot_label"),
    path("materials/lots/<slug:number>/code.svg", material_lot_views.symbol, name="lot_symbol"),
    path("materials/lots/<slug:number>/<slug:doing>/", material_lot_views.do, name="do_lot"),
    path("trace/", trace_views.trace, name="trace"),
    path("trace/recall/", trace_views.recall, name="recall"),
]
