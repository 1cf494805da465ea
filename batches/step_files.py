"""Files that a step asks for: kept by hash, named in the step by their number."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, QueryDict

from batches import attachment
from batches.attachment import LARGEST
from batches.attachment_commands import keep_file, upload
from batches.limits import ParameterKind
from batches.step_forms import StepForm
from ledger import store
from ledger.asking import told as words_of
from ledger.event import Refused, fold
from personnel.session import actor_of


def keep_files(request: HttpRequest, form: StepForm, *, number: str, step: int) -> bool:
    """Keep what was uploaded along with the values; the step's answer is the file's number."""
    for told in form.step.parameters:
        name = f"value_{told.parameter.key}"
        sent = request.FILES.get(f"file_{told.parameter.key}")
        if told.parameter.kind != ParameterKind.ATTACHMENT or sent is None:
            continue
        content = sent.read(LARGEST + 1)
        try:
            upload(
                content,
                keep_file,
                actor=actor_of(request),
                command_id=form.part(name),
                batch=number,
                step=step,
                about=told.parameter.label,
            )
        except Refused as refused:
            if refused.code == "kept_already":
                _name(form, name, _number_of(number, content))
                continue
            form.add_error(name, words_of(refused))
            form.renew()
            return False
        _name(form, name, _number_of(number, content))
    return True


def _name(form: StepForm, name: str, number: str) -> None:
    typed = QueryDict(mutable=True)
    typed.update(form.data)
    typed[name] = form.cleaned_data[name] = number
    form.data = typed


def _number_of(batch: str, content: bytes) -> str:
    """The number under which this very content is kept with the batch."""
    blob = f"sha256:{sha256(content).hexdigest()}"
    events = store.load("files", batch)
    kept = fold(attachment.INITIAL, attachment.evolve, (event.data for event in events))
    return next((str(one.number) for one in kept.files.values() if one.blob == blob), "")
