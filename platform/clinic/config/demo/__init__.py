"""The main job told as a story: patients of nobody go in, blinded tables come out; `manage.py demo` tells it."""
