#!/usr/bin/env python
"""Django's command line. In the demo it finds the embedded PostgreSQL, or starts one for itself."""

import os
import sys


def main() -> None:
    """Run one command; tell what is wrong with the settings in a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from config.embedded import postgres
    from config.embedded.process import CannotStart

    try:
        if not settings.EMBEDDED:
            execute_from_command_line(sys.argv)
            return
        with postgres.reachable(settings.PATHS):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, CannotStart) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
