"""Columns of numbers in files: read block by block, a formula computed over them, results written beside them.

`delimited` and `parquet` read the two kinds of files as `Block`s, `reading` opens them and gives small ones whole;
`writing` writes blocks, `runs` computes them, and `spread` hands whole files to the workers of a Dask scheduler.
pyarrow, from the extra `data`, is imported where it is used.
"""

from .reading import read_columns

__all__ = ["read_columns"]
