"""General helpers: errors, type aliases, file access and process-wide settings."""
