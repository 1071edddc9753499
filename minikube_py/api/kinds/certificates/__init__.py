"""Rules of certificate signing requests."""
