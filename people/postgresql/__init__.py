"""The database backend of PostgreSQL: Django's, which also tells the server the tenancy scope of every statement."""
