"""Pages of rooms and workstations: the list, one room, and what is recorded about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from equipment import claim_commands, room_commands, room_queries, status_forms
from equipment.status_views import SECRETS, Page, answer, asked, may, offered
from personnel.queries import printed_names

REGISTER = Page(
    room_commands.register,
    status_forms.RoomForm,
    gettext_lazy("Register a room"),
    gettext_lazy("The number on the door. It stays with the room for good."),
    gettext_lazy("Register"),
    gettext_lazy("The room is in the register."),
)
PAGES = {
    "clean": Page(
        room_commands.clean,
        status_forms.CleanForm,
        gettext_lazy("Record a cleaning"),
        gettext_lazy("The room was cleaned just now."),
        gettext_lazy("Record the cleaning"),
        gettext_lazy("The cleaning is on record."),
    ),
    "clear": Page(
        room_commands.clear_line,
        status_forms.BatchForm,
        gettext_lazy("Clear the line"),
        gettext_lazy("Nothing of another batch is left: no material, label, paper or waste."),
        gettext_lazy("Sign the line clearance"),
        gettext_lazy("The line is cleared. Now a second person looks and signs."),
    ),
    "check": Page(
        room_commands.check_line_clearance,
        status_forms.BatchForm,
        gettext_lazy("Check the line clearance"),
        gettext_lazy("You looked yourself, and somebody else has cleared the line."),
        gettext_lazy("Sign the check"),
        gettext_lazy("The line is clear, by two people's word."),
    ),
    "enter": Page(
        claim_commands.enter_room,
        status_forms.BatchForm,
        gettext_lazy("Bring a batch in"),
        gettext_lazy("The room must be clean, free of holds, and cleared for this batch."),
        gettext_lazy("Bring it in"),
        gettext_lazy("The batch is in the room."),
    ),
    "leave": Page(
        claim_commands.leave_room,
        status_forms.BatchForm,
        gettext_lazy("Take a batch out"),
        gettext_lazy("Everything of the batch has left the room and its workstations."),
        gettext_lazy("Take it out"),
        gettext_lazy("The batch has left the room."),
    ),
    "soil": Page(
        room_commands.soil,
        status_forms.ReasonForm,
        gettext_lazy("It must be cleaned"),
        gettext_lazy("After a spill, a visit or a repair: nobody begins here before a cleaning."),
        gettext_lazy("It must be cleaned"),
        gettext_lazy("The room waits for its cleaning."),
        danger=True,
    ),
    "hold": Page(
        room_commands.set_em_hold,
        status_forms.ReasonForm,
        gettext_lazy("Monitoring hold"),
        gettext_lazy("The environmental monitoring is out of limits: no step is done here."),
        gettext_lazy("Set the hold"),
        gettext_lazy("The room is on hold."),
        danger=True,
    ),
    "lift": Page(
        room_commands.lift_em_hold,
        status_forms.ReasonForm,
        gettext_lazy("Lift the monitoring hold"),
        gettext_lazy("Quality assurance says why the room may be used again."),
        gettext_lazy("Sign and lift"),
        gettext_lazy("The hold is lifted."),
    ),
    "workstation": Page(
        room_commands.set_up_workstation,
        status_forms.WorkstationForm,
        gettext_lazy("Set up a workstation"),
        gettext_lazy("A cabinet, an isolator, or the place of a closed device."),
        gettext_lazy("Set it up"),
        gettext_lazy("The workstation is set up."),
    ),
}
PLACES = {
    "claim": Page(
        claim_commands.claim_place,
        status_forms.BatchForm,
        gettext_lazy("Set aside for a batch"),
        gettext_lazy("With its cabinet, in a room that is ready for this batch."),
        gettext_lazy("Set aside"),
        gettext_lazy("The workstation is set aside."),
    ),
    "release": Page(
        claim_commands.release_place,
        status_forms.ReleaseForm,
        gettext_lazy("Release by hand"),
        gettext_lazy("A batch's own steps release what they took; this is where they did not."),
        gettext_lazy("Release"),
        gettext_lazy("The workstation is released."),
        danger=True,
    ),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "rooms": room_queries.rooms(),
        "may_register": may(request, room_commands.register),
    }
    return render(request, "equipment/rooms.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    form = status_forms.RoomForm(request.POST if request.method == "POST" else None)
    if form.is_bound and asked(request, form, REGISTER, {}):
        messages.success(request, REGISTER.done)
        return redirect("equipment:room", form.cleaned_data["room"])
    context = {
        "form": form,
        "page": REGISTER,
        "name": _("Rooms"),
        "back": reverse("equipment:rooms"),
        "may": may(request, room_commands.register),
        "failed": form.is_bound,
    }
    return render(request, "equipment/act.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_safe
def room(request: HttpRequest, number: str) -> HttpResponse:
    told = room_queries.room(number)
    if told is None:
        raise Http404
    people = {one.cleared_by for one in told.clearances} | {
        one.checked_by for one in told.clearances
    }
    names = printed_names(people - {""})
    context = {
        "told": told,
        "clearances": [
            (one, names.get(one.cleared_by, one.cleared_by), names.get(one.checked_by, ""))
            for one in told.clearances
        ],
        "offered": [each for each in offered(request, PAGES) if _fits(each[0], told)],
        "places": offered(request, PLACES),
    }
    return render(request, "equipment/room.html", context)


def _fits(what: str, told: room_queries.RoomTold) -> bool:
    """Whether there is anything to record by this page just now."""
    row = told.row
    waiting = any(not one.checked_by for one in told.clearances)
    wanted = {"hold": not row.em_hold, "lift": row.em_hold, "check": waiting}
    wanted |= {"leave": bool(row.batches), "soil": row.clean_until is not None}
    return wanted.get(what, True)


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, what: str) -> HttpResponse:
    told = room_queries.room(number)
    if told is None or what not in PAGES:
        raise Http404
    back = reverse("equipment:room", args=[number])
    return answer(
        request,
        PAGES[what],
        fixed={"room": number},
        name=f"{told.row.room} {told.row.name}",
        back=back,
        given=_given(what, told),
    )


def _given(what: str, told: room_queries.RoomTold) -> dict[str, Any]:
    """The batch that is surely meant, so that nobody types what the room knows."""
    waiting = [one.batch for one in told.clearances if not one.checked_by]
    cleared = [one.batch for one in told.clearances if one.checked_by]
    outside = [batch for batch in cleared if batch not in told.row.batches]
    meant = {"check": waiting, "enter": outside, "leave": told.row.batches}.get(what, [])
    return {"batch": meant[0]} if len(meant) == 1 else {}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, number: str, workstation: str, what: str) -> HttpResponse:
    row = room_queries.workstation(number, workstation)
    if row is None or what not in PLACES:
        raise Http404
    given = {"batch": row.batches[0]} if what == "release" and row.batches else {}
    return answer(
        request,
        PLACES[what],
        fixed={"workstation": workstation},
        name=f"{row.workstation} {row.label}",
        back=reverse("equipment:room", args=[number]),
        given=given,
    )
