"""The pod spec, which pods and pod templates share: its defaults, its validation and its warnings."""
