"""The operator console: the admin site, its extra pages, its navigation and the parts its templates draw with."""
