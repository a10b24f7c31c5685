"""Load generator and benchmarks: `python -m benchmarks.run`."""
