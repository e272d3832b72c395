"""Addresses. Callbacks live at the root because eBET appends its event names to one base URL."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import healthz

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", include("wallet.admin.signin_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("i18n/", include("wallet.admin.urls")),
    path("healthz", healthz),
    path("", include("callbacks.urls")),
]

handler403 = "wallet.admin.refusals.permission_denied"
handler404 = "wallet.admin.refusals.page_not_found"
