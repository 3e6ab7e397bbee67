"""Which address shows what."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cstf_site.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("log-in/", include("login.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]

handler400 = "cstf_site.error_pages.bad_request"
handler403 = "cstf_site.error_pages.not_allowed"
handler404 = "cstf_site.error_pages.not_found"
handler429 = "cstf_site.error_pages.too_often"
handler500 = "cstf_site.error_pages.bug"
