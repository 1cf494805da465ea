"""What measures speed, scale and quality. Never part of the tests."""
