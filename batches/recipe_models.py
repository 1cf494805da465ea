"""Read model of master batch records: one row a version."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class RecipeLine(models.Model):
    """One version of a master batch record, how far it has come, and when it may be used."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=40)
    recipe = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    content_sha256 = models.CharField(max_length=64)
    author = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    steps = models.PositiveIntegerField(default=0)
    edits = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=20, default="draft")
    returned_because = models.TextField(blank=True)
    dry_run_sha256 = models.CharField(max_length=64, blank=True)
    dry_run_walked = models.PositiveIntegerField(default=0)
    submitted_by = models.CharField(max_length=80, blank=True)
    submitted_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=80, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    superseded_from = models.DateTimeField(null=True)
    superseded_by = models.PositiveIntegerField(null=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.TextField(blank=True)

    class Meta:
        db_table = "batches_recipe"

    def __str__(self) -> str:
        return self.key

    def standing(self, at: datetime) -> str:
        """In one word: draft, submitted, reviewed, approved, effective, superseded, withdrawn."""
        if self.stage != "approved":
            return self.stage
        if self.superseded_from is not None and self.superseded_from <= at:
            return "superseded"
        begun = self.effective_from is not None and self.effective_from <= at
        return "effective" if begun else "approved"
