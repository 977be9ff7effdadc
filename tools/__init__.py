"""Programs for this repo's own upkeep."""
