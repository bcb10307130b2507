"""The pages of the house itself: the door, home, people and errors."""
