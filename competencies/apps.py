"""Registers the app with Django."""

from django.apps import AppConfig


class CompetenciesConfig(AppConfig):
    """See the package's docstring for what lives here."""

    name = "competencies"
    verbose_name = "Competencies"
    default_auto_field = "django.db.models.BigAutoField"
