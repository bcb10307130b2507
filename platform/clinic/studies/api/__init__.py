"""The API of the studies app: what the reader's and the desk's pages do, for programs, one module per page."""
