"""The scheduler's plugins, one file each, by upstream's names (pkg/scheduler/framework/plugins)."""
