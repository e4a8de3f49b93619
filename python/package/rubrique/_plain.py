"""What JSON says of values that it has no word for."""

import os


def plain(value):
    """Numbers of NumPy's as numbers, paths as strings."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a setting cannot be a {type(value).__name__}")
