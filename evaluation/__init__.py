"""Reader-study statistics of marks: tables, intervals, tests, figures and exports.

`python -m evaluation marks.csv` and the clinic's results page start here; nothing of the clinic or of inference is
known.
"""
