"""Pages about one's own sign-in; they stand before the admin's and replace two of those."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from wallet.admin import signin_own as own
from wallet.admin.signin_views import EnterCode, SignIn

own_page = admin.site.admin_view

urlpatterns = [
    path("login/", SignIn.as_view()),
    path("login/code/", EnterCode.as_view(), name="signin_code"),
    path("password_change/", own_page(own.change_password)),
    path("security/", own_page(own.overview), name="security"),
    path("security/second-factor/", own_page(own.set_up), name="second_factor"),
    path("security/second-factor/off/", own_page(own.switch_off), name="second_factor_off"),
    path("security/recovery-codes/", own_page(own.recovery_codes), name="recovery_codes"),
    path("security/sessions/end/", own_page(own.end_other_sessions), name="end_other_sessions"),
    path("security/sessions/<int:number>/end/", own_page(own.end_session), name="end_session"),
]
