"""Helpers without any mathematics: errors, types, files, and settings of the whole process."""
