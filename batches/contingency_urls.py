"""Addresses of work on paper and of the files kept with a batch."""

from django.urls import path

from batches import contingency_views as views

urlpatterns = [
    path("<slug:number>/contingency/", views.home, name="contingency"),
    path("<slug:number>/contingency/<int:copy>/", views.account, name="account_sheets"),
    path("<slug:number>/contingency/<int:copy>/scan/", views.scan, name="scan_sheets"),
    path("<slug:number>/contingency/<int:copy>/missing/", views.missing, name="missing_sheets"),
    path("<slug:number>/contingency/<int:copy>/given-up/", views.give_up, name="give_up_sheets"),
    path("<slug:number>/contingency/sheets/<uuid:command_id>/", views.sheets, name="sheets_made"),
    path("<slug:number>/files/", views.files, name="files"),
    path("<slug:number>/files/<int:file>/", views.certify, name="certify_file"),
    path("<slug:number>/files/<int:file>/content/", views.content, name="file_content"),
]
