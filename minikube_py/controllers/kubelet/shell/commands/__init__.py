"""Programs of a small Unix, each a Command: files by theme, all in table.COMMANDS."""
