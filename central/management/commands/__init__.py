"""Commands of central, one file each."""
