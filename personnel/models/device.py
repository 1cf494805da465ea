"""Devices that act over the API, as they stand now."""

from django.db import models


class DeviceRow(models.Model):
    """A device, whom it acts for, and the hash of its token: 256 random bits, so a plain hash."""

    read_model = True

    device = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=80)
    person = models.CharField(max_length=80, db_index=True)
    role = models.CharField(max_length=40)
    token_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    permitted_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "personnel_device"

    def __str__(self) -> str:
        return self.device
