"""An OpenID Connect provider of the tests' own: allauth's, served on loopback in a process of its own.

It knows nothing of the product. Beyond allauth it verifies client assertions (`private_key_jwt`) by itself, and lies on
request, for the product has to notice.
"""
