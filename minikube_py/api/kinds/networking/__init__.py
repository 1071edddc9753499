"""Rules that the kinds of networking share."""
