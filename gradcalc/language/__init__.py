"""The language of formulas: its nodes, the table of functions, and the reading of text."""
