"""Who somebody is: log-in, second factor, sessions and how they end. It knows nothing of people's records."""
