"""A run on disk: its record, its folder, and the snapshots from which it resumes."""
