"""One module per question asked of the sheets; each takes `evaluation.sheets.Sheets` and gives rows and tests."""
