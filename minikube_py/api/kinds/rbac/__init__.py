"""Rules that roles and their bindings share."""
