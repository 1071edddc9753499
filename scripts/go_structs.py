def read(b): return {}
