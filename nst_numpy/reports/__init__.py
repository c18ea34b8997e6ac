"""Reports on a job: animated frames, an HTML page, and a live view in a notebook."""
