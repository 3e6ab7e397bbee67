#!/usr/bin/env python
"""The command line: every operator's command starts here."""

import os
import sys


def main() -> None:
    """Run one command; a setting that makes no sense stops it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstf_site.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))
    from django.core.management import execute_from_command_line

    from cstf_site.command_line import acting_by_command

    with acting_by_command(sys.argv[1] if len(sys.argv) > 1 else ""):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
