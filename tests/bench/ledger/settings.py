"""The product's settings, and the ledgers that ours is compared with."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "mptt", "hordak", "tests.bench.ledger.conventional"]
CURRENCIES = ["CNY"]
HORDAK_CURRENCIES = CURRENCIES
DEFAULT_CURRENCY = HORDAK_INTERNAL_CURRENCY = "CNY"

if "BENCH_AS_OWNER" in os.environ:  # django-hordak's migrations know one connection only
    DATABASES = {"default": DATABASES["owner"]}
