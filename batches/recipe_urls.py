"""Addresses of master batch records, below `batches/recipes/`."""

from django.urls import path

from batches import recipe_dry_run_views as dry_run
from batches import recipe_editor_views as editor
from batches import recipe_exchange_views as exchange
from batches import recipe_views as views

urlpatterns = [
    path("", views.home, name="recipes"),
    path("draft/", views.new, name="draft_recipe"),
    path("schema.json", exchange.published, name="recipe_schema"),
    path("<slug:number>/", views.versions, name="recipe_versions"),
    path("<slug:number>/<int:version>/", views.recipe, name="recipe"),
    path("<slug:number>/<int:version>/edit/", editor.edit, name="edit_recipe"),
    path("<slug:number>/<int:version>/edit/act/", editor.act, name="act_on_recipe"),
    path("<slug:number>/<int:version>/edit/attempt/", editor.attempt, name="attempt_recipe"),
    path("<slug:number>/<int:version>/edit/library/", editor.library, name="recipe_library"),
    path(
        "<slug:number>/<int:version>/pictures/<slug:digest>/",
        exchange.picture,
        name="recipe_picture",
    ),
    path("<slug:number>/<int:version>/export.json", exchange.export, name="export_recipe"),
    path(
        "<slug:number>/<int:version>/beside/<int:other>/",
        exchange.difference,
        name="recipe_difference",
    ),
    path("<slug:number>/<int:version>/dry-run/<int:step>/", dry_run.walk, name="recipe_dry_run"),
    path("<slug:number>/<int:version>/submit/", views.submit, name="submit_recipe"),
    path("<slug:number>/<int:version>/review/", views.review, name="review_recipe"),
    path("<slug:number>/<int:version>/approve/", views.approve, name="approve_recipe"),
    path("<slug:number>/<int:version>/return/", views.send_back, name="return_recipe"),
    path("<slug:number>/<int:version>/withdraw/", views.withdraw, name="withdraw_recipe"),
]
