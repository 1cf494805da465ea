"""R2: attacks on a sealed log by somebody with every right over the database."""
