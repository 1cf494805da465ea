"""Read-only windows: `Account.has_perm` grants looking alone, to the system administrator alone."""

from django.contrib import admin

from batches.models import BatchLine, ExceptionLine, RecipeLine


@admin.register(RecipeLine)
class RecipeWindow(admin.ModelAdmin):
    list_display = ("recipe", "version", "title", "approved_at")


@admin.register(BatchLine)
class BatchWindow(admin.ModelAdmin):
    list_display = ("batch", "product", "recipe", "version", "done", "steps", "completed_at")


@admin.register(ExceptionLine)
class ExceptionWindow(admin.ModelAdmin):
    list_display = ("batch", "number", "step", "kind", "severity", "raised_at", "assessed_at")
    list_filter = ("kind", "severity")
