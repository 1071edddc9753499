"""Rules of what a namespace may use."""
