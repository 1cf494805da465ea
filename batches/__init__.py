"""Master batch records and the batches made by them: recipe, record, steps, limits, exceptions."""
