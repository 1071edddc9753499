"""Benchmarks: `python -m benchmarks` measures this project, `--server URL` any API server."""
