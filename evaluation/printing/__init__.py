"""The output formats; each takes `evaluation.findings.Findings` and gives text."""
