"""Invented data for a demonstration: two organisations, their people, and what their LMSs send. No real person."""
