"""The console's own pages, one module each. Every module of this package is imported when the console starts."""
