"""Read-only windows: `Account.has_perm` grants looking alone, to the system administrator alone."""

from django.contrib import admin

from personnel.models import Account


@admin.register(Account)
class AccountWindow(admin.ModelAdmin):
    list_display = ("id", "person", "username", "role", "is_active", "is_demo")
    list_filter = ("role", "is_active")
    fields = ("id", "person", "username", "printed_name", "role", "is_active", "is_demo")
