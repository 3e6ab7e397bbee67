"""The composition root: the only place that knows every app, and puts them together."""
