"""What runs containers: their file systems and, beside them, whatever else a container runtime gives the kubelet."""
