"""English of the United Kingdom, which the whole product is written in."""
