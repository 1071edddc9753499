"""Rules that several of the core kinds share."""
