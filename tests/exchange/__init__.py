"""The exchange from outside: real commands, real files, and what the specification says of them."""
