"""Rules that the kinds which make pods share."""
