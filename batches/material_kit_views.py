"""Pages before the work: what every open batch takes from where, and the kit check by scan."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from batches import material_kit_queries as kits
from batches import material_stock_commands as commands
from batches.codes import LOT, read_code
from batches.material_forms import ScanForm
from batches.material_views import METHODS
from batches.models import BatchLine
from batches.views import may, status


@require_safe
def pick_list(request: HttpRequest) -> HttpResponse:
    """Batch by batch, what is ready and what has to be fetched."""
    listed = [(batch, kits.needs(batch)) for batch in kits.open_batches()]
    context = {"listed": [(batch, needs) for batch, needs in listed if needs]}
    return render(request, "batches/material/pick_list.html", context)


@never_cache
@require_http_methods(METHODS)
def kit(request: HttpRequest, number: str) -> HttpResponse:
    """Scan each lot into the kit: one that could not be used is refused here, not in the room."""
    batch = BatchLine.objects.filter(batch=number).first()
    if batch is None:
        raise Http404
    form = ScanForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = read_code(form.cleaned_data["scan"])
        lot = code.get(LOT) if code.kind == LOT else code.text
        if code.wrong:
            form.add_error("scan", code.wrong)
        elif form.ask(request, commands.pick_lot, batch=number, lot=lot):
            messages.success(request, _("%(lot)s is in the kit.") % {"lot": lot})
            return redirect("batches:kit", number)
    needs = kits.needs(batch)
    context = {
        "batch": batch,
        "needs": needs,
        "form": form,
        "done": sum(need.standing in ("ready", "own") for need in needs),
        "may": may(request, commands.pick_lot) and not (batch.completed_at or batch.aborted_at),
    }
    return render(request, "batches/material/kit.html", context, status=status(form))
