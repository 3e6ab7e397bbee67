"""Which of allauth's views there are, one by one: what is not wanted (sign-up, e-mail addresses) does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, URLResolver, include, path, re_path

from login import views
from login.factors import factors_told, whole
from login.single_sign_on import views as single_sign_on

SECOND_FACTOR: list[URLPattern | URLResolver] = [
    path("", mfa.index, name="mfa_index"),
    path("authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", factors_told(totp.activate_totp), name="mfa_activate_totp"),
    path("totp/deactivate/", factors_told(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/",
        factors_told(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("webauthn/add/", factors_told(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "webauthn/keys/<int:pk>/remove/", factors_told(webauthn.remove_webauthn), name="mfa_remove_webauthn"
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.login, name="account_login"),
    path("out/", account.logout, name="account_logout"),
    path("closed/", account.account_inactive, name="account_inactive"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("left/", views.session_left, name="session_left"),
    path("stay/", views.session_stay, name="session_stay"),
    path("password/", whole(account.password_change), name="account_change_password"),
    # An account without a password logs in elsewhere; giving itself one would go round that.
    path("password/set/", views.closed, name="account_set_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        whole(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("with/<slug:source_id>/", single_sign_on.start, name="single_sign_on"),
    path("with/<slug:source_id>/back/", single_sign_on.back, name="single_sign_on_back"),
    path("with/<slug:source_id>/keys/", single_sign_on.our_keys, name="single_sign_on_keys"),
    path("second-factor/", include(SECOND_FACTOR)),
]
