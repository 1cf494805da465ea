"""Pages for requests of the people whom the vault knows: whose number it is, a copy of it all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from personnel import vault_forms as forms
from personnel import vault_request_commands as requests
from personnel import vault_views as pages


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form", "asked")
def find(request: HttpRequest) -> HttpResponse:
    """Which pseudonym bears a hospital number. The number is typed, never in an address."""
    form = forms.FindForm(request.POST if request.method == "POST" else None)
    found: str | None = None
    if request.method == "POST":
        asked = pages.typed(form, "kind", "number", "purpose", "reference")
        found = pages.ask_for(request, form, requests.look_up, **asked)
        if found:
            messages.success(request, _("%(subject)s bears this number.") % {"subject": found})
            return redirect("personnel:vault_subject", found)
        form.renew()
    context = {
        "form": form,
        "nobody": found is not None,
        "may": pages.may(request, requests.look_up_subject),
    }
    status = 422 if form.is_bound and found is None else 200
    return render(request, "personnel/vault_find.html", context, status=status)


@require_POST
@never_cache
@sensitive_variables("made")
def copy(request: HttpRequest, subject: str, request_id: str) -> HttpResponse:
    """A copy of all that is held on a subject, as a file that is not kept here."""
    row, form = (
        pages.row_of(subject),
        forms.DecideForm(request.POST, auto_id=f"{request_id}_copy_%s"),
    )
    form.is_valid()
    made = pages.ask_for(request, form, requests.copy, subject=subject, request_id=request_id)
    if made is None:
        return pages.page(request, row, decision=(request_id, form))
    options = {"ensure_ascii": False, "indent": 2}
    answer = JsonResponse(made, json_dumps_params=options)
    answer["Content-Disposition"] = f'attachment; filename="{subject}.json"'
    return answer
