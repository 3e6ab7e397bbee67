"""Questions over many rows that the console asks: each in a bounded number of queries, scoped as its caller is."""
