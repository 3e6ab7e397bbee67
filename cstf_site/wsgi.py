"""What a web server loads."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstf_site.settings")

# The code with which a gunicorn worker says that starting again will not help.
WORKER_CANNOT_BOOT = 3

try:
    application = get_wsgi_application()
except ImproperlyConfigured as refusal:
    sys.stderr.write(f"{refusal}\n")
    sys.exit(WORKER_CANNOT_BOOT)
