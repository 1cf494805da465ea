"""Pages of a container that leaves: issue form, the ward's side, what became of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from batches import container_forms as forms
from batches import container_issue_commands as commands
from batches.collection_views import look_address
from batches.container_views import METHODS, page_of, row_of
from batches.custody_items import batch_subject
from batches.order_asking import SECRETS, bound, form_page
from batches.order_forms import ConfirmForm


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def issue(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("Issue %(item)s to the ward") % {"item": container},
        lead=_("Compare name and date of birth on the bag with the vault, then sign."),
        submit=_("Issue it"),
        done=_("It is issued. The other party signs next."),
        look=_look(container),
    )
    form = bound(request, forms.IssueForm)
    return form_page(request, form, commands.issue_container, page, container=container)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def accept(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("Accept %(item)s") % {"item": container},
        lead=_("The other party compares the same two identifiers and signs."),
        submit=_("Accept it"),
        done=_("Both parties have signed."),
        look=_look(container),
    )
    form = bound(request, forms.AcceptForm)
    return form_page(request, form, commands.accept_container, page, container=container)


@require_http_methods(METHODS)
def thaw(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("Thaw %(item)s") % {"item": container},
        lead=_("The clock to the infusion starts when you press."),
        submit=_("It is thawed now"),
        done=_("The clock runs."),
    )
    form = bound(request, ConfirmForm)
    return form_page(request, form, commands.thaw_container, page, container=container)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def end(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("What became of %(item)s") % {"item": container},
        lead=_("Infused, brought back, or not administered."),
        submit=_("Record it"),
        done=_("It is on record."),
    )
    form = bound(request, forms.EndForm)
    return form_page(request, form, commands.end_container, page, container=container)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def ask_destruction(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("Destroy %(item)s") % {"item": container},
        lead=_("Two people: you bring it, a witness sees it destroyed and signs."),
        submit=_("Bring it to destruction"),
        done=_("The witness signs next."),
        danger=True,
    )
    form = bound(request, forms.DestroyForm)
    return form_page(request, form, commands.ask_destruction, page, container=container)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def destroy(request: HttpRequest, container: str) -> HttpResponse:
    page = page_of(
        container,
        title=_("Witness the destruction of %(item)s") % {"item": container},
        lead=_("You have seen it destroyed."),
        submit=_("I have seen it destroyed"),
        done=_("It is destroyed."),
        danger=True,
    )
    form = bound(request, ConfirmForm)
    return form_page(request, form, commands.destroy_container, page, container=container)


def _look(container: str) -> str:
    return look_address(batch_subject(row_of(container).batch), "issuing", container)
