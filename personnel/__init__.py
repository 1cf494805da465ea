"""People as the ledger sees them: accounts, roles, sign-in, and who may ask for what."""
