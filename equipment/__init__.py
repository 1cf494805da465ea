"""Units of equipment and their logbooks."""
