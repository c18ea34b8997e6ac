"""Ways to look at a result: animated frames, an HTML report, a live view in a notebook."""
