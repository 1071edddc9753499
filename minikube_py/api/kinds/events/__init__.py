"""One kind of event in two API groups: v1, as which it is stored, and events.k8s.io/v1."""
