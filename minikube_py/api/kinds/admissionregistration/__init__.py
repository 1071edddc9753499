"""Rules that webhook configurations and admission policies share."""
