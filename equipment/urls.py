"""Addresses of the equipment room."""

from django.urls import path

from equipment import room_views, status_views, views

app_name = "equipment"
urlpatterns = [
    path("", views.home, name="home"),
    path("register/", views.register, name="register"),
    path("rooms/", room_views.home, name="rooms"),
    path("rooms/register/", room_views.register, name="register_room"),
    path("rooms/<slug:number>/", room_views.room, name="room"),
    path("rooms/<slug:number>/<slug:what>/", room_views.act, name="room_act"),
    path(
        "rooms/<slug:number>/<slug:workstation>/<slug:what>/",
        room_views.place,
        name="place_act",
    ),
    path("<slug:number>/", views.unit, name="unit"),
    path("<slug:number>/entries/", views.make_entry, name="make_entry"),
    path("<slug:number>/entries/<int:entry>/", views.correct_entry, name="correct_entry"),
    path("<slug:number>/move/", views.move, name="move"),
    path("<slug:number>/stop/", views.take_out_of_service, name="take_out_of_service"),
    path("<slug:number>/return/", views.return_to_service, name="return_to_service"),
    path("<slug:number>/<slug:what>/", status_views.act, name="unit_act"),
]
