"""GET and POST /login/<channelId>/: the login page that eBET shows to players.

eBET may show it in a frame of its game page. So the channel's game address may frame it, and the
form's cookie must be allowed to travel there.
"""

import secrets
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_protect

from callbacks import signin
from callbacks.members import NAME_LENGTH
from wallet.models import Channel
from wallet.network import caller_address


class LoginForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@method_decorator([never_cache, csrf_protect, xframe_options_exempt], name="dispatch")
class LoginPageView(View):
    """Asks for the password, tells eBET and closes itself, or says what went wrong."""

    http_method_names = ["get", "post"]
    channel: Channel

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        channel = Channel.objects.filter(pk=int(kwargs["channel_id"])).first()
        if channel is None or not signin.is_offered(channel):
            raise Http404
        self.channel = channel
        language = request.GET.get("language", "")
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        return self._page(form=LoginForm(label_suffix=""))

    def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        form = LoginForm(request.POST, label_suffix="")
        ticket = request.POST.get("ticket", "")
        try:
            if ticket:
                signin.retry(channel=self.channel, ticket=ticket)
            elif form.is_valid():
                signin.sign_in(
                    channel=self.channel, address=caller_address(request), **form.cleaned_data
                )
            else:
                return self._page(form=form)
        except signin.NotSignedIn as error:
            typed = {"username": request.POST.get("username", "")[:NAME_LENGTH]}
            return self._page(form=LoginForm(initial=typed, label_suffix=""), fault=str(error))
        except signin.EbetUnreachable as error:
            return self._page(ticket=error.retry)
        return self._page(done=True)

    def _page(self, **context: Any) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        response = render(
            self.request,
            "login/page.html",
            {"channel": self.channel, "nonce": nonce, "languages": settings.LANGUAGES, **context},
        )
        response.headers["Content-Security-Policy"] = "; ".join(
            [
                "default-src 'none'",
                f"style-src 'nonce-{nonce}'",
                f"script-src 'nonce-{nonce}'",
                "form-action 'self'",
                "base-uri 'none'",
                f"frame-ancestors 'self' {_origin(self.channel.launch_url)}",
            ]
        )
        cookie = response.cookies.get(settings.CSRF_COOKIE_NAME)
        if cookie is not None and self.request.is_secure():
            cookie["samesite"] = "None"
        return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
