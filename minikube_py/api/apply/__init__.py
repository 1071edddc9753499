"""Server-side apply: who owns which field of an object, and merging what is applied."""
