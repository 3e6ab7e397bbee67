"""Which address shows what."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

admin.site.site_header = "CSTF interface"
admin.site.site_title = "CSTF interface"
admin.site.index_title = "Staff record and LMS exchange"

urlpatterns: list[URLPattern | URLResolver] = [
    path("log-in/", include("login.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
