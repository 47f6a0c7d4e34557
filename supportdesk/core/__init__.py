"""What every slice stands on; no word of the product in it."""
