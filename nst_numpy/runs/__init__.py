"""A run on disk: its folder, its record, and the snapshots from which it resumes."""
