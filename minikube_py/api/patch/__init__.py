"""Patches: JSON Patch, JSON Merge Patch and strategic merge patch, each a function from document to document.

The document is never changed: what a patch touches is copied along its path, the rest is shared.
"""
