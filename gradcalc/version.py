"""The version, where every module can have it without importing the package."""

__version__ = "0.1.0"
TOLD = f"gradcalc {__version__}\n"  # by the command
