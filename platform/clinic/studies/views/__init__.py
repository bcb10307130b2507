"""The pages of the studies app, one module per page."""
