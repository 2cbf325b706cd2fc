"""Programs: is a gradient that somebody wrote in Python right, at a point or over a box?"""
