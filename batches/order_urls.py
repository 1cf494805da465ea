"""Addresses of orders, collections and custody."""

from django.urls import path

from batches import collection_views, custody_views, order_views

COLLECTION, CUSTODY = "collections/<slug:collection>/", "custody/<slug:item>/"
urlpatterns = [
    path("orders/", order_views.home, name="orders"),
    path("orders/new/", order_views.place, name="place_order"),
    path("orders/<slug:order>/", order_views.order, name="order"),
    path("orders/<slug:order>/end/", order_views.end, name="end_order"),
    path("orders/<slug:order>/collect/", order_views.collect, name="collect"),
    path("orders/<slug:order>/bind/", order_views.bind, name="bind_identity"),
    path(
        "orders/<slug:order>/again/<slug:collection>/",
        order_views.ask_again,
        name="ask_recollection",
    ),
    path(COLLECTION, collection_views.collection, name="collection"),
    path(f"{COLLECTION}receive/", collection_views.receive, name="receive_collection"),
    path(f"{COLLECTION}confirm/", collection_views.confirm, name="confirm_collection"),
    path(f"{COLLECTION}decide/", collection_views.judge, name="judge_collection"),
    path(CUSTODY, custody_views.chain, name="custody"),
    path(f"{CUSTODY}hand-over/", custody_views.hand_over, name="hand_over"),
    path(f"{CUSTODY}take-over/", custody_views.take_over, name="take_over"),
    path(f"{CUSTODY}unreadable/", custody_views.ask_relabelling, name="ask_relabelling"),
    path(f"{CUSTODY}relabel/", custody_views.relabel, name="relabel"),
]
