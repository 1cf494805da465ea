"""Read-only windows: `Account.has_perm` grants looking alone, to the system administrator alone."""

from django.contrib import admin

from equipment.models import LogbookLine, Register


@admin.register(Register)
class RegisterWindow(admin.ModelAdmin):
    list_display = ("unit", "label", "unit_class", "location", "in_service", "entries")


@admin.register(LogbookLine)
class LogbookWindow(admin.ModelAdmin):
    list_display = ("unit", "version", "kind", "entry", "person", "role", "recorded_at")
    list_filter = ("kind",)
