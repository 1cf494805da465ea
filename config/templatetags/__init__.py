"""Words for templates that need to know every room."""
