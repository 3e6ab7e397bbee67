"""What a web server loads."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from cstf_site.garbage import leave_out_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstf_site.settings")

# The code with which a gunicorn worker says that starting again will not help.
WORKER_CANNOT_BOOT = 3

try:
    application = get_wsgi_application()
    leave_out_what_is_loaded()
except ImproperlyConfigured as refusal:
    sys.stderr.write(f"{refusal}\n")
    sys.exit(WORKER_CANNOT_BOOT)
