"""Addresses beside the admin's own."""

from django.urls import path

from wallet.admin.timezones import choose

urlpatterns = [path("timezone/", choose, name="set_timezone")]
