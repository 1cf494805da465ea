"""The ledger's pages and API, asked for without a browser."""
