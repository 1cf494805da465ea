"""Addresses of the equipment room."""

from django.urls import path

from equipment import views

app_name = "equipment"
urlpatterns = [
    path("", views.home, name="home"),
    path("register/", views.register, name="register"),
    path("<slug:number>/", views.unit, name="unit"),
    path("<slug:number>/entries/", views.make_entry, name="make_entry"),
    path("<slug:number>/entries/<int:entry>/", views.correct_entry, name="correct_entry"),
    path("<slug:number>/move/", views.move, name="move"),
    path("<slug:number>/stop/", views.take_out_of_service, name="take_out_of_service"),
    path("<slug:number>/return/", views.return_to_service, name="return_to_service"),
]
