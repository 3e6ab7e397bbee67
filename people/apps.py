"""Registers the app with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the package's docstring for what lives here."""

    name = "people"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from people import checks  # noqa: F401  (importing it registers the checks)
