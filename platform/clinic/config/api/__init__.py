"""What the whole API shares: its refusals in words, and its description."""
