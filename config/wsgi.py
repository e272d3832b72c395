"""The web entry point, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Who waits for an answer waits no longer than this for a lock, whatever holds it: eBET is told
# "busy" within its 2.5 seconds, also when a table is locked as a whole.
os.environ.setdefault("PGOPTIONS", "-c lock_timeout=2s")

application = get_wsgi_application()
