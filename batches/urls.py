"""Addresses of the batches room."""

from django.urls import include, path

from batches import board_views, review_views, running_views, step_views, views

app_name = "batches"
urlpatterns = [
    path("", views.home, name="home"),
    path("", include("batches.scan_urls")),
    path("", include("batches.label_urls")),
    path("", include("batches.material_urls")),
    path("open/", views.open_batch, name="open"),
    path("board/", board_views.board, name="board"),
    path("exceptions/", review_views.queue, name="queue"),
    path("recipes/", include("batches.recipe_urls")),
    path("", include("batches.paper_urls")),
    path("", include("batches.contingency_urls")),
    path("", include("batches.order_urls")),
    path("", include("batches.container_urls")),
    path("<slug:number>/", views.record, name="record"),
    path("<slug:number>/print/", views.printed, name="print"),
    path("<slug:number>/hold/", review_views.set_hold, name="set_hold"),
    path("<slug:number>/hold/<int:hold>/", review_views.lift_hold, name="lift_hold"),
    path("<slug:number>/complete/", review_views.complete, name="complete"),
    path("<slug:number>/exceptions/<int:exception>/", review_views.assess, name="assess"),
    path("<slug:number>/steps/<int:step>/", step_views.card, name="step"),
    path("<slug:number>/steps/<int:step>/perform/", step_views.perform, name="perform"),
    path("<slug:number>/steps/<int:step>/scribe/", step_views.scribe, name="scribe"),
    path("<slug:number>/steps/<int:step>/verify/", step_views.verify, name="verify"),
    path("<slug:number>/steps/<int:step>/witness/", step_views.witness, name="witness"),
    path("<slug:number>/steps/<int:step>/do/<slug:doing>/", running_views.do, name="do"),
    path("<slug:number>/steps/<int:step>/blocks/", running_views.objections, name="objections"),
    *(
        path(
            f"<slug:number>/steps/<int:step>/{doing}/",
            running_views.at_once,
            {"doing": doing},
            name=doing,
        )
        for doing in running_views.AT_ONCE
    ),
    path("<slug:number>/run/<slug:doing>/", running_views.run, name="run"),
    path("<slug:number>/ready/", board_views.ready, name="ready"),
    path("<slug:number>/steps/<int:step>/countersign/", step_views.countersign, name="countersign"),
    path("<slug:number>/steps/<int:step>/<slug:key>/go-on/", step_views.explain, name="explain"),
    path("<slug:number>/steps/<int:step>/<slug:key>/correct/", step_views.correct, name="correct"),
]
