"""The networks that ship with the package (see README.md in this folder)."""
