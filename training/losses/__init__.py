"""What recipes add up: the terms of the published losses and our own, and what a VGG sees in two pictures.

Used by training.recipes, which weigh them.
"""
