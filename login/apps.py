"""Registers the log-in with Django, and with it the system checks."""

from django.apps import AppConfig


class LoginConfig(AppConfig):
    """See the package's docstring for what lives here."""

    name = "login"
    verbose_name = "Log-in"

    def ready(self) -> None:
        from login import checks, events  # noqa: F401  (importing them registers the checks and the receivers)
