"""REST resources, one file for each subject; each registers itself."""
