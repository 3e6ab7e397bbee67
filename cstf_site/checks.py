"""System checks: a configuration that would break a promise later is named before anything runs."""
