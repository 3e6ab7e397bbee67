"""Mending what came in: failed lines decided again, a file looked at before it is applied, a file taken back.

``actions`` names the verbs. Each is whole or nothing: killed anywhere and run again, it ends as if it had never been.
"""
