"""What the ledger's templates may ask for."""
