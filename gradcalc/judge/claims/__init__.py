"""Claims: is a derivative that somebody wrote down as a formula right, and if not, which mistake was made?"""
