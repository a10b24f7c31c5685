"""What the specifications and our own promises say, row by row and in any order."""
