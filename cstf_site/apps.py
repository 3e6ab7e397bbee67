"""Registers the composition root with Django, and with it the system checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """See the package's docstring for what lives here."""

    name = "cstf_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from cstf_site import checks  # noqa: F401  (importing it registers the checks)
