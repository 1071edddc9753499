"""What authors of tests import.

plugin      fixtures for pytest, found by its entry point: nothing to import
assertions  checks that say what was there instead
report      what the report of a failed test tells of its control plane
"""
