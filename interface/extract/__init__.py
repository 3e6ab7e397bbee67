"""Reading GO extracts: an organisation's people, assignments, competences and elements from its staff record."""
