"""Organisations (VPDs), positions, persons, applications and assignments: who the records are about."""
