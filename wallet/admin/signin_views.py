"""Signing in: name and password, then the second factor of those who have one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from wallet.admin.signin_forms import CodeForm, SignInForm
from wallet.audit import acting
from wallet.models import SecondFactor, StaffLogin
from wallet.network import caller_address
from wallet.signin import factor, sessions

if TYPE_CHECKING:
    _CodeFormView = FormView[CodeForm]
else:
    _CodeFormView = FormView

_PENDING = "signin_pending"
_PENDING_SECONDS = 300
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """The first step."""

    template_name = "admin/login.html"
    authentication_form = SignInForm
    next_page = "admin:index"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET" and admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not factor.is_on(user):
            return super().form_valid(form)
        self.request.session[_PENDING] = {"user": user.pk, "at": time.time()}
        query = urlencode({REDIRECT_FIELD_NAME: self.get_redirect_url()})
        return HttpResponseRedirect(f"{reverse('signin_code')}?{query}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                **admin.site.each_context(self.request),
                "title": _("Log in"),
                "subtitle": None,
                "app_path": self.request.get_full_path(),
                **kwargs,
            }
        )


@method_decorator([sensitive_post_parameters(), csrf_protect, never_cache], name="dispatch")
class EnterCode(RedirectURLMixin, _CodeFormView):
    """The second step, for five minutes after the first."""

    template_name = "admin/signin/code.html"
    form_class = CodeForm
    next_page = "admin:index"
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = _pending_user(request)
        if user is None:
            messages.info(request, _("That took too long. Please sign in again."))
            return HttpResponseRedirect(reverse("admin:login"))
        self.user = user
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "request": self.request,
            "user": self.user,
            "recovery": "recovery" in self.request.GET,
        }

    def form_valid(self, form: CodeForm) -> HttpResponse:
        del self.request.session[_PENDING]
        setattr(self.request, sessions.FACTOR_SHOWN, form.outcome)
        login(self.request, self.user, backend=_BACKEND)
        if form.outcome == StaffLogin.Outcome.RECOVERY:
            self._warn_of_codes_left()
        return HttpResponseRedirect(self.get_success_url())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A recovery code that is used up is a change of the staff member's own.
        with acting(actor_id=self.user.pk, address=str(caller_address(request) or "")):
            return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {
            **admin.site.each_context(self.request),
            "title": _("Second factor"),
            "recovery": "recovery" in self.request.GET,
            "next_query": urlencode({REDIRECT_FIELD_NAME: self.get_redirect_url()}),
            **kwargs,
        }
        return super().get_context_data(**context)

    def _warn_of_codes_left(self) -> None:
        left = len(SecondFactor.objects.get(user=self.user).recovery)
        text = ngettext(
            "You used a recovery code; %(left)s is left. Without your phone, set up another one.",
            "You used a recovery code; %(left)s are left. Without your phone, set up another one.",
            left,
        )
        messages.warning(self.request, text % {"left": left})


def _pending_user(request: HttpRequest) -> User | None:
    pending: dict[str, Any] = request.session.get(_PENDING) or {}
    if time.time() - pending.get("at", 0) > _PENDING_SECONDS:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True, is_staff=True).first()
