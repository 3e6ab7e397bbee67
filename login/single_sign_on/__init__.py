"""Log-in by way of an OpenID Connect provider (Entra ID, NHSmail, NHS CIS2): who may, and how it is proved.

allauth has the flow; here it is made strict: a provider is believed only by its signature, and only about accounts
that an administrator has made.
"""
