"""What production demands of its environment, told all at once."""

import base64
import binascii
from collections.abc import Callable
from ipaddress import ip_network

import environ
from django.core.exceptions import ImproperlyConfigured

from config import delivery


def _database_url(value: str) -> str:
    if value.partition("://")[0] not in {"postgres", "postgresql"}:
        return "must begin with postgresql://"
    return ""


def _broker_url(value: str) -> str:
    if value.partition("://")[0] not in {"redis", "rediss", "redis+socket", "amqp", "amqps"}:
        return "must be a redis:// or amqp:// URL"
    return ""


def _secret_key(value: str) -> str:
    if len(value) < 50 or len(set(value)) < 10 or value.startswith("django-insecure-"):
        return "is too weak: at least 50 random characters are needed"
    return ""


def _field_encryption_keys(value: str) -> str:
    for key in value.split(","):
        try:
            size = len(base64.urlsafe_b64decode(key))
        except (binascii.Error, ValueError):
            size = 0
        if size != 32:
            return "must list keys made by cryptography.fernet.Fernet.generate_key()"
    return ""


def _allowed_hosts(value: str) -> str:
    if "*" in value.split(","):
        return "must name the hosts; * would accept any"
    return ""


def _networks(value: str) -> str:
    for text in value.split(","):
        try:
            ip_network(text)
        except ValueError:
            return f"lists {text!r}, which is not a network"
    return ""


def _proxies(value: str) -> str:
    if fault := _networks(value):
        return fault
    for text in value.split(","):
        if ip_network(text).prefixlen == 0:
            return f"lists {text!r}, which would believe any caller's X-Forwarded-For"
    return ""


def _off(value: str) -> str:
    if value.lower() not in {"0", "false", "no", "off"}:
        return "cannot be switched on in production"
    return ""


_REQUIRED: dict[str, Callable[[str], str]] = {
    "DATABASE_URL": _database_url,
    "CELERY_BROKER_URL": _broker_url,
    "SECRET_KEY": _secret_key,
    "FIELD_ENCRYPTION_KEYS": _field_encryption_keys,
    "ALLOWED_HOSTS": _allowed_hosts,
}
_OPTIONAL: dict[str, Callable[[str], str]] = {
    "DATABASE_OWNER_URL": _database_url,
    "TRUSTED_PROXIES": _proxies,
    "STAFF_ALLOWED_NETWORKS": _networks,
    "EXPORT_STORE": delivery.fault_of,
    "DEBUG": _off,
}


def demand(env: environ.Env) -> None:
    """Raise ImproperlyConfigured naming every setting that is missing or weak; never its value."""
    faults = []
    for name, fault_of in (_REQUIRED | _OPTIONAL).items():
        value = env.str(name, default="")
        if not value:
            if name in _REQUIRED:
                faults.append(f"{name} is missing")
        elif fault := fault_of(value):
            faults.append(f"{name} {fault}")
    if faults:
        raise ImproperlyConfigured("; ".join(faults) + ". See .env.example.")
