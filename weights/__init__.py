"""The network that ships with the package, see README.md in this folder."""
