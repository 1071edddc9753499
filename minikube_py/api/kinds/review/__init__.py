"""What the review kinds share."""
