"""贝盈 (BetWin): accounts, launch links and transfers."""
