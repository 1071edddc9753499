"""What authors of tests import.

plugin      fixtures for pytest, found by its entry point: nothing to import
assertions  checks that say what was there instead
"""
