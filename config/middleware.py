"""Middleware for the pages that people open; callbacks from machines pass straight through."""

from collections.abc import Awaitable

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.deprecation import MiddlewareMixin

_PAGES = ("/admin/", "/i18n/", "/login/", "/docs/")

# Alpine, which the admin's pages are built with, evaluates expressions found in attributes.
_CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class PagesOnly(MiddlewareMixin):
    """Skip the middleware mixed with this one unless a page is asked for."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if request.path_info.startswith(_PAGES):
            return super().__call__(request)
        return self.get_response(request)


class Sessions(PagesOnly, SessionMiddleware):
    """Remember who signed in."""


class Locale(PagesOnly, LocaleMiddleware):
    """Speak the language that the person chose."""


class Authentication(PagesOnly, AuthenticationMiddleware):
    """Attach the signed-in user."""


class Messages(PagesOnly, MessageMiddleware):
    """Carry notices to the next page."""


class ContentSecurityPolicy(PagesOnly, MiddlewareMixin):
    """Forbid foreign scripts, foreign form targets and framing."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        return response
