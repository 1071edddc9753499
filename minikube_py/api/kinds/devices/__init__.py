"""Rules of dynamic resource allocation (pkg/apis/resource/validation)."""
