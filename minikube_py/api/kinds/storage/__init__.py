"""Rules that the kinds of storage share."""
